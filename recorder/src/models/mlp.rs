//! A multilayer perceptron with one hidden layer and ReLU.

use candle_core::{ModuleT, Result, Tensor};
use candle_nn::VarBuilder;

use crate::engine::operators::{Activation, Linear};

const HIDDEN_UNITS: usize = 128;

pub(super) struct Mlp {
    hidden: Linear,
    output: Linear,
}

impl Mlp {
    pub(super) fn new(inputs: usize, outputs: usize, parameters: VarBuilder) -> Result<Self> {
        Ok(Self {
            hidden: Linear::new(inputs, HIDDEN_UNITS, parameters.pp("hidden"))?,
            output: Linear::new(HIDDEN_UNITS, outputs, parameters.pp("output"))?,
        })
    }
}

impl ModuleT for Mlp {
    /// samples × channels × height × width → samples × outputs
    fn forward_t(&self, images: &Tensor, _train: bool) -> Result<Tensor> {
        let hidden = self
            .hidden
            .forward(&images.flatten_from(1)?, Activation::Relu)?;
        self.output.forward(&hidden, Activation::Identity)
    }
}
