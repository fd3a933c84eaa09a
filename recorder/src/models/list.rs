//! The list of all networks: each is in a file beside this one and a line here.

use crate::models::cifar_resnet::{RESNET20, RESNET32, RESNET44, RESNET56};
use crate::models::cnn::CNN;
use crate::models::efficientnet_lite::{
    EFFICIENTNET_LITE0, EFFICIENTNET_LITE1, EFFICIENTNET_LITE2,
};
use crate::models::imagenet_resnet::{RESNET18, RESNET34, RESNET50};
use crate::models::lenet::LENET;
use crate::models::mlp::MLP;
use crate::models::settings::NetworkKind;

pub(crate) static NETWORKS: [&NetworkKind; 13] = [
    &MLP,
    &CNN,
    &LENET,
    &RESNET20,
    &RESNET32,
    &RESNET44,
    &RESNET56,
    &RESNET18,
    &RESNET34,
    &RESNET50,
    &EFFICIENTNET_LITE0,
    &EFFICIENTNET_LITE1,
    &EFFICIENTNET_LITE2,
];
