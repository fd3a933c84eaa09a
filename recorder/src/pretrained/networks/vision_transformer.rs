//! The small vision transformer (Dosovitskiy et al., ICLR 2021; Touvron et al., ICML 2021), with timm's parameter names,
//! which are those of DINOv2 (Oquab et al. 2024) as well: patches of any size, with LayerScale or without. Its feature
//! vector is the class token behind the last normalisation.

use crate::dataset::images::resampling::Resampling;
use crate::engine::operators::frozen_maps::Maps;
use crate::engine::operators::frozen_transformer::{
    FrozenLayerNorm, FrozenLinear, attention, gelu,
};
use crate::error::weights::WeightsError;
use crate::pretrained::kind::{Features, PretrainedKind};
use crate::pretrained::networks::positions::resampled_positions;
use crate::pretrained::preprocessing::{IMAGENET_DEVIATIONS, IMAGENET_MEANS, Preprocessing};
use crate::pretrained::weights::file::Weights;

pub(crate) static VIT_SMALL: PretrainedKind = PretrainedKind {
    name: "vit-small",
    help: "22 million parameters, 384 features; weights of DINOv2 (vits14), or of timm (vit_small_…)",
    width: WIDTH,
    preprocessing: Preprocessing {
        resize: 256,
        side: 224,
        resampling: Resampling::Bicubic,
        means: IMAGENET_MEANS,
        deviations: IMAGENET_DEVIATIONS,
    },
    classifier: "head",
    build: |kind, weights| Ok(Box::new(VisionTransformer::new(kind, weights)?)),
};

const WIDTH: usize = 384;
const HEADS: usize = 6;
const BLOCKS: usize = 12;
const EPSILON: f32 = 1e-6;
/// Of a patch, where the file has none by which it could be known.
const USUAL_PATCH: usize = 16;

struct VisionTransformer {
    patch: usize,
    embed: FrozenLinear,
    class_token: Vec<f32>,
    /// That of the class token, and those of a square of patches.
    positions: Vec<f32>,
    blocks: Vec<Block>,
    norm: FrozenLayerNorm,
}

struct Block {
    norms: [FrozenLayerNorm; 2],
    qkv: FrozenLinear,
    project: FrozenLinear,
    widen: FrozenLinear,
    narrow: FrozenLinear,
}

/// Takes parameters by name.
struct Parameters<'a> {
    network: &'static str,
    weights: &'a Weights,
}

impl Parameters<'_> {
    fn take(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        self.weights.take(self.network, name, shape)
    }

    fn norm(&self, name: &str) -> Result<FrozenLayerNorm, WeightsError> {
        Ok(FrozenLayerNorm {
            weight: self.take(&format!("{name}.weight"), &[WIDTH])?,
            bias: self.take(&format!("{name}.bias"), &[WIDTH])?,
            epsilon: EPSILON,
        })
    }

    fn linear(
        &self,
        name: &str,
        [inputs, outputs]: [usize; 2],
    ) -> Result<FrozenLinear, WeightsError> {
        Ok(FrozenLinear {
            weight: self.take(&format!("{name}.weight"), &[outputs, inputs])?,
            bias: self.take(&format!("{name}.bias"), &[outputs])?,
        })
    }

    /// A layer whose outputs are scaled, where there are scales, which are folded into it.
    fn scaled(
        &self,
        name: &str,
        sizes: [usize; 2],
        scale: &str,
    ) -> Result<FrozenLinear, WeightsError> {
        let mut layer = self.linear(name, sizes)?;
        if self.weights.shape(scale).is_some() {
            let scales = self.take(scale, &[sizes[1]])?;
            let rows = layer.weight.chunks_exact_mut(sizes[0]).zip(&mut layer.bias);
            for ((row, bias), scale) in rows.zip(scales) {
                row.iter_mut().for_each(|weight| *weight *= scale);
                *bias *= scale;
            }
        }
        Ok(layer)
    }

    fn block(&self, number: usize) -> Result<Block, WeightsError> {
        let name = |layer: &str| format!("blocks.{number}.{layer}");
        let attended = [WIDTH, WIDTH];
        let hidden = 4 * WIDTH;
        Ok(Block {
            norms: [self.norm(&name("norm1"))?, self.norm(&name("norm2"))?],
            qkv: self.linear(&name("attn.qkv"), [WIDTH, 3 * WIDTH])?,
            project: self.scaled(&name("attn.proj"), attended, &name("ls1.gamma"))?,
            widen: self.linear(&name("mlp.fc1"), [WIDTH, hidden])?,
            narrow: self.scaled(&name("mlp.fc2"), [hidden, WIDTH], &name("ls2.gamma"))?,
        })
    }
}

impl VisionTransformer {
    fn new(kind: &PretrainedKind, weights: &Weights) -> Result<Self, WeightsError> {
        let parameters = Parameters {
            network: kind.name,
            weights,
        };
        let patch = match weights.shape("patch_embed.proj.weight") {
            Some(&[.., side]) if side > 0 => side,
            _ => USUAL_PATCH,
        };
        let positions = match weights.shape("pos_embed") {
            Some(&[_, count, _]) if count > 1 => (count - 1).isqrt().pow(2) + 1,
            _ => 197,
        };
        Ok(Self {
            patch,
            embed: FrozenLinear {
                weight: parameters.take("patch_embed.proj.weight", &[WIDTH, 3, patch, patch])?,
                bias: parameters.take("patch_embed.proj.bias", &[WIDTH])?,
            },
            class_token: parameters.take("cls_token", &[1, 1, WIDTH])?,
            positions: parameters.take("pos_embed", &[1, positions, WIDTH])?,
            blocks: (0..BLOCKS)
                .map(|number| parameters.block(number))
                .collect::<Result<_, _>>()?,
            norm: parameters.norm("norm")?,
        })
    }

    /// The class token and the patches of each image, with their positions. What is left over at the right and below
    /// is not seen.
    fn tokens(&self, images: &Maps) -> Vec<f32> {
        let patch = self.patch;
        let [height, width] = images.size.map(|length| length / patch);
        let mut patches = Vec::with_capacity(images.samples * height * width * 3 * patch * patch);
        for sample in 0..images.samples {
            for at in 0..height * width {
                let (top, left) = (at / width * patch, at % width * patch);
                for channel in 0..3 {
                    let plane = images.planes(channel, &(sample..sample + 1));
                    for row in plane.chunks_exact(images.size[1]).skip(top).take(patch) {
                        patches.extend_from_slice(&row[left..left + patch]);
                    }
                }
            }
        }
        let embedded = self.embed.forward(&patches);
        let positions = resampled_positions(&self.positions, WIDTH, [height, width]);
        let mut tokens = Vec::with_capacity(images.samples * positions.len());
        for patches in embedded.chunks_exact(height * width * WIDTH) {
            let image = self.class_token.iter().chain(patches);
            tokens.extend(
                image
                    .zip(&positions)
                    .map(|(token, position)| token + position),
            );
        }
        tokens
    }
}

impl Block {
    fn forward(&self, values: &mut [f32], tokens: usize) {
        let qkv = self.qkv.forward(&self.norms[0].forward(values));
        let images = qkv.chunks_exact(tokens * 3 * WIDTH);
        let attended: Vec<f32> = images
            .flat_map(|qkv| attention(qkv, tokens, HEADS))
            .collect();
        add(values, &self.project.forward(&attended));
        let mut hidden = self.widen.forward(&self.norms[1].forward(values));
        gelu(&mut hidden);
        add(values, &self.narrow.forward(&hidden));
    }
}

fn add(values: &mut [f32], others: &[f32]) {
    values
        .iter_mut()
        .zip(others)
        .for_each(|(value, other)| *value += other);
}

impl Features for VisionTransformer {
    fn forward(&self, images: Maps) -> candle_core::Result<Vec<f32>> {
        if images.size.iter().any(|&length| length < self.patch) {
            candle_core::bail!(
                "images of {:?} are smaller than a patch of {}",
                images.size,
                self.patch
            );
        }
        let mut values = self.tokens(&images);
        let tokens = values.len() / images.samples / WIDTH;
        for block in &self.blocks {
            block.forward(&mut values, tokens);
        }
        let classes = values
            .chunks_exact(tokens * WIDTH)
            .flat_map(|image| &image[..WIDTH]);
        Ok(self.norm.forward(&classes.copied().collect::<Vec<f32>>()))
    }
}
