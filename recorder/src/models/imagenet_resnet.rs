//! The residual networks for ImageNet of He et al. (CVPR 2016, section 4.1): four stages of blocks
//! with projections as shortcuts, in the layout and with the parameter names of torchvision, whose
//! ResNet-50 has its stride in the 3×3 convolution.

use candle_core::{ModuleT, Result, Tensor};
use candle_nn::VarBuilder;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::layers::{EPSILON, Linear};
use crate::engine::operators::pooling::{global_avg_pool2d, max_pool2d};
use crate::engine::operators::pooling_windows::Windows;
use crate::engine::optimiser::sgd::SgdSettings;
use crate::models::normalized_conv::NormalizedConv;
use crate::models::settings::{Build, NetworkKind, NetworkSettings};

pub(crate) static RESNET18: NetworkKind = kind(
    "resnet18",
    "Residual network for ImageNet, 18 layers; below 96×96 with a stem for small images",
    |settings, shape, outputs, parameters| build(LAYERS18, settings, shape, outputs, parameters),
);
pub(crate) static RESNET34: NetworkKind = kind(
    "resnet34",
    "The same with 34 layers",
    |settings, shape, outputs, parameters| build(LAYERS34, settings, shape, outputs, parameters),
);
pub(crate) static RESNET50: NetworkKind = kind(
    "resnet50",
    "The same with 50 layers: the paper's for ImageNet, WebVision and Clothing1M",
    |settings, shape, outputs, parameters| build(LAYERS50, settings, shape, outputs, parameters),
);

const fn kind(name: &'static str, help: &'static str, build: Build) -> NetworkKind {
    NetworkKind {
        name,
        help,
        sgd: SgdSettings::DEFAULT,
        final_sgd: SgdSettings::DEFAULT,
        hidden_units: None,
        output_layer: "fc",
        least_side: |_| 1,
        has_small_stem: is_small,
        build,
    }
}

fn build(
    architecture: Architecture,
    settings: &NetworkSettings,
    shape: [usize; 3],
    outputs: usize,
    parameters: VarBuilder,
) -> Result<Box<dyn ModuleT>> {
    let network = ImageNetResNet::new(architecture, shape, settings.stride(), outputs, parameters)?;
    Ok(Box::new(network))
}

const CHANNELS: [usize; 4] = [64, 128, 256, 512];
/// Below this, the ImageNet stem would leave three pixels or fewer to the last stage.
const LEAST_SIDE_OF_IMAGENET_STEM: usize = 96;

/// Whether an image of that height or width is too small for the ImageNet stem.
fn is_small(side: usize) -> bool {
    side < LEAST_SIDE_OF_IMAGENET_STEM
}

/// The two kinds of blocks, and how many of them each stage has.
#[derive(Debug, Clone, Copy)]
struct Architecture {
    blocks: [usize; 4],
    /// Three convolutions, of 1×1, 3×3 and 1×1 with four times the channels; else two of 3×3.
    is_bottleneck: bool,
}

const LAYERS18: Architecture = Architecture {
    blocks: [2, 2, 2, 2],
    is_bottleneck: false,
};
const LAYERS34: Architecture = Architecture {
    blocks: [3, 4, 6, 3],
    is_bottleneck: false,
};
const LAYERS50: Architecture = Architecture {
    blocks: [3, 4, 6, 3],
    is_bottleneck: true,
};

struct ImageNetResNet {
    stem: NormalizedConv,
    /// The ImageNet stem's 3×3 max pooling.
    is_pooled: bool,
    blocks: Vec<Block>,
    output: Linear,
}

impl ImageNetResNet {
    /// For images of `sample_shape` (channels, height, width). Small ones get a 3×3 stem that moves
    /// by `initial_stride` and no pooling.
    fn new(
        architecture: Architecture,
        [channels, height, width]: [usize; 3],
        initial_stride: usize,
        outputs: usize,
        parameters: VarBuilder,
    ) -> Result<Self> {
        let is_small = is_small(height.min(width));
        let mut inputs = CHANNELS[0];
        let stem = if is_small {
            windows(3, initial_stride)
        } else {
            windows(7, 2)
        };
        let stem = NormalizedConv::new(
            [channels, inputs],
            stem,
            ["conv1", "bn1"],
            EPSILON,
            &parameters,
        )?;
        let mut blocks = Vec::new();
        for (stage, channels) in CHANNELS.into_iter().enumerate() {
            for index in 0..architecture.blocks[stage] {
                let stride = if stage > 0 && index == 0 { 2 } else { 1 };
                let parameters = parameters.pp(format!("layer{}.{index}", stage + 1));
                let block = Block::new(architecture, inputs, channels, stride, parameters)?;
                inputs = block.outputs;
                blocks.push(block);
            }
        }
        Ok(Self {
            stem,
            is_pooled: !is_small,
            blocks,
            output: Linear::new(inputs, outputs, parameters.pp("fc"))?,
        })
    }
}

impl ModuleT for ImageNetResNet {
    /// samples × channels × height × width → samples × outputs
    fn forward_t(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let mut features = self.stem.forward(images, None, Activation::Relu, train)?;
        if self.is_pooled {
            features = max_pool2d(&features, windows(3, 2))?;
        }
        for block in &self.blocks {
            features = block.forward(&features, train)?;
        }
        let pooled = global_avg_pool2d(&features)?;
        self.output.forward(&pooled, Activation::Identity)
    }
}

struct Block {
    layers: Vec<NormalizedConv>,
    /// Where size or channels change: a 1×1 convolution in place of the identity.
    projection: Option<NormalizedConv>,
    outputs: usize,
}

impl Block {
    fn new(
        architecture: Architecture,
        inputs: usize,
        channels: usize,
        stride: usize,
        parameters: VarBuilder,
    ) -> Result<Self> {
        let one = windows(1, 1);
        let (outputs, layers) = if architecture.is_bottleneck {
            let outputs = 4 * channels;
            let layers = vec![
                ([inputs, channels], one),
                ([channels, channels], windows(3, stride)),
                ([channels, outputs], one),
            ];
            (outputs, layers)
        } else {
            let layers = vec![
                ([inputs, channels], windows(3, stride)),
                ([channels, channels], windows(3, 1)),
            ];
            (channels, layers)
        };
        let layer = |(index, (sizes, windows)): (usize, ([usize; 2], Windows))| {
            let names = [format!("conv{}", index + 1), format!("bn{}", index + 1)];
            NormalizedConv::new(sizes, windows, [&names[0], &names[1]], EPSILON, &parameters)
        };
        let layers = layers.into_iter().enumerate().map(layer);
        let projects = stride != 1 || inputs != outputs;
        let names = ["downsample.0", "downsample.1"];
        let projection = || {
            NormalizedConv::new(
                [inputs, outputs],
                windows(1, stride),
                names,
                EPSILON,
                &parameters,
            )
        };
        Ok(Self {
            layers: layers.collect::<Result<_>>()?,
            projection: projects.then(projection).transpose()?,
            outputs,
        })
    }

    fn forward(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let shortcut = match &self.projection {
            Some(layer) => layer.forward(images, None, Activation::Identity, train)?,
            None => images.clone(),
        };
        let mut features = images.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            let is_last = index + 1 == self.layers.len();
            let residual = is_last.then_some(&shortcut);
            features = layer.forward(&features, residual, Activation::Relu, train)?;
        }
        Ok(features)
    }
}

/// Windows whose padding leaves an image's size as it is, or divides it by the stride, rounded up.
const fn windows(kernel: usize, stride: usize) -> Windows {
    Windows {
        kernel,
        stride,
        padding: kernel / 2,
    }
}
