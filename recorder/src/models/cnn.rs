//! A small convolutional network: three 3×3 convolutions with batch normalisation and ReLU, average
//! pooling after the second and third, one linear layer. Fits images from 4×4 on.

use candle_core::{ModuleT, Result, Tensor};
use candle_nn::{
    BatchNorm, Conv2d, Conv2dConfig, Linear, Module, VarBuilder, batch_norm, conv2d_no_bias, linear,
};

/// Two halvings leave a pixel.
pub(super) const LEAST_SIDE: usize = 4;
const CHANNELS: [usize; 3] = [16, 32, 32];
const EPSILON: f64 = 1e-5;

pub(super) struct Cnn {
    layers: Vec<(Conv2d, BatchNorm)>,
    output: Linear,
}

impl Cnn {
    pub(super) fn new(channels: usize, outputs: usize, parameters: VarBuilder) -> Result<Self> {
        let mut layers = Vec::new();
        let mut inputs = channels;
        for (index, channels) in CHANNELS.into_iter().enumerate() {
            let parameters = parameters.pp(format!("layer{}", index + 1));
            let config = Conv2dConfig {
                padding: 1,
                ..Default::default()
            };
            let conv = conv2d_no_bias(inputs, channels, 3, config, parameters.pp("conv"))?;
            layers.push((conv, batch_norm(channels, EPSILON, parameters.pp("norm"))?));
            inputs = channels;
        }
        Ok(Self {
            layers,
            output: linear(inputs, outputs, parameters.pp("output"))?,
        })
    }
}

impl ModuleT for Cnn {
    /// samples × channels × height × width → samples × outputs
    fn forward_t(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let mut features = images.clone();
        for (index, (conv, norm)) in self.layers.iter().enumerate() {
            features = norm.forward_t(&conv.forward(&features)?, train)?.relu()?;
            if index == 1 {
                features = halve(&features)?;
            }
        }
        self.output.forward(&features.mean((2, 3))?)
    }
}

/// 2×2 average pooling that leaves an odd last row and column out. By reshaping and averaging,
/// since the backward pass of candle's own pooling is wrong where the size does not divide.
fn halve(images: &Tensor) -> Result<Tensor> {
    let (samples, channels, height, width) = images.dims4()?;
    let (rows, columns) = (height / 2, width / 2);
    images
        .narrow(2, 0, rows * 2)?
        .narrow(3, 0, columns * 2)?
        .contiguous()?
        .reshape((samples, channels, rows, 2, columns, 2))?
        .mean((3, 5))
}
