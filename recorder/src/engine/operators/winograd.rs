//! 3×3 convolutions of stride 1 and padding 1 by Winograd's transforms: a group of tiles at a time, and for each of
//! the 36 points of a tile a product of matrices, tiles × inputs by inputs × outputs.
#![expect(
    unsafe_code,
    reason = "output is written before it counts as initialised"
)]

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::engine::operators::buffers::with_aligned;
use crate::engine::operators::convolution_plan::ConvolutionShape;
use crate::engine::operators::instructions::{WIDEST, dispatch, vectorized};
use crate::engine::operators::panels::{Panels, are_filled_by};
use crate::engine::operators::winograd_kernels::{InputTiles, OutputTiles, strip_length};
use crate::engine::operators::winograd_tiles::{POINTS, Tile, Tiling};
use crate::engine::operators::winograd_weights::TransformedWeights;

/// Values that the transformed tiles of a group take, inputs and outputs: as much as half of a usual second-level
/// cache.
const GROUP_VALUES: usize = 160 << 10; // 640 KiB
/// Tiles beyond which a group gains nothing, and below which it loses.
const MOST_TILES: usize = 64;
const LEAST_TILES: usize = 32;
/// Parts that the samples of a forward pass are divided into at most; nothing is summed over them.
const MOST_PARTS: usize = 16;
/// Values between the tiles of two points: without, their addresses would often differ by a multiple of 4 KiB, and
/// the processor take what is read of one for what is still being written of another.
pub(crate) const PADDING: usize = WIDEST;

/// Whether a convolution has the form that is computed here, and is faster so, as is the gradient of its input.
pub(crate) fn suits(shape: &ConvolutionShape) -> bool {
    let has_form = (shape.kernel_height, shape.kernel_width) == (3, 3)
        && (shape.stride, shape.padding) == (1, 1);
    has_form && are_filled_by(shape.inputs) && are_filled_by(shape.outputs)
}

/// The convolution of a batch, as [`convolution::forward`](super::convolution::forward).
pub(crate) fn forward<T: Copy + Default + Send>(
    shape: &ConvolutionShape,
    input: &[f32],
    weight: &[f32],
    output: &mut [MaybeUninit<f32>],
    finish: impl Fn(usize, &mut [f32]) -> T + Sync,
) -> Vec<T> {
    let (channels, plane) = (shape.outputs, shape.output_plane());
    let winograd = Winograd::new(shape, shape.inputs, channels, |output, input| {
        kernel_of(weight, output * shape.inputs + input)
    });
    let mut finished = vec![T::default(); shape.samples * channels];
    let group = winograd.samples_at_once();
    let part = shape.samples.div_ceil(MOST_PARTS).next_multiple_of(group);
    let (input_length, output_length) = (shape.inputs * plane, channels * plane);
    assert_eq!(input.len(), shape.samples * input_length);
    assert_eq!(output.len(), shape.samples * output_length);
    let parts = input
        .par_chunks(part * input_length)
        .zip(output.par_chunks_mut(part * output_length))
        .zip(finished.par_chunks_mut(part * channels));
    parts.for_each(|((images, output), finished)| {
        let length = winograd.panels().length();
        with_aligned(group * length, |laid_out| {
            let samples = laid_out.chunks_mut(length);
            samples.for_each(|sample| winograd.panels().clear(sample));
            let groups = images
                .chunks(group * input_length)
                .zip(output.chunks_mut(group * output_length))
                .zip(finished.chunks_mut(group * channels));
            for ((images, output), finished) in groups {
                let images = images.chunks(input_length);
                for (image, laid_out) in images.zip(laid_out.chunks_mut(length)) {
                    winograd.panels().lay_out(image, laid_out);
                }
                winograd.convolve(laid_out, output);
                // SAFETY: `convolve` writes all planes of as many samples as `output` has, which is as many as there
                // are images.
                let output = unsafe { output.assume_init_mut() };
                for (index, (plane, finished)) in output.chunks_mut(plane).zip(finished).enumerate()
                {
                    *finished = vectorized(
                        #[inline(always)]
                        || finish(index % channels, plane),
                    );
                }
            }
        });
    });
    finished
}

/// Tiles of a group, of so many channels in all. Where few would fit into the cache, weights do not either: then they
/// are to be read as rarely as can be.
pub(crate) fn tiles_at_once(channels: usize) -> usize {
    match GROUP_VALUES / (POINTS * channels) / WIDEST * WIDEST {
        fitting @ LEAST_TILES..=MOST_TILES => fitting,
        _ => MOST_TILES,
    }
}

fn kernel_of(weight: &[f32], index: usize) -> [f32; 9] {
    std::array::from_fn(|tap| weight[9 * index + tap])
}

/// A convolution with its weights.
pub(crate) struct Winograd {
    tiling: Tiling,
    outputs: usize,
    weights: TransformedWeights,
    /// Tiles of a group.
    most_tiles: usize,
}

impl Winograd {
    /// Of images of the shape's size with so many channels, to planes of the same size, with the kernel of (output,
    /// input).
    fn new(
        shape: &ConvolutionShape,
        inputs: usize,
        outputs: usize,
        kernel: impl Fn(usize, usize) -> [f32; 9] + Sync,
    ) -> Self {
        Self {
            tiling: Tiling::new(inputs, shape.height, shape.width),
            outputs,
            weights: TransformedWeights::new(outputs, inputs, kernel),
            most_tiles: tiles_at_once(inputs + outputs),
        }
    }

    /// The gradient of the input from that of the output: a convolution with the kernels turned round.
    pub(crate) fn of_gradient(shape: &ConvolutionShape, weight: &[f32]) -> Self {
        Self::new(shape, shape.outputs, shape.inputs, |input, output| {
            let mut kernel = kernel_of(weight, output * shape.inputs + input);
            kernel.reverse();
            kernel
        })
    }

    /// How images are laid out for [`convolve`](Self::convolve).
    pub(crate) fn panels(&self) -> &Panels {
        &self.tiling.panels
    }

    /// Samples that it takes at once, where they are so small that it takes several.
    pub(crate) fn samples_at_once(&self) -> usize {
        (self.most_tiles / self.tiling.count()).max(1)
    }

    /// Writes all planes of as many samples as `output` has, from images that were laid out.
    pub(crate) fn convolve(&self, images: &[f32], output: &mut [MaybeUninit<f32>]) {
        let Tiling { height, width, .. } = self.tiling;
        let samples = output.len() / (self.outputs * height * width);
        for tiles in self.tiling.tiles(samples).chunks(self.most_tiles) {
            self.convolve_tiles(tiles, images, output);
        }
    }

    fn convolve_tiles(&self, tiles: &[Tile], images: &[f32], output: &mut [MaybeUninit<f32>]) {
        let Tiling { height, width, .. } = self.tiling;
        let values = |panels: usize| panels * tiles.len() * WIDEST;
        let (inputs, outputs) = (
            values(self.panels().panels()),
            values(self.outputs.div_ceil(WIDEST)),
        );
        let (inputs_step, outputs_step) = (inputs + PADDING, outputs + PADDING);
        let of_products = POINTS * outputs_step;
        let length = POINTS * inputs_step + of_products + strip_length(width);
        with_aligned(length, |scratch| {
            let (transformed, scratch) = scratch.split_at_mut(POINTS * inputs_step);
            let (products, strip) = scratch.split_at_mut(of_products);
            dispatch(InputTiles {
                tiling: &self.tiling,
                tiles,
                images,
                target: transformed,
                step: inputs_step,
            });
            for point in 0..POINTS {
                self.weights.multiply(
                    point,
                    tiles.len(),
                    &transformed[point * inputs_step..][..inputs],
                    &mut products[point * outputs_step..][..outputs],
                );
            }
            dispatch(OutputTiles {
                tiles,
                products,
                step: outputs_step,
                channels: self.outputs,
                height,
                width,
                strip,
                target: output,
            });
        });
    }
}
