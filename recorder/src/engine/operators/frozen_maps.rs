//! Feature maps of a few samples on their way through a network that is not trained: channel after channel, and
//! of each channel the planes of all samples, so that small planes together fill the registers.

use std::ops::Range;

use crate::engine::operators::buffers;
use crate::engine::operators::convolution_plan::SLACK;

/// channels × samples × height × width, and room behind for reading whole registers.
pub(crate) struct Maps {
    values: Vec<f32>,
    pub(crate) channels: usize,
    pub(crate) samples: usize,
    /// height, width
    pub(crate) size: [usize; 2],
}

impl Maps {
    /// With whatever values.
    pub(crate) fn new(channels: usize, samples: usize, size: [usize; 2]) -> Self {
        let length = channels * samples * size[0] * size[1];
        Self {
            values: buffers::take(length + SLACK),
            channels,
            samples,
            size,
        }
    }

    /// The values of one plane.
    pub(crate) const fn plane(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// From a channel of one sample to the next channel of it.
    pub(crate) const fn channel_step(&self) -> usize {
        self.samples * self.plane()
    }

    /// From a sample on, all that follows in memory.
    pub(crate) fn starting_at(&self, sample: usize) -> &[f32] {
        &self.values[sample * self.plane()..]
    }

    /// The planes of some samples in a channel.
    pub(crate) fn planes(&self, channel: usize, samples: &Range<usize>) -> &[f32] {
        &self.values[self.place(channel, samples)]
    }

    /// The same, to be written.
    pub(crate) fn planes_mut(&mut self, channel: usize, samples: &Range<usize>) -> &mut [f32] {
        let place = self.place(channel, samples);
        &mut self.values[place]
    }

    fn place(&self, channel: usize, samples: &Range<usize>) -> Range<usize> {
        let plane = self.plane();
        let first = channel * self.channel_step();
        first + samples.start * plane..first + samples.end * plane
    }

    /// samples × channels: the mean of each plane.
    pub(crate) fn means(&self) -> Vec<f32> {
        let mut means = vec![0.0; self.samples * self.channels];
        for channel in 0..self.channels {
            let planes = self.planes(channel, &(0..self.samples));
            for (sample, plane) in planes.chunks_exact(self.plane()).enumerate() {
                let sum: f32 = plane.iter().sum();
                means[sample * self.channels + channel] = sum / self.plane() as f32;
            }
        }
        means
    }
}

impl Drop for Maps {
    fn drop(&mut self) {
        buffers::give(std::mem::take(&mut self.values));
    }
}
