//! Convolutions of whole batches, from planes to kernels and back.
#![expect(
    unsafe_code,
    reason = "memory that is written before it is read is not cleared first"
)]

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::engine::operators::buffers;
use crate::engine::operators::buffers::{as_uninitialised, with_scratch, with_zeros};
use crate::engine::operators::chunks::{MOST_PARTS, ordered_sum, ranges};
use crate::engine::operators::convolution_kernels::{
    MOST_ROWS, PositionSums, TapSums, WIDEST, best_rows, blocks,
};
use crate::engine::operators::convolution_plan::{ConvolutionPlan, Offsets, Phase, copy_row};
use crate::engine::operators::instructions::{dispatch, vectorized};
use crate::engine::operators::winograd::{self, TileGradient};

/// Planes of samples that the weight gradient is summed over before it leaves the registers: as
/// much as half of a usual second-level cache.
const GROUP_VALUES: usize = 128 << 10; // 512 KiB

/// Parts that the samples of a forward pass are divided into at most; nothing is summed over them.
const MOST_FORWARD_PARTS: usize = 16;

/// Weights in the order in which [`TapSums`] reads them: block by block, taps × rows.
pub(crate) struct PackedWeights {
    blocks: Vec<Vec<f32>>,
}

impl PackedWeights {
    /// Takes the weight of (row, tap).
    pub(crate) fn new(rows: usize, taps: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let mut first = 0;
        let blocks = blocks(rows, best_rows()).map(|rows| {
            let mut block = Vec::with_capacity(rows * taps);
            for tap in 0..taps {
                block.extend((first..first + rows).map(|row| weight(row, tap)));
            }
            first += rows;
            block
        });
        Self {
            blocks: blocks.collect(),
        }
    }
}

/// Computes one sample's planes: calls `finish` with each channel's number and its flat values.
pub(crate) fn planes(
    weights: &PackedWeights,
    offsets: &Offsets,
    positions: usize,
    source: &[f32],
    mut finish: impl FnMut(usize, &[f32]),
) {
    let target_pitch = positions.next_multiple_of(WIDEST);
    with_scratch(MOST_ROWS * target_pitch, |target| {
        let mut channel = 0;
        for weights in &weights.blocks {
            let rows = weights.len() / offsets.values().len();
            dispatch(TapSums {
                source,
                offsets,
                weights,
                rows,
                positions,
                target: &mut *target,
                target_pitch,
            });
            for plane in target.chunks(target_pitch).take(rows) {
                finish(channel, plane);
                channel += 1;
            }
        }
    });
}

/// The convolution of a batch, which writes all of `output`. `finish` gets each channel's number and its
/// output plane, changes it as it likes and returns something about it: samples × channels of these are
/// returned.
pub(crate) fn forward<T: Copy + Default + Send>(
    plan: &ConvolutionPlan,
    input: &[f32],
    weight: &[f32],
    output: &mut [MaybeUninit<f32>],
    finish: impl Fn(usize, &mut [f32]) -> T + Sync,
) -> Vec<T> {
    if winograd::suits(&plan.shape) {
        winograd::forward(&plan.shape, input, weight, output, finish)
    } else {
        direct_forward(plan, input, weight, output, finish)
    }
}

/// As [`forward`], by sums over all taps.
pub(crate) fn direct_forward<T: Copy + Default + Send>(
    plan: &ConvolutionPlan,
    input: &[f32],
    weight: &[f32],
    output: &mut [MaybeUninit<f32>],
    finish: impl Fn(usize, &mut [f32]) -> T + Sync,
) -> Vec<T> {
    let shape = plan.shape;
    let taps = shape.taps();
    let weights = PackedWeights::new(shape.outputs, taps, |row, tap| weight[row * taps + tap]);
    let mut finished = vec![T::default(); shape.samples * shape.outputs];
    let (input_length, output_length) = (
        shape.inputs * shape.input_plane(),
        shape.outputs * shape.output_plane(),
    );
    assert_eq!(
        (input.len(), output.len()),
        (shape.samples * input_length, shape.samples * output_length)
    );
    let part = shape.samples.div_ceil(MOST_FORWARD_PARTS);
    let parts = input
        .par_chunks(part * input_length)
        .zip(output.par_chunks_mut(part * output_length))
        .zip(finished.par_chunks_mut(part * shape.outputs));
    parts.for_each(|((inputs, outputs), finished)| {
        with_zeros(plan.input_length(), |source| {
            let samples = inputs
                .chunks(input_length)
                .zip(outputs.chunks_mut(output_length));
            let samples = samples.zip(finished.chunks_mut(shape.outputs));
            for ((input, output), finished) in samples {
                lay_out_inputs(plan, input, source);
                sample_forward(plan, &weights, source, output, finished, &finish);
            }
        });
    });
    finished
}

fn sample_forward<T>(
    plan: &ConvolutionPlan,
    weights: &PackedWeights,
    source: &[f32],
    output: &mut [MaybeUninit<f32>],
    finished: &mut [T],
    finish: &impl Fn(usize, &mut [f32]) -> T,
) {
    let (plane, columns) = (plan.shape.output_plane(), plan.shape.output_width());
    planes(
        weights,
        &plan.offsets,
        plan.positions,
        source,
        |channel, flat| {
            let plane = &mut output[channel * plane..(channel + 1) * plane];
            let rows = plane.chunks_mut(columns);
            assert!(flat.len().div_ceil(plan.pitch) >= rows.len());
            for (row, flat) in rows.zip(flat.chunks(plan.pitch)) {
                copy_row(row, as_uninitialised(&flat[..columns]));
            }
            // SAFETY: there was a row of `flat` for each row of the plane.
            let plane = unsafe { plane.assume_init_mut() };
            finished[channel] = vectorized(
                #[inline(always)]
                || finish(channel, plane),
            );
        },
    );
}

fn lay_out_inputs(plan: &ConvolutionPlan, input: &[f32], source: &mut [f32]) {
    let planes = source.chunks_mut(plan.shape.stride.pow(2) * plan.input_plane);
    let images = input.chunks(plan.shape.input_plane());
    for (image, planes) in images.zip(planes) {
        plan.lay_out_input(image, planes);
    }
}

/// The gradients of a convolution's input (where wanted) and weight.
///
/// `gradient` writes the output's gradient of a sample and channel into a plane.
pub(crate) fn backward(
    plan: &ConvolutionPlan,
    input: &[f32],
    weight: &[f32],
    is_input_wanted: bool,
    gradient: impl Fn(usize, usize, &mut [f32]) + Sync,
) -> (Option<Vec<f32>>, Vec<f32>) {
    let shape = plan.shape;
    let input_length = shape.inputs * shape.input_plane();
    let mut input_gradient = match (is_input_wanted, shape.stride) {
        (false, _) => Vec::new(),
        (true, 1) => buffers::take(input.len()),
        // A window need not reach the last rows and columns.
        (true, _) => buffers::zeros(input.len()),
    };
    let is_by_tiles = winograd::suits_gradient(&shape);
    let phases = (is_input_wanted && !is_by_tiles).then(|| InputGradient::new(plan, weight));
    let tiles = (is_input_wanted && is_by_tiles).then(|| TileGradient::new(&shape, weight));
    let parts = ranges(shape.samples, MOST_PARTS);
    let mut rest = input_gradient.as_mut_slice();
    let parts: Vec<_> = parts
        .into_iter()
        .map(|samples| {
            let length = input_length * samples.len() * usize::from(is_input_wanted);
            let (part, after) = std::mem::take(&mut rest).split_at_mut(length);
            rest = after;
            (samples, part)
        })
        .collect();
    let sums = parts.into_par_iter().map(|(samples, input_gradient)| {
        let part = Part {
            plan,
            phases: phases.as_ref(),
            tiles: tiles.as_ref(),
            first_sample: samples.start,
            input: &input[input_length * samples.start..input_length * samples.end],
        };
        part.run(input_gradient, &gradient)
    });
    let weight_gradient = ordered_sum(sums.collect());
    (is_input_wanted.then_some(input_gradient), weight_gradient)
}

/// What one thread does of a backward pass.
struct Part<'a> {
    plan: &'a ConvolutionPlan,
    /// One of these where the input's gradient is wanted.
    phases: Option<&'a InputGradient<'a>>,
    tiles: Option<&'a TileGradient>,
    first_sample: usize,
    input: &'a [f32],
}

impl Part<'_> {
    /// Returns its part of the weight gradient.
    fn run(
        &self,
        input_gradient: &mut [f32],
        gradient: &impl Fn(usize, usize, &mut [f32]),
    ) -> Vec<f32> {
        let (plan, shape) = (self.plan, self.plan.shape);
        let mut sums = buffers::zeros(shape.outputs * shape.taps());
        let (source_length, gradient_length) = (plan.input_length(), plan.gradient_length());
        let input_length = shape.inputs * shape.input_plane();
        let samples = self.input.len() / input_length;
        let mut group = (GROUP_VALUES / (source_length + gradient_length)).clamp(1, samples);
        if let Some(tiles) = self.tiles {
            group = tiles.whole_groups(group);
        }
        let mut input_gradients = input_gradient.chunks_mut(group * input_length);
        let (plane, tiles) = (shape.output_plane(), self.tiles);
        // Tiles are taken of all channels of the group; else a plane is used again for each.
        let kept = if tiles.is_some() { shape.outputs } else { 1 };
        let lengths = (group * source_length, group * gradient_length);
        with_scratch(group * kept * plane, |images| {
            with_zeros(lengths.0 + lengths.1, |scratch| {
                let (sources, gradients) = scratch.split_at_mut(lengths.0);
                for (index, inputs) in self.input.chunks(group * input_length).enumerate() {
                    let in_group = inputs.len() / input_length;
                    let mut to = input_gradients.next();
                    for (position, input) in inputs.chunks(input_length).enumerate() {
                        let sample = self.first_sample + index * group + position;
                        lay_out_inputs(plan, input, &mut sources[position * source_length..]);
                        let images = &mut images[position * kept * plane..][..kept * plane];
                        let gradients =
                            &mut gradients[position * gradient_length..][..gradient_length];
                        lay_out_gradients(plan, images, gradients, |channel, plane| {
                            gradient(sample, channel, plane);
                        });
                        if let (Some(phases), Some(to)) = (self.phases, &mut to) {
                            phases.run(
                                gradients,
                                &mut to[position * input_length..][..input_length],
                            );
                        }
                    }
                    if let (Some(tiles), Some(to)) = (tiles, to) {
                        tiles.run(&images[..in_group * kept * plane], to);
                    }
                    dispatch(PositionSums {
                        samples: in_group,
                        source: sources,
                        source_length,
                        offsets: &plan.offsets,
                        gradient: gradients,
                        gradient_length,
                        gradient_start: plan.gradient_start,
                        gradient_plane: plan.gradient_plane,
                        rows: shape.outputs,
                        positions: plan.positions,
                        target: &mut sums,
                    });
                }
            });
        });
        sums
    }
}

/// `images` has a plane for each channel, or one that is used again.
fn lay_out_gradients(
    plan: &ConvolutionPlan,
    images: &mut [f32],
    planes: &mut [f32],
    gradient: impl Fn(usize, &mut [f32]),
) {
    let (channels, plane) = (plan.shape.outputs, plan.shape.output_plane());
    let planes = planes.chunks_mut(plan.gradient_plane).take(channels);
    for (channel, laid_out) in planes.enumerate() {
        let start = channel * plane % images.len();
        let image = &mut images[start..start + plane];
        vectorized(
            #[inline(always)]
            || gradient(channel, &mut *image),
        );
        plan.lay_out_gradient(image, laid_out);
    }
}

/// The convolutions, one for each phase, that make the input's gradient.
struct InputGradient<'a> {
    plan: &'a ConvolutionPlan,
    phases: Vec<PhaseGradient>,
}

struct PhaseGradient {
    rows: Phase,
    columns: Phase,
    offsets: Offsets,
    weights: PackedWeights,
}

impl<'a> InputGradient<'a> {
    fn new(plan: &'a ConvolutionPlan, weight: &[f32]) -> Self {
        let shape = plan.shape;
        let phases = plan.row_phases.iter().flat_map(|&rows| {
            plan.column_phases
                .iter()
                .map(move |&columns| (rows, columns))
        });
        let has_work = |phase: &Phase| phase.count > 0 && phase.taps > 0;
        let phases = phases.filter(|(rows, columns)| has_work(rows) && has_work(columns));
        let phases = phases.map(|(rows, columns)| {
            let kernel = shape.kernel_height * shape.kernel_width;
            // Where the weight of the first input and a tap lies; found once, not for each input.
            let mut first = Vec::with_capacity(shape.outputs * rows.taps * columns.taps);
            for output in 0..shape.outputs {
                for row in (rows.start..).step_by(shape.stride).take(rows.taps) {
                    let start = output * shape.taps() + row * shape.kernel_width;
                    let columns = (columns.start..).step_by(shape.stride).take(columns.taps);
                    first.extend(columns.map(|column| start + column));
                }
            }
            let pack = |input: usize, tap: usize| weight[first[tap] + input * kernel];
            PhaseGradient {
                offsets: plan.gradient_offsets(&rows, &columns),
                weights: PackedWeights::new(shape.inputs, first.len(), pack),
                rows,
                columns,
            }
        });
        Self {
            plan,
            phases: phases.collect(),
        }
    }

    /// One sample's input gradient from the planes of its output gradient.
    fn run(&self, gradients: &[f32], input_gradient: &mut [f32]) {
        let shape = self.plan.shape;
        let (stride, pitch) = (shape.stride, self.plan.pitch);
        for phase in &self.phases {
            let PhaseGradient { rows, columns, .. } = phase;
            let positions = (rows.count - 1) * pitch + columns.count;
            let first_row = rows.start + stride * rows.first - shape.padding;
            let first_column = columns.start + stride * columns.first - shape.padding;
            planes(
                &phase.weights,
                &phase.offsets,
                positions,
                gradients,
                |channel, flat| {
                    let image = &mut input_gradient[channel * shape.input_plane()..];
                    let image = image[..shape.input_plane()].chunks_mut(shape.width);
                    let image = image.skip(first_row).step_by(stride);
                    for (row, flat) in image.zip(flat.chunks(pitch)).take(rows.count) {
                        let flat = &flat[..columns.count];
                        if stride == 1 {
                            copy_row(row, flat);
                        } else {
                            let row = row.iter_mut().skip(first_column).step_by(stride);
                            row.zip(flat).for_each(|(to, from)| *to = *from);
                        }
                    }
                },
            );
        }
    }
}
