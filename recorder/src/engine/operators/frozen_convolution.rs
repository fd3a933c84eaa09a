//! Convolutions of a network that is not trained: its normalisation is folded into the weights, and what follows
//! (bias, residual, ReLU) is done while a plane is still in the cache. The sums are those of `convolution_kernels`.

use std::ops::Range;

use candle_core::{Result, bail};

use crate::engine::operators::buffers::with_zeros;
use crate::engine::operators::convolution::{PackedWeights, planes};
use crate::engine::operators::convolution_plan::{Offsets, SLACK};
use crate::engine::operators::frozen_grid::{Grid, Padding};
use crate::engine::operators::frozen_maps::Maps;
use crate::engine::operators::instructions::vectorized;

/// Values that the samples convolved together may take: half of a usual second-level cache.
const VALUES_AT_ONCE: usize = 128 << 10;

/// Between which two numbers the results are held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits(f32, f32);

impl Limits {
    pub(crate) const NONE: Self = Self(f32::NEG_INFINITY, f32::INFINITY);
    pub(crate) const RELU: Self = Self(0.0, f32::INFINITY);
    pub(crate) const RELU6: Self = Self(0.0, 6.0);
}

/// Normalisation by what training has measured.
pub(crate) struct FrozenNorm {
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    pub(crate) mean: Vec<f32>,
    pub(crate) variance: Vec<f32>,
    pub(crate) epsilon: f64,
}

impl FrozenNorm {
    /// The weights (a row an output) and the biases of a convolution that has it in it.
    pub(crate) fn fold(&self, mut weight: Vec<f32>) -> (Vec<f32>, Vec<f32>) {
        let taps = weight.len() / self.weight.len().max(1);
        let mut biases = Vec::with_capacity(self.weight.len());
        for (channel, row) in weight.chunks_exact_mut(taps.max(1)).enumerate() {
            let deviation = (f64::from(self.variance[channel]) + self.epsilon).sqrt();
            let scale = f64::from(self.weight[channel]) / deviation;
            for weight in row {
                *weight = (f64::from(*weight) * scale) as f32;
            }
            let mean = f64::from(self.mean[channel]) * scale;
            biases.push((f64::from(self.bias[channel]) - mean) as f32);
        }
        (weight, biases)
    }
}

/// The sizes of a convolution and what comes after it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrozenShape {
    /// Channels.
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) padding: Padding,
    pub(crate) limits: Limits,
}

impl FrozenShape {
    pub(crate) fn grid(&self, size: [usize; 2]) -> Result<Grid> {
        let Self {
            kernel,
            stride,
            padding,
            ..
        } = *self;
        match Grid::new(size, kernel, stride, padding) {
            Some(grid) => Ok(grid),
            None => bail!("maps of {size:?} are smaller than a {kernel}×{kernel} window"),
        }
    }
}

/// A convolution with a bias.
pub(crate) struct FrozenConvolution {
    shape: FrozenShape,
    weights: PackedWeights,
    bias: Vec<f32>,
}

impl FrozenConvolution {
    /// With weights of outputs × inputs × kernel × kernel.
    pub(crate) fn new(shape: FrozenShape, weight: Vec<f32>, norm: &FrozenNorm) -> Self {
        let taps = shape.inputs * shape.kernel.pow(2);
        let (weight, bias) = norm.fold(weight);
        Self {
            weights: PackedWeights::new(shape.outputs, taps, |row, tap| weight[row * taps + tap]),
            bias,
            shape,
        }
    }

    /// The convolution, with `residual` added before the limits.
    pub(crate) fn forward(&self, input: &Maps, residual: Option<&Maps>) -> Result<Maps> {
        let FrozenShape {
            inputs, outputs, ..
        } = self.shape;
        assert_eq!(inputs, input.channels);
        let grid = self.shape.grid(input.size)?;
        let mut output = Maps::new(outputs, input.samples, grid.output);
        let is_pointwise = self.shape.kernel == 1 && self.shape.stride == 1;
        if is_pointwise {
            self.pointwise(input, residual, &mut output);
            return Ok(output);
        }
        for samples in together(input.samples, inputs * grid.channel_length(1)) {
            let count = samples.len();
            let offsets = Offsets::new(grid.offsets(inputs, count));
            let length = grid.channel_length(count);
            with_zeros(inputs * length + SLACK, |laid_out| {
                for (channel, laid_out) in laid_out.chunks_exact_mut(length).enumerate() {
                    if channel < inputs {
                        let planes = input.planes(channel, &samples);
                        vectorized(
                            #[inline(always)]
                            || grid.lay_out(planes, laid_out, |value| value),
                        );
                    }
                }
                planes(
                    &self.weights,
                    &offsets,
                    grid.positions(count),
                    laid_out,
                    |channel, sums| {
                        let residual = residual.map(|maps| maps.planes(channel, &samples));
                        let to = output.planes_mut(channel, &samples);
                        self.finish(channel).rows(sums, &grid, residual, to);
                    },
                );
            });
        }
        Ok(output)
    }

    /// With windows of one pixel the maps are laid out as they are.
    fn pointwise(&self, input: &Maps, residual: Option<&Maps>, output: &mut Maps) {
        let values = (input.channels + output.channels) * input.plane();
        for samples in together(input.samples, values) {
            self.for_channels(input, &samples, |channel, sums| {
                let residual = residual.map(|maps| maps.planes(channel, &samples));
                let to = output.planes_mut(channel, &samples);
                let finish = self.finish(channel);
                vectorized(
                    #[inline(always)]
                    || finish.row(sums, residual, to),
                );
            });
        }
    }

    /// Calls `work` with the number and the sums of each channel, without bias and limits, at every pixel of some
    /// samples: for windows of one pixel.
    pub(crate) fn for_channels(
        &self,
        input: &Maps,
        samples: &Range<usize>,
        mut work: impl FnMut(usize, &[f32]),
    ) {
        let starts = (0..input.channels).map(|channel| channel * input.channel_step());
        let offsets = Offsets::new(starts.collect());
        let positions = samples.len() * input.plane();
        let source = input.starting_at(samples.start);
        planes(
            &self.weights,
            &offsets,
            positions,
            source,
            |channel, sums| {
                work(channel, &sums[..positions]);
            },
        );
    }

    /// What is added to a channel, and what holds it then.
    pub(crate) fn finish(&self, channel: usize) -> Finish {
        Finish {
            bias: self.bias[channel],
            limits: self.shape.limits,
        }
    }
}

/// What is done with the sums of a channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finish {
    pub(crate) bias: f32,
    pub(crate) limits: Limits,
}

impl Finish {
    /// Leaves values as they are.
    pub(crate) const NOTHING: Self = Self {
        bias: 0.0,
        limits: Limits::NONE,
    };

    #[inline(always)]
    pub(crate) fn of(self, sum: f32) -> f32 {
        (sum + self.bias).max(self.limits.0).min(self.limits.1)
    }

    /// Takes the outputs from among the sums of a grid.
    pub(crate) fn rows(self, sums: &[f32], grid: &Grid, residual: Option<&[f32]>, to: &mut [f32]) {
        let [height, width] = grid.output;
        vectorized(
            #[inline(always)]
            || {
                for (sample, plane) in to.chunks_exact_mut(height * width).enumerate() {
                    let sums = sums[sample * grid.sample_step()..].chunks(grid.pitch);
                    for (y, (row, sums)) in plane.chunks_exact_mut(width).zip(sums).enumerate() {
                        let start = (sample * height + y) * width;
                        let residual = residual.map(|planes| &planes[start..start + width]);
                        self.row(&sums[..width], residual, row);
                    }
                }
            },
        );
    }

    #[inline(always)]
    fn row(self, sums: &[f32], residual: Option<&[f32]>, to: &mut [f32]) {
        let pairs = to.iter_mut().zip(sums);
        match residual {
            Some(residual) => pairs
                .zip(residual)
                .for_each(|((to, sum), residual)| *to = self.of(sum + residual)),
            None => pairs.for_each(|(to, sum)| *to = self.of(*sum)),
        }
    }
}

/// Samples that are convolved together, of which one takes so many values.
pub(crate) fn together(samples: usize, values: usize) -> impl Iterator<Item = Range<usize>> {
    let count = (VALUES_AT_ONCE / values.max(1)).clamp(1, samples.max(1));
    let firsts = (0..samples).step_by(count);
    firsts.map(move |first| first..samples.min(first + count))
}
