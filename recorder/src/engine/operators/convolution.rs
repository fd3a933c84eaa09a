//! Convolutions of whole batches, from planes to kernels and back.
#![expect(
    unsafe_code,
    reason = "memory that is written before it is read is not cleared first"
)]

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::engine::operators::buffers::{as_uninitialised, with_scratch, with_zeros};
use crate::engine::operators::convolution_kernels::{MOST_ROWS, TapSums, best_rows, blocks};
use crate::engine::operators::convolution_plan::{ConvolutionPlan, Offsets, copy_row};
use crate::engine::operators::instructions::{WIDEST, dispatch, vectorized};
use crate::engine::operators::winograd;

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

pub(crate) fn lay_out_inputs(plan: &ConvolutionPlan, input: &[f32], source: &mut [f32]) {
    let planes = source.chunks_mut(plan.channel_length());
    let images = input.chunks(plan.shape.input_plane());
    for (image, planes) in images.zip(planes) {
        plan.lay_out_input(image, planes);
    }
}
