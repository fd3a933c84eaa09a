//! Layers made of the parameters of a file, by their names.

use crate::engine::operators::frozen_convolution::{FrozenConvolution, FrozenNorm, FrozenShape};
use crate::engine::operators::frozen_depthwise::FrozenDepthwise;
use crate::error::weights::WeightsError;
use crate::pretrained::weights::file::Weights;

/// Takes the parameters of one network.
pub(crate) struct Layers<'a> {
    pub(crate) weights: &'a Weights,
    pub(crate) network: &'static str,
    /// What its normalisations add to the variance.
    pub(crate) epsilon: f64,
}

impl Layers<'_> {
    /// The convolution and the normalisation of these names.
    pub(crate) fn convolution(
        &self,
        shape: FrozenShape,
        conv: &str,
        norm: &str,
    ) -> Result<FrozenConvolution, WeightsError> {
        let lengths = [shape.outputs, shape.inputs, shape.kernel, shape.kernel];
        let weight = self.take(&format!("{conv}.weight"), &lengths)?;
        Ok(FrozenConvolution::new(
            shape,
            weight,
            &self.norm(norm, shape.outputs)?,
        ))
    }

    /// The same, where each channel sees its own alone.
    pub(crate) fn depthwise(
        &self,
        shape: FrozenShape,
        conv: &str,
        norm: &str,
    ) -> Result<FrozenDepthwise, WeightsError> {
        let lengths = [shape.outputs, 1, shape.kernel, shape.kernel];
        let weight = self.take(&format!("{conv}.weight"), &lengths)?;
        Ok(FrozenDepthwise::new(
            shape,
            weight,
            &self.norm(norm, shape.outputs)?,
        ))
    }

    fn norm(&self, name: &str, channels: usize) -> Result<FrozenNorm, WeightsError> {
        let take = |parameter: &str| self.take(&format!("{name}.{parameter}"), &[channels]);
        Ok(FrozenNorm {
            weight: take("weight")?,
            bias: take("bias")?,
            mean: take("running_mean")?,
            variance: take("running_var")?,
            epsilon: self.epsilon,
        })
    }

    fn take(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        self.weights.take(self.network, name, shape)
    }
}
