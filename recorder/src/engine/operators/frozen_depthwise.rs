//! Depthwise convolutions of a network that is not trained: each channel sees its own alone. What makes the channels,
//! of which there are many, may be done right before, so that they never leave the cache.

use candle_core::Result;

use crate::engine::operators::buffers::{with_scratch, with_zeros};
use crate::engine::operators::convolution_kernels::TapSums;
use crate::engine::operators::convolution_plan::{Offsets, SLACK};
use crate::engine::operators::frozen_convolution::{
    Finish, FrozenConvolution, FrozenNorm, FrozenShape, together,
};
use crate::engine::operators::frozen_grid::Grid;
use crate::engine::operators::frozen_maps::Maps;
use crate::engine::operators::instructions::{WIDEST, dispatch, vectorized};

/// Channels that a convolution of one pixel makes at once.
const CHANNELS_AT_ONCE: usize = 8;

/// A depthwise convolution with a bias.
pub(crate) struct FrozenDepthwise {
    shape: FrozenShape,
    /// channels × kernel × kernel
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl FrozenDepthwise {
    /// With weights of channels × 1 × kernel × kernel.
    pub(crate) fn new(shape: FrozenShape, weight: Vec<f32>, norm: &FrozenNorm) -> Self {
        let (weights, bias) = norm.fold(weight);
        Self {
            shape,
            weights,
            bias,
        }
    }

    /// Convolves what `expand`, a convolution of one pixel, makes of the input.
    pub(crate) fn forward(&self, expand: Option<&FrozenConvolution>, input: &Maps) -> Result<Maps> {
        let grid = self.shape.grid(input.size)?;
        let mut output = Maps::new(self.shape.outputs, input.samples, grid.output);
        for samples in together(input.samples, CHANNELS_AT_ONCE * input.plane()) {
            let offsets = Offsets::new(grid.offsets(1, samples.len()));
            with_zeros(grid.channel_length(samples.len()) + SLACK, |laid_out| {
                let mut convolve = |channel: usize, planes: &[f32], before: Finish| {
                    vectorized(
                        #[inline(always)]
                        || grid.lay_out(planes, laid_out, |value| before.of(value)),
                    );
                    let to = output.planes_mut(channel, &samples);
                    self.channel(channel, &offsets, &grid, laid_out, to);
                };
                match expand {
                    None => (0..input.channels).for_each(|channel| {
                        convolve(channel, input.planes(channel, &samples), Finish::NOTHING);
                    }),
                    Some(expand) => expand.for_channels(input, &samples, |channel, sums| {
                        convolve(channel, sums, expand.finish(channel));
                    }),
                }
            });
        }
        Ok(output)
    }

    fn channel(
        &self,
        channel: usize,
        offsets: &Offsets,
        grid: &Grid,
        laid_out: &[f32],
        to: &mut [f32],
    ) {
        let taps = self.shape.kernel.pow(2);
        let positions = grid.positions(to.len() / (grid.output[0] * grid.output[1]));
        let target_pitch = positions.next_multiple_of(WIDEST);
        let finish = Finish {
            bias: self.bias[channel],
            limits: self.shape.limits,
        };
        with_scratch(target_pitch, |sums| {
            dispatch(TapSums {
                source: laid_out,
                offsets,
                weights: &self.weights[channel * taps..(channel + 1) * taps],
                rows: 1,
                positions,
                target: &mut *sums,
                target_pitch,
            });
            finish.rows(sums, grid, None, to);
        });
    }
}
