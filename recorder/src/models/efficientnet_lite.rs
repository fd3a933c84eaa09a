//! EfficientNet-Lites to be trained, or trained on; what they are made of is in `efficientnet_lite_blocks`. Nothing is
//! left out at random (dropout, stochastic depth), as their authors did over hundreds of epochs. Running statistics follow
//! the data as PyTorch's do: their authors' share of 0.01, meant for millions of images, still has the weights' first
//! statistics after the hundred steps of a small set.

use candle_core::{ModuleT, Result, Tensor};
use candle_nn::VarBuilder;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::layers::{BatchNorm, DepthwiseConv2d, Linear};
use crate::engine::operators::pooling::global_avg_pool2d;
use crate::engine::operators::pooling_windows::Windows;
use crate::engine::operators::same_padding::pad_same;
use crate::engine::optimiser::sgd::SgdSettings;
use crate::models::efficientnet_lite_blocks::{
    BlockShape, CLASSIFIER, EPSILON, HEAD, LITE0, LITE1, LITE2, STEM, Scale,
};
use crate::models::normalized_conv::NormalizedConv;
use crate::models::settings::{Build, NetworkKind};

pub(crate) static EFFICIENTNET_LITE0: NetworkKind = kind(
    "efficientnet-lite0",
    "EfficientNet-Lite for ImageNet, of 4.6 million parameters; quick for its depth",
    |_, shape, outputs, parameters| build(LITE0, shape, outputs, parameters),
);
pub(crate) static EFFICIENTNET_LITE1: NetworkKind = kind(
    "efficientnet-lite1",
    "The same, deeper",
    |_, shape, outputs, parameters| build(LITE1, shape, outputs, parameters),
);
pub(crate) static EFFICIENTNET_LITE2: NetworkKind = kind(
    "efficientnet-lite2",
    "The same, deeper and wider",
    |_, shape, outputs, parameters| build(LITE2, shape, outputs, parameters),
);

const fn kind(name: &'static str, help: &'static str, build: Build) -> NetworkKind {
    NetworkKind {
        name,
        help,
        sgd: SgdSettings::DEFAULT,
        final_sgd: SgdSettings::DEFAULT,
        hidden_units: None,
        output_layer: CLASSIFIER,
        least_side: |_| 1,
        has_small_stem: |_| false,
        build,
    }
}

fn build(
    scale: Scale,
    [channels, ..]: [usize; 3],
    outputs: usize,
    parameters: VarBuilder,
) -> Result<Box<dyn ModuleT>> {
    Ok(Box::new(EfficientNetLite::new(
        scale, channels, outputs, parameters,
    )?))
}

const STEM_KERNEL: usize = 3;
const STEM_STRIDE: usize = 2;

struct EfficientNetLite {
    stem: NormalizedConv,
    blocks: Vec<Block>,
    head: NormalizedConv,
    output: Linear,
}

impl EfficientNetLite {
    fn new(scale: Scale, channels: usize, outputs: usize, parameters: VarBuilder) -> Result<Self> {
        let blocks = scale.blocks();
        let last = blocks.last().map_or(STEM, |block| block.outputs);
        let block = |(number, shape)| Block::new(shape, parameters.pp(format!("_blocks.{number}")));
        let stem = Windows {
            kernel: STEM_KERNEL,
            stride: STEM_STRIDE,
            padding: 0,
        };
        Ok(Self {
            stem: NormalizedConv::new(
                [channels, STEM],
                stem,
                ["_conv_stem", "_bn0"],
                EPSILON,
                &parameters,
            )?,
            head: NormalizedConv::new(
                [last, HEAD],
                PIXEL,
                ["_conv_head", "_bn1"],
                EPSILON,
                &parameters,
            )?,
            output: Linear::uniform(HEAD, outputs, parameters.pp(CLASSIFIER))?,
            blocks: blocks
                .into_iter()
                .enumerate()
                .map(block)
                .collect::<Result<_>>()?,
        })
    }
}

impl ModuleT for EfficientNetLite {
    /// samples × channels × height × width → samples × outputs
    fn forward_t(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let relu6 = Activation::Relu6;
        let padded = pad_same(images, STEM_KERNEL, STEM_STRIDE)?;
        let mut features = self.stem.forward(&padded, None, relu6, train)?;
        for block in &self.blocks {
            features = block.forward(&features, train)?;
        }
        let features = self.head.forward(&features, None, relu6, train)?;
        self.output
            .forward(&global_avg_pool2d(&features)?, Activation::Identity)
    }
}

/// Windows of one pixel.
const PIXEL: Windows = Windows::tiles(1);

struct Block {
    expand: Option<NormalizedConv>,
    depthwise: (DepthwiseConv2d, BatchNorm),
    project: NormalizedConv,
    has_shortcut: bool,
}

impl Block {
    fn new(shape: BlockShape, parameters: VarBuilder) -> Result<Self> {
        let BlockShape {
            inputs,
            hidden,
            outputs,
            kernel,
            stride,
        } = shape;
        let pixel =
            |channels, names| NormalizedConv::new(channels, PIXEL, names, EPSILON, &parameters);
        let expand = || pixel([inputs, hidden], ["_expand_conv", "_bn0"]);
        let depthwise = parameters.pp("_depthwise_conv");
        Ok(Self {
            expand: shape.is_expanded().then(expand).transpose()?,
            depthwise: (
                DepthwiseConv2d::new(hidden, kernel, stride, depthwise)?,
                BatchNorm::with_epsilon(hidden, EPSILON, parameters.pp("_bn1"))?,
            ),
            project: pixel([hidden, outputs], ["_project_conv", "_bn2"])?,
            has_shortcut: shape.has_shortcut(),
        })
    }

    fn forward(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let relu6 = Activation::Relu6;
        let expand = |layer: &NormalizedConv| layer.forward(images, None, relu6, train);
        let wide = self.expand.as_ref().map(expand).transpose()?;
        let (conv, norm) = &self.depthwise;
        let wide = conv.forward_normalized(wide.as_ref().unwrap_or(images), norm, relu6, train)?;
        let shortcut = self.has_shortcut.then_some(images);
        self.project
            .forward(&wide, shortcut, Activation::Identity, train)
    }
}
