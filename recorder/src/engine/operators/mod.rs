//! What networks are made of: operators whose gradients are right and which are fast on a CPU.
//!
//! On the CPU each operator has a kernel and a backward pass of its own, for f32; on other devices
//! it is composed of candle's operations, going round those whose gradient is wrong. What a caller
//! can see is the same: PyTorch's definitions, whatever the sizes. The same operation on one thread
//! and on several gives the same bits.

pub(crate) mod activations;
pub(crate) mod arguments;
pub(crate) mod batch_norm;
pub(crate) mod buffers;
pub(crate) mod channel_sums;
#[cfg(test)]
mod checks;
pub(crate) mod chunks;
pub(crate) mod composed;
pub(crate) mod composed_convolution;
pub(crate) mod conv2d;
pub(crate) mod conv_batch_norm;
pub(crate) mod convolution;
pub(crate) mod convolution_backward;
pub(crate) mod convolution_kernels;
pub(crate) mod convolution_plan;
pub(crate) mod cross_entropy;
pub(crate) mod depthwise;
pub(crate) mod depthwise_backward;
pub(crate) mod depthwise_kernels;
pub(crate) mod elementwise;
pub(crate) mod frozen_convolution;
pub(crate) mod frozen_depthwise;
pub(crate) mod frozen_grid;
pub(crate) mod frozen_maps;
pub(crate) mod frozen_max_pool;
pub(crate) mod frozen_transformer;
pub(crate) mod input_gradient;
pub(crate) mod instructions;
pub(crate) mod layers;
pub(crate) mod linear;
pub(crate) mod losses;
pub(crate) mod matrix;
pub(crate) mod normalization;
pub(crate) mod panels;
pub(crate) mod pooling;
pub(crate) mod pooling_windows;
pub(crate) mod record;
pub(crate) mod relu;
pub(crate) mod same_padding;
pub(crate) mod values;
pub(crate) mod weight_gradient;
pub(crate) mod winograd;
pub(crate) mod winograd_gradient;
pub(crate) mod winograd_kernels;
pub(crate) mod winograd_tiles;
pub(crate) mod winograd_transforms;
pub(crate) mod winograd_weights;
pub(crate) mod zero_channels;

pub use crate::engine::operators::arguments::{
    Activation, BatchNormParameters, BatchStatistics, Normalized,
};
pub use crate::engine::operators::batch_norm::batch_norm;
pub use crate::engine::operators::conv_batch_norm::{conv2d_batch_norm, depthwise_batch_norm};
pub use crate::engine::operators::conv2d::conv2d;
pub use crate::engine::operators::cross_entropy::cross_entropy;
pub use crate::engine::operators::layers::{BatchNorm, Conv2d, DepthwiseConv2d, Linear};
pub use crate::engine::operators::linear::linear;
pub use crate::engine::operators::losses::{LOSSES, Loss};
pub use crate::engine::operators::pooling::{avg_pool2d, global_avg_pool2d, max_pool2d};
pub use crate::engine::operators::pooling_windows::Windows;
pub use crate::engine::operators::record::backward;
pub use crate::engine::operators::relu::{add_relu, relu};
pub use crate::engine::operators::same_padding::pad_same;
pub use crate::engine::operators::zero_channels::zero_channels;
