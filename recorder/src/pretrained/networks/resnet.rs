//! The residual networks for ImageNet of He et al. (CVPR 2016), with the parameter names of torchvision and timm,
//! whose ResNet-50 has its stride in the 3×3 convolution.

use crate::dataset::images::resampling::Resampling;
use crate::engine::operators::frozen_convolution::{FrozenConvolution, FrozenShape, Limits};
use crate::engine::operators::frozen_grid::Padding;
use crate::engine::operators::frozen_maps::Maps;
use crate::engine::operators::frozen_max_pool::max_pool;
use crate::error::weights::WeightsError;
use crate::pretrained::kind::{Features, PretrainedKind};
use crate::pretrained::layers::Layers;
use crate::pretrained::preprocessing::{IMAGENET_DEVIATIONS, IMAGENET_MEANS, Preprocessing};
use crate::pretrained::weights::file::Weights;

pub(crate) static RESNET18: PretrainedKind = PretrainedKind {
    name: "resnet18",
    help: "11.7 million parameters, 512 features; weights of torchvision or timm",
    width: 512,
    preprocessing: PREPROCESSING,
    classifier: "fc",
    build: |kind, weights| Ok(Box::new(ResNet::new(kind, weights, [2, 2, 2, 2], false)?)),
};
pub(crate) static RESNET34: PretrainedKind = PretrainedKind {
    name: "resnet34",
    help: "21.8 million parameters, 512 features; weights of torchvision or timm",
    width: 512,
    preprocessing: PREPROCESSING,
    classifier: "fc",
    build: |kind, weights| Ok(Box::new(ResNet::new(kind, weights, [3, 4, 6, 3], false)?)),
};
pub(crate) static RESNET50: PretrainedKind = PretrainedKind {
    name: "resnet50",
    help: "25.6 million parameters, 2,048 features; weights of torchvision or timm",
    width: 2048,
    preprocessing: PREPROCESSING,
    classifier: "fc",
    build: |kind, weights| Ok(Box::new(ResNet::new(kind, weights, [3, 4, 6, 3], true)?)),
};

/// torchvision's for its first weights.
const PREPROCESSING: Preprocessing = Preprocessing {
    resize: 256,
    side: 224,
    resampling: Resampling::Bilinear,
    means: IMAGENET_MEANS,
    deviations: IMAGENET_DEVIATIONS,
};
const EPSILON: f64 = 1e-5;
const CHANNELS: [usize; 4] = [64, 128, 256, 512];

struct ResNet {
    stem: FrozenConvolution,
    blocks: Vec<Block>,
}

/// Convolutions beside a shortcut.
struct Block {
    layers: Vec<FrozenConvolution>,
    /// Where size or channels change.
    projection: Option<FrozenConvolution>,
}

impl ResNet {
    fn new(
        kind: &PretrainedKind,
        weights: &Weights,
        blocks_a_stage: [usize; 4],
        is_bottleneck: bool,
    ) -> Result<Self, WeightsError> {
        let layers = Layers {
            weights,
            network: kind.name,
            epsilon: EPSILON,
        };
        let stem =
            layers.convolution(shape([3, CHANNELS[0]], 7, 2, Limits::RELU), "conv1", "bn1")?;
        let mut blocks = Vec::new();
        let mut inputs = CHANNELS[0];
        for (stage, (channels, count)) in CHANNELS.into_iter().zip(blocks_a_stage).enumerate() {
            let outputs = if is_bottleneck {
                4 * channels
            } else {
                channels
            };
            for index in 0..count {
                let stride = if stage > 0 && index == 0 { 2 } else { 1 };
                let name = format!("layer{}.{index}", stage + 1);
                let sizes = match is_bottleneck {
                    true => vec![
                        shape([inputs, channels], 1, 1, Limits::RELU),
                        shape([channels, channels], 3, stride, Limits::RELU),
                        shape([channels, outputs], 1, 1, Limits::RELU),
                    ],
                    false => vec![
                        shape([inputs, outputs], 3, stride, Limits::RELU),
                        shape([outputs, outputs], 3, 1, Limits::RELU),
                    ],
                };
                let projection = (stride != 1 || inputs != outputs)
                    .then(|| shape([inputs, outputs], 1, stride, Limits::NONE));
                blocks.push(Block::new(&layers, &name, &sizes, projection)?);
                inputs = outputs;
            }
        }
        Ok(Self { stem, blocks })
    }
}

impl Block {
    fn new(
        layers: &Layers,
        name: &str,
        shapes: &[FrozenShape],
        projection: Option<FrozenShape>,
    ) -> Result<Self, WeightsError> {
        let layer = |(index, shape): (usize, &FrozenShape)| {
            let [conv, norm] = ["conv", "bn"].map(|kind| format!("{name}.{kind}{}", index + 1));
            layers.convolution(*shape, &conv, &norm)
        };
        let [conv, norm] = [0, 1].map(|index| format!("{name}.downsample.{index}"));
        let projection = projection.map(|shape| layers.convolution(shape, &conv, &norm));
        Ok(Self {
            layers: shapes
                .iter()
                .enumerate()
                .map(layer)
                .collect::<Result<_, _>>()?,
            projection: projection.transpose()?,
        })
    }

    fn forward(&self, maps: Maps) -> candle_core::Result<Maps> {
        let projection = self.projection.as_ref();
        let projected = projection
            .map(|layer| layer.forward(&maps, None))
            .transpose()?;
        let mut inner: Option<Maps> = None;
        for (index, layer) in self.layers.iter().enumerate() {
            let is_last = index + 1 == self.layers.len();
            let residual = is_last.then(|| projected.as_ref().unwrap_or(&maps));
            inner = Some(layer.forward(inner.as_ref().unwrap_or(&maps), residual)?);
        }
        Ok(inner.unwrap_or(maps))
    }
}

impl Features for ResNet {
    fn forward(&self, images: Maps) -> candle_core::Result<Vec<f32>> {
        let mut maps = max_pool(&self.stem.forward(&images, None)?, 3, 2, 1)?;
        for block in &self.blocks {
            maps = block.forward(maps)?;
        }
        Ok(maps.means())
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
        padding: Padding::Even(kernel / 2),
        limits,
    }
}
