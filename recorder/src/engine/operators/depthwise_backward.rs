//! The gradients of a depthwise convolution: that of its input is a convolution of the output's gradient, moved apart
//! where windows move by more than a position, with the weights from the last to the first; that of its weight a sum
//! over samples and positions.
#![expect(
    unsafe_code,
    reason = "values that are there are written as if they were not"
)]

use rayon::prelude::*;

use crate::engine::operators::buffers::{self, as_uninitialised_mut, with_scratch, with_zeros};
use crate::engine::operators::chunks::{MOST_PARTS, ordered_sum, ranges};
use crate::engine::operators::depthwise::{DepthwiseShape, Layout, panels_of_weights};
use crate::engine::operators::depthwise_kernels::{Positions, WindowGradients, WindowSums};
use crate::engine::operators::instructions::{WIDEST, dispatch, vectorized};
use crate::engine::operators::panels::take_out;

/// The gradients of a convolution's input (where wanted) and weight.
///
/// `gradient` writes the output's gradient of a sample and channel into a plane.
pub(crate) fn backward(
    shape: &DepthwiseShape,
    input: &[f32],
    weight: &[f32],
    is_input_wanted: bool,
    gradient: impl Fn(usize, usize, &mut [f32]) + Sync,
) -> (Option<Vec<f32>>, Vec<f32>) {
    let length = shape.channels * shape.input_plane();
    let flipped: Vec<f32> = weight
        .chunks(shape.taps())
        .flat_map(|taps| taps.iter().rev().copied())
        .collect();
    let part = BackwardPass {
        shape,
        images: Layout::of_images(shape),
        gradients: Layout::of_gradients(shape),
        flipped: panels_of_weights(shape, &flipped),
    };
    let mut input_gradient = match is_input_wanted {
        true => buffers::take(input.len()),
        false => Vec::new(),
    };
    let mut rest = input_gradient.as_mut_slice();
    let parts: Vec<_> = ranges(shape.samples, MOST_PARTS)
        .into_iter()
        .map(|samples| {
            let values = length * samples.len() * usize::from(is_input_wanted);
            let (part, after) = std::mem::take(&mut rest).split_at_mut(values);
            rest = after;
            (samples, part)
        })
        .collect();
    let sums = parts.into_par_iter().map(|(samples, to)| {
        let input = &input[length * samples.start..length * samples.end];
        part.run(input, to, &|sample, channel, to: &mut [f32]| {
            gradient(samples.start + sample, channel, to);
        })
    });
    let sums = ordered_sum(sums.collect());
    let mut weight_gradient = vec![0.0; shape.channels * shape.taps()];
    // SAFETY: nothing but what was summed up is written.
    let taps = unsafe { as_uninitialised_mut(&mut weight_gradient) };
    let panels = sums.chunks(shape.taps() * WIDEST);
    for (sums, taps) in panels.zip(taps.chunks_mut(shape.taps() * WIDEST)) {
        take_out(sums, taps);
    }
    buffers::give(sums);
    (is_input_wanted.then_some(input_gradient), weight_gradient)
}

struct BackwardPass<'a> {
    shape: &'a DepthwiseShape,
    images: Layout,
    gradients: Layout,
    /// The weights of each panel from the last tap to the first.
    flipped: Vec<f32>,
}

impl BackwardPass<'_> {
    /// Of some samples; returns their part of the weight's gradient, a panel after the other.
    fn run(
        &self,
        input: &[f32],
        input_gradient: &mut [f32],
        gradient: &impl Fn(usize, usize, &mut [f32]),
    ) -> Vec<f32> {
        let Self { shape, images, .. } = self;
        let mut sums = buffers::zeros(self.flipped.len());
        let (plane, input_plane) = (shape.output_plane(), shape.input_plane());
        with_zeros(images.length(), |source| {
            with_zeros(self.gradients.length(), |laid_out| {
                with_scratch(WIDEST * plane, |planes| {
                    let samples = input.chunks(shape.channels * input_plane);
                    let mut to = input_gradient.chunks_mut(WIDEST * input_plane);
                    for (sample, input) in samples.enumerate() {
                        let panels = input.chunks(WIDEST * input_plane).enumerate();
                        for (panel, input) in panels {
                            let channels = input.len() / input_plane;
                            let planes = &mut planes[..channels * plane];
                            for (index, plane) in planes.chunks_mut(plane).enumerate() {
                                gradient(sample, panel * WIDEST + index, plane);
                            }
                            self.gradients.lay_out(planes, laid_out);
                            images.lay_out(input, source);
                            self.add_to(panel, source, laid_out, &mut sums);
                            if let Some(to) = to.next() {
                                self.input_gradient(panel, laid_out, to);
                            }
                        }
                    }
                });
            });
        });
        sums
    }

    /// Adds to the weight's gradient what a sample's panel has.
    fn add_to(&self, panel: usize, images: &[f32], gradients: &[f32], sums: &mut [f32]) {
        let taps = self.shape.taps() * WIDEST;
        let [above, left] = self
            .shape
            .before
            .map(|before| self.shape.kernel - 1 - before);
        let places = self.gradients.windows(self.shape.stride);
        dispatch(WindowGradients {
            images,
            windows: self.images.windows(self.shape.stride),
            pitch: self.images.full.pitch,
            kernel: self.shape.kernel,
            gradients,
            places: Positions {
                start: above * self.gradients.full.pitch + left * WIDEST,
                ..places
            },
            size: self.shape.output,
            target: &mut sums[panel * taps..(panel + 1) * taps],
        });
    }

    fn input_gradient(&self, panel: usize, gradients: &[f32], to: &mut [f32]) {
        let taps = self.shape.taps() * WIDEST;
        with_scratch(WIDEST * self.shape.input_plane(), |sums| {
            dispatch(WindowSums {
                source: gradients,
                windows: self.gradients.windows(1),
                pitch: self.gradients.full.pitch,
                kernel: self.shape.kernel,
                weights: &self.flipped[panel * taps..(panel + 1) * taps],
                size: self.shape.size,
                target: sums,
            });
            // SAFETY: nothing but sums is written.
            let to = unsafe { as_uninitialised_mut(to) };
            vectorized(
                #[inline(always)]
                || take_out(sums, to),
            );
        });
    }
}
