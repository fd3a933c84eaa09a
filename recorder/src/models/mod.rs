//! The networks that the recorder knows by name, and for which samples each of them is made.

pub(crate) mod cifar_resnet;
pub(crate) mod cnn;
pub(crate) mod efficientnet_lite;
pub(crate) mod efficientnet_lite_blocks;
pub(crate) mod imagenet_resnet;
pub(crate) mod lenet;
pub(crate) mod list;
pub(crate) mod mlp;
pub(crate) mod normalized_conv;
pub(crate) mod settings;

pub use crate::models::settings::{NetworkKind, NetworkSettings};
