//! Max pooling of a network that is not trained.

use candle_core::{Result, bail};

use crate::engine::operators::buffers::with_zeros;
use crate::engine::operators::convolution_plan::SLACK;
use crate::engine::operators::frozen_convolution::together;
use crate::engine::operators::frozen_grid::{Grid, Padding};
use crate::engine::operators::frozen_maps::Maps;
use crate::engine::operators::instructions::vectorized;

/// The largest value of each window, of maps that have no value below 0 (a ReLU made them): what pads them is 0.
pub(crate) fn max_pool(input: &Maps, kernel: usize, stride: usize, padding: usize) -> Result<Maps> {
    let Some(grid) = Grid::new(input.size, kernel, stride, Padding::Even(padding)) else {
        bail!(
            "maps of {:?} are smaller than a {kernel}×{kernel} window",
            input.size
        );
    };
    let mut output = Maps::new(input.channels, input.samples, grid.output);
    let [height, width] = grid.output;
    for samples in together(input.samples, grid.channel_length(1)) {
        let offsets = grid.offsets(1, samples.len());
        with_zeros(grid.channel_length(samples.len()) + SLACK, |laid_out| {
            for channel in 0..input.channels {
                let planes = input.planes(channel, &samples);
                let to = output.planes_mut(channel, &samples);
                vectorized(
                    #[inline(always)]
                    || {
                        grid.lay_out(planes, laid_out, |value| value);
                        let rows = to.chunks_exact_mut(width).enumerate();
                        for (row, to) in rows {
                            let (sample, y) = (row / height, row % height);
                            let start = sample * grid.sample_step() + y * grid.pitch;
                            to.fill(0.0);
                            for offset in &offsets {
                                let from = &laid_out[start + offset..][..width];
                                to.iter_mut()
                                    .zip(from)
                                    .for_each(|(to, &value)| *to = to.max(value));
                            }
                        }
                    },
                );
            }
        });
    }
    Ok(output)
}
