//! The gradients of a convolution: that of its input is a convolution of the output's gradient, that of its weight a
//! sum over samples and positions.
#![expect(
    unsafe_code,
    reason = "values that are there are written as if they were not"
)]

use rayon::prelude::*;

use crate::engine::operators::buffers::{self, as_uninitialised_mut, with_aligned, with_scratch};
use crate::engine::operators::chunks::{MOST_PARTS, ordered_sum, ranges};
use crate::engine::operators::convolution_plan::ConvolutionPlan;
use crate::engine::operators::input_gradient::InputGradient;
use crate::engine::operators::instructions::vectorized;
use crate::engine::operators::weight_gradient::WeightSums;
use crate::engine::operators::winograd::{self, Winograd};

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
    let weights = WeightSums::new(plan);
    let is_by_tiles = winograd::suits(&shape) && weights.are_by_channel();
    let phases = (is_input_wanted && !is_by_tiles).then(|| InputGradient::new(plan, weight));
    let tiles = (is_input_wanted && is_by_tiles).then(|| Winograd::of_gradient(&shape, weight));
    let mut input_gradient = match &phases {
        _ if !is_input_wanted => Vec::new(),
        Some(phases) if !phases.writes_all() => buffers::zeros(input.len()),
        _ => buffers::take(input.len()),
    };
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
            weights: &weights,
            first_sample: samples.start,
            input: &input[input_length * samples.start..input_length * samples.end],
        };
        part.run(input_gradient, &gradient)
    });
    let weight_gradient = weights.in_order(&shape, ordered_sum(sums.collect()));
    (is_input_wanted.then_some(input_gradient), weight_gradient)
}

/// What one thread does of a backward pass.
struct Part<'a> {
    plan: &'a ConvolutionPlan,
    /// One of these where the input's gradient is wanted.
    phases: Option<&'a InputGradient<'a>>,
    tiles: Option<&'a Winograd>,
    weights: &'a WeightSums<'a>,
    first_sample: usize,
    input: &'a [f32],
}

impl Part<'_> {
    /// Returns its part of the weight gradient, as [`WeightSums`] sums it up.
    fn run(
        &self,
        input_gradient: &mut [f32],
        gradient: &impl Fn(usize, usize, &mut [f32]),
    ) -> Vec<f32> {
        let Self { plan, weights, .. } = self;
        let shape = plan.shape;
        let mut sums = buffers::take(weights.length());
        let (source_length, gradient_length) = weights.sample_lengths();
        let (plane, input_length) = (shape.output_plane(), shape.inputs * shape.input_plane());
        let samples = self.input.len() / input_length;
        let mut group = weights.samples_at_once(samples);
        if let Some(tiles) = self.tiles {
            group = group.max(tiles.samples_at_once()).min(samples);
        }
        let mut input_gradients = input_gradient.chunks_mut(group * input_length);
        // All channels are kept where they are needed together; else one plane is used again.
        let kept = plane
            * if weights.are_by_channel() {
                shape.outputs
            } else {
                1
            };
        let of_phases = match (weights.are_by_channel(), self.phases) {
            (true, Some(_)) => plan.gradient_length(),
            _ => 0,
        };
        let lengths = (group * source_length, group * gradient_length);
        with_scratch(kept, |images| {
            with_aligned(lengths.0 + lengths.1 + of_phases, |scratch| {
                let (sources, scratch) = scratch.split_at_mut(lengths.0);
                let (gradients, planes) = scratch.split_at_mut(lengths.1);
                planes.fill(0.0);
                let samples = sources.chunks_mut(source_length);
                for (source, gradients) in samples.zip(gradients.chunks_mut(gradient_length)) {
                    weights.clear(source, gradients);
                }
                for (index, inputs) in self.input.chunks(group * input_length).enumerate() {
                    let mut to = input_gradients.next();
                    for (position, input) in inputs.chunks(input_length).enumerate() {
                        let sample = self.first_sample + index * group + position;
                        let source = &mut sources[position * source_length..][..source_length];
                        let gradients =
                            &mut gradients[position * gradient_length..][..gradient_length];
                        let planes = match weights.are_by_channel() {
                            true => &mut *planes,
                            false => &mut *gradients,
                        };
                        lay_out_gradients(plan, images, planes, |channel, plane| {
                            gradient(sample, channel, plane);
                        });
                        if let (Some(phases), Some(to)) = (self.phases, &mut to) {
                            phases.run(planes, &mut to[position * input_length..][..input_length]);
                        }
                        weights.lay_out(input, images, source, gradients);
                    }
                    if let (Some(tiles), Some(to)) = (self.tiles, to) {
                        // SAFETY: it writes values that are there.
                        tiles.convolve(gradients, unsafe { as_uninitialised_mut(to) });
                    }
                    let samples = inputs.len() / input_length;
                    weights.add(index == 0, samples, sources, gradients, &mut sums);
                }
            });
        });
        weights.finish(sums)
    }
}

/// Has the gradient of each channel's image written, and lays it out in the planes, where there are any. `images` has
/// one for each channel, or one that is used again.
fn lay_out_gradients(
    plan: &ConvolutionPlan,
    images: &mut [f32],
    planes: &mut [f32],
    gradient: impl Fn(usize, &mut [f32]),
) {
    let (channels, plane) = (plan.shape.outputs, plan.shape.output_plane());
    let mut planes = planes.chunks_exact_mut(plan.gradient_plane);
    for channel in 0..channels {
        let start = channel * plane % images.len();
        let image = &mut images[start..start + plane];
        vectorized(
            #[inline(always)]
            || gradient(channel, &mut *image),
        );
        if let Some(laid_out) = planes.next() {
            plan.lay_out_gradient(image, laid_out);
        }
    }
}
