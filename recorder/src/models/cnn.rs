//! A small convolutional network: three 3×3 convolutions with batch normalisation and ReLU, average
//! pooling after the second and third, one linear layer. Fits images from 4×4 on.

use candle_core::{ModuleT, Result, Tensor};
use candle_nn::VarBuilder;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::layers::{BatchNorm, Conv2d, Linear};
use crate::engine::operators::pooling::{avg_pool2d, global_avg_pool2d};
use crate::engine::operators::pooling_windows::Windows;
use crate::engine::optimiser::sgd::SgdSettings;
use crate::models::settings::NetworkKind;

pub(crate) static CNN: NetworkKind = NetworkKind {
    name: "cnn",
    help: "Three 3×3 convolutions with batch normalisation, for images of 4×4 pixels and more",
    sgd: SgdSettings::DEFAULT,
    final_sgd: SgdSettings::DEFAULT,
    hidden_units: None,
    output_layer: "output",
    least_side: |_| LEAST_SIDE,
    has_small_stem: |_| false,
    build: |_, [channels, ..], outputs, parameters| {
        Ok(Box::new(Cnn::new(channels, outputs, parameters)?))
    },
};

/// Two halvings leave a pixel.
const LEAST_SIDE: usize = 4;
const CHANNELS: [usize; 3] = [16, 32, 32];
const SAME_SIZE: Windows = Windows {
    kernel: 3,
    stride: 1,
    padding: 1,
};

struct Cnn {
    layers: Vec<(Conv2d, BatchNorm)>,
    output: Linear,
}

impl Cnn {
    fn new(channels: usize, outputs: usize, parameters: VarBuilder) -> Result<Self> {
        let mut layers = Vec::new();
        let mut inputs = channels;
        for (index, channels) in CHANNELS.into_iter().enumerate() {
            let parameters = parameters.pp(format!("layer{}", index + 1));
            let conv = Conv2d::without_bias(inputs, channels, SAME_SIZE, parameters.pp("conv"))?;
            layers.push((conv, BatchNorm::new(channels, parameters.pp("norm"))?));
            inputs = channels;
        }
        Ok(Self {
            layers,
            output: Linear::new(inputs, outputs, parameters.pp("output"))?,
        })
    }
}

impl ModuleT for Cnn {
    /// samples × channels × height × width → samples × outputs
    fn forward_t(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let mut features = images.clone();
        for (index, (conv, norm)) in self.layers.iter().enumerate() {
            features = conv.forward_normalized(&features, norm, None, Activation::Relu, train)?;
            if index == 1 {
                features = avg_pool2d(&features, Windows::tiles(2))?;
            }
        }
        let pooled = global_avg_pool2d(&features)?;
        self.output.forward(&pooled, Activation::Identity)
    }
}
