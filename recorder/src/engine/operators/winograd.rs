//! 3×3 convolutions of stride 1 and padding 1 by Winograd's transforms: a group of tiles at a time, and for each of
//! the 36 points of a tile a product of matrices, outputs × inputs by inputs × tiles.
#![expect(
    unsafe_code,
    reason = "output is written before it counts as initialised"
)]

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::engine::operators::buffers::{as_uninitialised, with_scratch};
use crate::engine::operators::convolution_kernels::WIDEST;
use crate::engine::operators::convolution_plan::{ConvolutionShape, Offsets, copy_row};
use crate::engine::operators::instructions::{dispatch, vectorized};
use crate::engine::operators::winograd_kernels::{InputTiles, OutputTiles, TileEnds};
use crate::engine::operators::winograd_tiles::{POINTS, TILE, Tiles};
use crate::engine::operators::winograd_weights::TransformedWeights;

/// Values that the transformed tiles of a group take, inputs and outputs: as much as half of a usual second-level
/// cache.
const GROUP_VALUES: usize = 160 << 10; // 640 KiB
/// Tiles beyond which a group gains nothing.
const MOST_TILES: usize = 64;
/// Inputs and outputs below which transforming takes as long as is gained.
const LEAST_CHANNELS: usize = 32;
/// The same for the input's gradient, which reads the output's gradient beside what the weight's gradient needs.
const LEAST_CHANNELS_OF_GRADIENT: usize = 64;
/// Values between the tiles of two points: without, their addresses would often differ by a multiple of 4 KiB, and
/// the processor take what is read of one for what is still being written of another.
const PADDING: usize = WIDEST;

/// Whether a convolution has the form that is computed here, and is faster so.
pub(crate) fn suits(shape: &ConvolutionShape) -> bool {
    has_form(shape) && shape.inputs.min(shape.outputs) >= LEAST_CHANNELS
}

/// Whether the gradient of its input is faster so.
pub(crate) fn suits_gradient(shape: &ConvolutionShape) -> bool {
    has_form(shape) && shape.inputs.min(shape.outputs) >= LEAST_CHANNELS_OF_GRADIENT
}

fn has_form(shape: &ConvolutionShape) -> bool {
    (shape.kernel_height, shape.kernel_width) == (3, 3) && (shape.stride, shape.padding) == (1, 1)
}

/// The convolution of a batch, as [`convolution::forward`](super::convolution::forward).
pub(crate) fn forward<T: Copy + Default + Send>(
    shape: &ConvolutionShape,
    input: &[f32],
    weight: &[f32],
    output: &mut [MaybeUninit<f32>],
    finish: impl Fn(usize, &mut [f32]) -> T + Sync,
) -> Vec<T> {
    let (channels, plane, width) = (shape.outputs, shape.output_plane(), shape.width);
    let winograd = Winograd::new(shape.inputs, channels, shape.height, width);
    let weights = TransformedWeights::new(channels, shape.inputs, |output, input| {
        kernel_of(weight, output * shape.inputs + input)
    });
    let mut finished = vec![T::default(); shape.samples * channels];
    let samples = winograd.samples_at_once();
    assert_eq!(input.len(), shape.samples * shape.inputs * plane);
    assert_eq!(output.len(), shape.samples * channels * plane);
    let parts = input
        .par_chunks(samples * shape.inputs * plane)
        .zip(output.par_chunks_mut(samples * channels * plane))
        .zip(finished.par_chunks_mut(samples * channels));
    parts.for_each(|((images, output), finished)| {
        winograd.convolve(&weights, images, |sample, channel, y, row| {
            let start = (sample * channels + channel) * plane + y * width;
            copy_row(&mut output[start..start + width], as_uninitialised(row));
        });
        // SAFETY: `convolve` has written every row of every sample and channel, whose numbers are equal.
        let output = unsafe { output.assume_init_mut() };
        for (index, (plane, finished)) in output.chunks_mut(plane).zip(finished).enumerate() {
            *finished = vectorized(
                #[inline(always)]
                || finish(index % channels, plane),
            );
        }
    });
    finished
}

/// The gradient of the input: the convolution of the output's gradient with the kernels turned round.
pub(crate) struct TileGradient {
    winograd: Winograd,
    weights: TransformedWeights,
}

impl TileGradient {
    pub(crate) fn new(shape: &ConvolutionShape, weight: &[f32]) -> Self {
        Self {
            winograd: Winograd::new(shape.outputs, shape.inputs, shape.height, shape.width),
            weights: TransformedWeights::new(shape.inputs, shape.outputs, |input, output| {
                let mut kernel = kernel_of(weight, output * shape.inputs + input);
                kernel.reverse();
                kernel
            }),
        }
    }

    /// The largest number of samples up to `most` that are full groups of tiles, where one fits.
    pub(crate) fn whole_groups(&self, most: usize) -> usize {
        let samples = self.winograd.samples_at_once();
        if most < samples {
            most
        } else {
            most / samples * samples
        }
    }

    /// Takes the gradients of the output of some samples and writes those of their input.
    pub(crate) fn run(&self, gradients: &[f32], input_gradients: &mut [f32]) {
        let Winograd {
            height,
            width,
            outputs,
            ..
        } = self.winograd;
        self.winograd
            .convolve(&self.weights, gradients, |sample, channel, y, row| {
                let start = ((sample * outputs + channel) * height + y) * width;
                copy_row(&mut input_gradients[start..start + width], row);
            });
    }
}

fn kernel_of(weight: &[f32], index: usize) -> [f32; 9] {
    std::array::from_fn(|tap| weight[9 * index + tap])
}

/// How a convolution is divided into groups of tiles.
#[derive(Debug)]
pub(crate) struct Winograd {
    inputs: usize,
    outputs: usize,
    height: usize,
    width: usize,
    /// Tile rows of a group.
    rows: usize,
    /// See [`InputTiles::inner`].
    inner: Vec<f32>,
}

impl Winograd {
    /// Of images with so many channels, to planes of the same size.
    pub(crate) fn new(inputs: usize, outputs: usize, height: usize, width: usize) -> Self {
        let tiles = |rows: usize| Tiles {
            height,
            width,
            first_row: 0,
            rows,
        };
        let columns = width.div_ceil(TILE);
        let fitting = GROUP_VALUES / (POINTS * (inputs + outputs));
        let most = (fitting / WIDEST * WIDEST).clamp(WIDEST, MOST_TILES);
        let mut rows = (most / columns).max(1);
        let rows_of_sample = tiles(1).rows_of_sample();
        if rows > rows_of_sample {
            rows = rows / rows_of_sample * rows_of_sample;
        }
        let lanes = tiles(rows).lanes();
        let mut ends = vec![0.0; TILE * lanes];
        for (tile, ends) in ends.chunks_mut(TILE).enumerate() {
            let inner = |is_inner: bool| f32::from_bits(if is_inner { u32::MAX } else { 0 });
            ends[0] = inner(!tile.is_multiple_of(columns));
            ends[1] = inner(!(tile + 1).is_multiple_of(columns));
        }
        let mut inner = vec![0.0; 2 * lanes];
        dispatch(TileEnds {
            of_tiles: &ends,
            target: &mut inner,
        });
        Self {
            inputs,
            outputs,
            height,
            width,
            rows,
            inner,
        }
    }

    /// Samples that it takes at once, where they are so small that it takes several.
    pub(crate) fn samples_at_once(&self) -> usize {
        (self.rows / self.height.div_ceil(TILE)).max(1)
    }

    /// Convolves `images` (samples × inputs × height × width) and calls `write` with sample, channel, y and the
    /// values of that row.
    pub(crate) fn convolve(
        &self,
        weights: &TransformedWeights,
        images: &[f32],
        mut write: impl FnMut(usize, usize, usize, &[f32]),
    ) {
        let samples = images.len() / (self.inputs * self.height * self.width);
        let rows_of_sample = self.height.div_ceil(TILE);
        for first_row in (0..samples * rows_of_sample).step_by(self.rows) {
            let tiles = Tiles {
                height: self.height,
                width: self.width,
                first_row,
                rows: self.rows.min(samples * rows_of_sample - first_row),
            };
            self.convolve_tiles(tiles, weights, images, &mut write);
        }
    }

    fn convolve_tiles(
        &self,
        tiles: Tiles,
        weights: &TransformedWeights,
        images: &[f32],
        write: &mut impl FnMut(usize, usize, usize, &[f32]),
    ) {
        let lanes = tiles.lanes();
        let (inputs, outputs) = (self.inputs * lanes, self.outputs * lanes);
        let (inputs_step, outputs_step) = (inputs + PADDING, outputs + PADDING);
        let offsets = Offsets::new((0..self.inputs).map(|input| input * lanes).collect());
        let all_lanes = self.inner.len() / 2;
        let length =
            2 * tiles.lines() + tiles.output_length() + POINTS * (inputs_step + outputs_step);
        with_scratch(length, |scratch| {
            let (lines, scratch) = scratch.split_at_mut(2 * tiles.lines());
            let (planes, scratch) = scratch.split_at_mut(tiles.output_length());
            let (transformed, products) = scratch.split_at_mut(POINTS * inputs_step);
            dispatch(InputTiles {
                tiles,
                images,
                channels: self.inputs,
                inner: [&self.inner[..all_lanes], &self.inner[all_lanes..]],
                lines,
                target: transformed,
                step: inputs_step,
            });
            for point in 0..POINTS {
                weights.multiply(
                    point,
                    &offsets,
                    lanes,
                    &transformed[point * inputs_step..][..inputs],
                    &mut products[point * outputs_step..][..outputs],
                );
            }
            for channel in 0..self.outputs {
                dispatch(OutputTiles {
                    tiles,
                    products: &products[channel * lanes..],
                    step: outputs_step,
                    lines,
                    target: planes,
                });
                let rows = planes.chunks(tiles.row_pitch()).take(TILE * tiles.rows);
                for (row, values) in rows.enumerate() {
                    let (sample, y) = tiles.image_row(row);
                    if y < self.height {
                        write(sample, channel, y, &values[..self.width]);
                    }
                }
            }
        });
    }
}
