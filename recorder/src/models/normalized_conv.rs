//! A convolution and its batch normalisation, which residual networks and EfficientNets are made of.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::layers::{BatchNorm, Conv2d};
use crate::engine::operators::pooling_windows::Windows;

pub(crate) struct NormalizedConv {
    conv: Conv2d,
    norm: BatchNorm,
}

impl NormalizedConv {
    /// Whose parameters have these names; `epsilon` is added to the variance.
    pub(crate) fn new(
        [inputs, outputs]: [usize; 2],
        windows: Windows,
        [conv, norm]: [&str; 2],
        epsilon: f64,
        parameters: &VarBuilder,
    ) -> Result<Self> {
        Ok(Self {
            conv: Conv2d::he_fan_out(inputs, outputs, windows, parameters.pp(conv))?,
            norm: BatchNorm::with_epsilon(outputs, epsilon, parameters.pp(norm))?,
        })
    }

    /// samples × channels × height × width, with what is added before the activation.
    pub(crate) fn forward(
        &self,
        images: &Tensor,
        residual: Option<&Tensor>,
        activation: Activation,
        train: bool,
    ) -> Result<Tensor> {
        self.conv
            .forward_normalized(images, &self.norm, residual, activation, train)
    }
}
