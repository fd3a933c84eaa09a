//! The arithmetic of batch normalisation (Ioffe and Szegedy, 2015), on slices.
//!
//! Forward: y = (x − mean) · weight / √(variance + ε) + bias for each channel, then a residual may be
//! added and an activation taken. Mean and variance of a batch come from two passes over each plane, put
//! together by Chan's formula in f64: E\[x²\] − mean² would lose digits.
#![expect(
    unsafe_code,
    reason = "memory that is written before it is read is not cleared first"
)]

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::buffers;
use crate::engine::operators::elementwise::{
    relu, relu_gradient, relu6, relu6_gradient, sum_over, two_sums_over,
};
use crate::engine::operators::instructions::vectorized;

/// Mean of a plane and the sum of squared deviations from it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moments {
    mean: f32,
    squares: f32,
}

impl Moments {
    #[inline(always)]
    pub(crate) fn of(plane: &[f32]) -> Self {
        let mean = sum_over(plane, plane, |value, _| value) / plane.len() as f32;
        let square = |value: f32, _| (value - mean) * (value - mean);
        Self {
            mean,
            squares: sum_over(plane, plane, square),
        }
    }

    /// Mean and (biased) variance of each channel from samples × channels planes of one size.
    pub(crate) fn merge(moments: &[Moments], channels: usize, plane: usize) -> Vec<(f64, f64)> {
        let samples = moments.len() / channels;
        let channel = |channel: usize| {
            let planes = moments.iter().skip(channel).step_by(channels);
            let mean = planes
                .clone()
                .map(|plane| f64::from(plane.mean))
                .sum::<f64>();
            let mean = mean / samples as f64;
            let squares = planes.map(|of_plane| {
                let deviation = f64::from(of_plane.mean) - mean;
                f64::from(of_plane.squares) + plane as f64 * deviation * deviation
            });
            (mean, squares.sum::<f64>() / (samples * plane) as f64)
        };
        (0..channels).map(channel).collect()
    }
}

/// What is done to the values of one channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Channel {
    mean: f32,
    inverse_deviation: f32,
    /// weight / deviation
    scale: f32,
    bias: f32,
}

impl Channel {
    pub(crate) fn new(mean: f64, variance: f64, epsilon: f64, weight: f32, bias: f32) -> Self {
        let inverse_deviation = 1.0 / (variance + epsilon).sqrt();
        Self {
            mean: mean as f32,
            inverse_deviation: inverse_deviation as f32,
            scale: (f64::from(weight) * inverse_deviation) as f32,
            bias,
        }
    }

    #[inline(always)]
    fn apply(&self, value: f32) -> f32 {
        (value - self.mean) * self.scale + self.bias
    }
}

/// One batch's normalisation.
#[derive(Debug, Clone)]
pub(crate) struct Normalization {
    pub(crate) channels: Vec<Channel>,
    /// Values of a sample's channel.
    pub(crate) plane: usize,
    pub(crate) samples: usize,
    /// Whether mean and variance are those of this batch, so that they have gradients too.
    pub(crate) is_of_batch: bool,
    pub(crate) activation: Activation,
}

/// The gradients of weight and bias, and what the input's gradient needs.
pub(crate) struct ChannelGradients {
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    /// (mean gradient, mean of gradient · deviation / variance) of each channel
    means: Vec<(f32, f32)>,
}

impl Normalization {
    fn sample_length(&self) -> usize {
        self.channels.len() * self.plane
    }

    /// The output of `input` (samples × channels × plane).
    pub(crate) fn forward(&self, input: &[f32], residual: Option<&[f32]>) -> Vec<f32> {
        let length = self.sample_length();
        assert_eq!(input.len(), self.samples * length);
        assert!(residual.is_none_or(|residual| residual.len() == input.len()));
        let fill = |output: &mut [MaybeUninit<f32>]| {
            let samples = output.par_chunks_mut(length).zip(input.par_chunks(length));
            samples.enumerate().for_each(|(sample, (output, input))| {
                let residual = residual.map(|all| &all[sample * length..(sample + 1) * length]);
                vectorized(
                    #[inline(always)]
                    || self.sample_forward(output, input, residual),
                );
            });
        };
        // SAFETY: input, residual and output have one length, so every sample is there, and
        // `sample_forward` writes one value of the output for each of its input.
        unsafe { buffers::written(input.len(), fill) }
    }

    #[inline(always)]
    fn sample_forward(
        &self,
        output: &mut [MaybeUninit<f32>],
        input: &[f32],
        residual: Option<&[f32]>,
    ) {
        match self.activation {
            Activation::Identity => self.sample_with(output, input, residual, |x| x),
            Activation::Relu => self.sample_with(output, input, residual, relu),
            Activation::Relu6 => self.sample_with(output, input, residual, relu6),
        }
    }

    #[inline(always)]
    fn sample_with(
        &self,
        output: &mut [MaybeUninit<f32>],
        input: &[f32],
        residual: Option<&[f32]>,
        activate: impl Fn(f32) -> f32,
    ) {
        let planes = output.chunks_mut(self.plane).zip(input.chunks(self.plane));
        for (index, ((output, input), channel)) in planes.zip(&self.channels).enumerate() {
            let pairs = output.iter_mut().zip(input);
            let residual = residual.map(|all| &all[index * self.plane..(index + 1) * self.plane]);
            match residual {
                Some(residual) => pairs.zip(residual).for_each(|((to, &x), r)| {
                    to.write(activate(channel.apply(x) + r));
                }),
                None => pairs.for_each(|(to, &x)| {
                    to.write(activate(channel.apply(x)));
                }),
            }
        }
    }

    /// Stops the gradient where the activation did (in place) and sums it up for each channel.
    ///
    /// `output` is needed where a residual was added before the activation.
    pub(crate) fn channel_gradients(
        &self,
        gradient: &mut [f32],
        input: &[f32],
        output: Option<&[f32]>,
    ) -> ChannelGradients {
        let length = self.sample_length();
        let count = self.channels.len();
        let mut sums = vec![(0.0, 0.0); self.samples * count];
        let samples = gradient
            .par_chunks_mut(length)
            .zip(input.par_chunks(length));
        let samples = samples.zip(sums.par_chunks_mut(count)).enumerate();
        samples.for_each(|(sample, ((gradient, input), sums))| {
            let output = output.map(|all| &all[sample * length..(sample + 1) * length]);
            vectorized(
                #[inline(always)]
                || self.sample_sums(gradient, input, output, sums),
            );
        });
        self.finish(&sums)
    }

    #[inline(always)]
    fn sample_sums(
        &self,
        gradient: &mut [f32],
        input: &[f32],
        output: Option<&[f32]>,
        sums: &mut [(f32, f32)],
    ) {
        match self.activation {
            Activation::Identity => self.sums_with(gradient, input, None, sums, |_, g| g),
            Activation::Relu => self.sums_with(gradient, input, output, sums, relu_gradient),
            Activation::Relu6 => self.sums_with(gradient, input, output, sums, relu6_gradient),
        }
    }

    #[inline(always)]
    fn sums_with(
        &self,
        gradient: &mut [f32],
        input: &[f32],
        output: Option<&[f32]>,
        sums: &mut [(f32, f32)],
        stop: impl Fn(f32, f32) -> f32,
    ) {
        let planes = gradient
            .chunks_mut(self.plane)
            .zip(input.chunks(self.plane));
        let planes = planes.zip(self.channels.iter().zip(sums)).enumerate();
        for (index, ((gradient, input), (channel, sums))) in planes {
            let terms = |gradient: f32, input: f32| (gradient, gradient * (input - channel.mean));
            *sums = if let Some(output) = output {
                let output = &output[index * self.plane..(index + 1) * self.plane];
                for (gradient, &output) in gradient.iter_mut().zip(output) {
                    *gradient = stop(output, *gradient);
                }
                two_sums_over(gradient, input, |gradient, input| terms(*gradient, input))
            } else {
                two_sums_over(gradient, input, |gradient, input| {
                    *gradient = stop(channel.apply(input), *gradient);
                    terms(*gradient, input)
                })
            };
        }
    }

    fn finish(&self, sums: &[(f32, f32)]) -> ChannelGradients {
        let values = (self.samples * self.plane) as f64;
        let count = self.channels.len();
        let mut gradients = ChannelGradients {
            weight: Vec::with_capacity(count),
            bias: Vec::with_capacity(count),
            means: Vec::with_capacity(count),
        };
        for (index, channel) in self.channels.iter().enumerate() {
            let sums = sums.iter().skip(index).step_by(count);
            let sums = sums.fold((0.0, 0.0), |(bias, weight), of_plane| {
                (bias + f64::from(of_plane.0), weight + f64::from(of_plane.1))
            });
            let inverse_deviation = f64::from(channel.inverse_deviation);
            gradients.bias.push(sums.0 as f32);
            gradients.weight.push((sums.1 * inverse_deviation) as f32);
            let means = (sums.0 / values, sums.1 * inverse_deviation.powi(2) / values);
            let are_constant = !self.is_of_batch;
            gradients.means.push(match are_constant {
                true => (0.0, 0.0),
                false => (means.0 as f32, means.1 as f32),
            });
        }
        gradients
    }

    /// The gradient of a plane of the input, from the output's after
    /// [`channel_gradients`](Self::channel_gradients).
    #[inline(always)]
    pub(crate) fn plane_gradient(
        &self,
        channel: usize,
        sums: &ChannelGradients,
        gradient: &[f32],
        input: &[f32],
        to: &mut [f32],
    ) {
        let (mean_gradient, mean_product) = sums.means[channel];
        let Channel { mean, scale, .. } = self.channels[channel];
        for (to, (gradient, input)) in to.iter_mut().zip(gradient.iter().zip(input)) {
            *to = scale * (gradient - mean_gradient - (input - mean) * mean_product);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_planes_merge_to_those_of_all_values() {
        // Two samples, one channel: 1, 3 and 5, 7 have mean 4 and variance (9 + 1 + 1 + 9) / 4.
        let moments = [Moments::of(&[1.0, 3.0]), Moments::of(&[5.0, 7.0])];
        assert_eq!(Moments::merge(&moments, 1, 2), [(4.0, 5.0)]);
    }

    #[test]
    fn a_large_mean_costs_the_variance_no_digits() {
        let moments = [Moments::of(&[10_000.0, 10_002.0])];
        assert_eq!(Moments::merge(&moments, 1, 2), [(10_001.0, 1.0)]);
    }
}
