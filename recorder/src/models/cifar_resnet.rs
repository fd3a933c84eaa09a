//! The residual networks for CIFAR of He et al. (CVPR 2016, section 4.2), of depth 6n + 2: a 3×3
//! convolution, three stages of n blocks with 16, 32 and 64 channels, global average pooling and one
//! linear layer. Where a stage halves the image, the shortcut is average pooling and channels of
//! zeros (their option A), without parameters, as in Pleiss et al. 2020.

use candle_core::{ModuleT, Result, Tensor};
use candle_nn::VarBuilder;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::layers::{BatchNorm, Conv2d, Linear};
use crate::engine::operators::pooling::{avg_pool2d, global_avg_pool2d};
use crate::engine::operators::pooling_windows::Windows;
use crate::engine::operators::zero_channels::zero_channels;
use crate::engine::optimiser::sgd::SgdSettings;
use crate::models::settings::{Build, NetworkKind, NetworkSettings};

pub(crate) static RESNET20: NetworkKind = kind(
    "resnet20",
    "Residual network for CIFAR, 20 layers; `initial_stride` 2 for 64×64 images",
    build::<20>,
);
pub(crate) static RESNET32: NetworkKind = kind(
    "resnet32",
    "The same with 32 layers: the paper's for CIFAR",
    build::<32>,
);
pub(crate) static RESNET44: NetworkKind = kind("resnet44", "The same with 44 layers", build::<44>);
pub(crate) static RESNET56: NetworkKind = kind("resnet56", "The same with 56 layers", build::<56>);

const fn kind(name: &'static str, help: &'static str, build: Build) -> NetworkKind {
    NetworkKind {
        name,
        help,
        sgd: SgdSettings::DEFAULT,
        final_sgd: SgdSettings::DEFAULT,
        hidden_units: None,
        output_layer: "fc",
        least_side: |stride| LEAST_SIDE * stride,
        has_small_stem: |_| true,
        build,
    }
}

fn build<const DEPTH: usize>(
    settings: &NetworkSettings,
    [channels, ..]: [usize; 3],
    outputs: usize,
    parameters: VarBuilder,
) -> Result<Box<dyn ModuleT>> {
    let stride = settings.stride();
    let network = CifarResNet::new(DEPTH, channels, stride, outputs, parameters)?;
    Ok(Box::new(network))
}

const CHANNELS: [usize; 3] = [16, 32, 64];
/// Two halvings leave a pixel.
const LEAST_SIDE: usize = 4;

struct CifarResNet {
    stem: (Conv2d, BatchNorm),
    blocks: Vec<Block>,
    output: Linear,
}

impl CifarResNet {
    /// `depth` is 6n + 2; the first convolution moves by `initial_stride` (2 for images of 64×64).
    fn new(
        depth: usize,
        channels: usize,
        initial_stride: usize,
        outputs: usize,
        parameters: VarBuilder,
    ) -> Result<Self> {
        let [mut inputs, _, last] = CHANNELS;
        let conv = parameters.pp("conv1");
        let stem = Conv2d::he_fan_out(channels, inputs, same_size(initial_stride), conv)?;
        let stem_norm = BatchNorm::new(inputs, parameters.pp("bn1"))?;
        let mut blocks = Vec::new();
        for (stage, outputs) in CHANNELS.into_iter().enumerate() {
            for index in 0..(depth - 2) / 6 {
                let parameters = parameters.pp(format!("layer{}.{index}", stage + 1));
                blocks.push(Block::new(inputs, outputs, parameters)?);
                inputs = outputs;
            }
        }
        Ok(Self {
            stem: (stem, stem_norm),
            blocks,
            output: Linear::new(last, outputs, parameters.pp("fc"))?,
        })
    }
}

impl ModuleT for CifarResNet {
    /// samples × channels × height × width → samples × outputs
    fn forward_t(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let (conv, norm) = &self.stem;
        let mut features = conv.forward_normalized(images, norm, None, Activation::Relu, train)?;
        for block in &self.blocks {
            features = block.forward(&features, train)?;
        }
        let pooled = global_avg_pool2d(&features)?;
        self.output.forward(&pooled, Activation::Identity)
    }
}

/// Two 3×3 convolutions beside a shortcut; halves the image where it has more channels than came in.
struct Block {
    first: (Conv2d, BatchNorm),
    second: (Conv2d, BatchNorm),
    is_halving: bool,
    outputs: usize,
}

impl Block {
    fn new(inputs: usize, outputs: usize, parameters: VarBuilder) -> Result<Self> {
        let is_halving = outputs != inputs;
        let layer = |number: usize, inputs, stride| -> Result<(Conv2d, BatchNorm)> {
            let conv = parameters.pp(format!("conv{number}"));
            let norm = parameters.pp(format!("bn{number}"));
            let conv = Conv2d::he_fan_out(inputs, outputs, same_size(stride), conv)?;
            Ok((conv, BatchNorm::new(outputs, norm)?))
        };
        Ok(Self {
            first: layer(1, inputs, if is_halving { 2 } else { 1 })?,
            second: layer(2, outputs, 1)?,
            is_halving,
            outputs,
        })
    }

    fn forward(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let (conv, norm) = &self.first;
        let features = conv.forward_normalized(images, norm, None, Activation::Relu, train)?;
        let shortcut = self.shortcut(images)?;
        let (conv, norm) = &self.second;
        conv.forward_normalized(&features, norm, Some(&shortcut), Activation::Relu, train)
    }

    fn shortcut(&self, images: &Tensor) -> Result<Tensor> {
        if !self.is_halving {
            return Ok(images.clone());
        }
        let (.., height, width) = images.dims4()?;
        let windows = if height % 2 == 0 && width % 2 == 0 {
            Windows::tiles(2)
        } else {
            // Tiles would leave out the last row or column, which the convolution takes in.
            same_size(2)
        };
        zero_channels(&avg_pool2d(images, windows)?, self.outputs)
    }
}

/// 3×3 windows that leave an image's size as it is, or divide it by the stride, rounded up.
const fn same_size(stride: usize) -> Windows {
    Windows {
        kernel: 3,
        stride,
        padding: 1,
    }
}
