//! The list of all pretrained networks: each is in a file of `networks/` and a line here.

use crate::pretrained::kind::PretrainedKind;
use crate::pretrained::networks::efficientnet_lite::{
    EFFICIENTNET_LITE0, EFFICIENTNET_LITE1, EFFICIENTNET_LITE2,
};
use crate::pretrained::networks::resnet::{RESNET18, RESNET34, RESNET50};
use crate::pretrained::networks::vision_transformer::VIT_SMALL;

/// All of them.
pub static PRETRAINED: [&PretrainedKind; 7] = [
    &EFFICIENTNET_LITE0,
    &EFFICIENTNET_LITE1,
    &EFFICIENTNET_LITE2,
    &RESNET18,
    &RESNET34,
    &RESNET50,
    &VIT_SMALL,
];
