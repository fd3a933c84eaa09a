//! Where the values of a padded plane lie so that a convolution becomes sums over shifted rows, as in
//! `convolution_plan`, for forward passes alone: the padding may be wider behind than in front, and the planes of
//! several samples lie behind each other, so that small ones are convolved together.

use crate::engine::operators::same_padding::SamePadding;

/// How an image is padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Padding {
    /// As PyTorch's: so many zeros on each side.
    Even(usize),
    /// TensorFlow's "same": as many as leave ⌈size / stride⌉, the odd one behind.
    Same,
}

/// A window that moves over images of one size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    kernel: usize,
    stride: usize,
    size: [usize; 2],
    /// Height and width of the output.
    pub(crate) output: [usize; 2],
    /// Zeros above and left.
    before: [usize; 2],
    /// From a row of a laid out plane to the next.
    pub(crate) pitch: usize,
    /// Values of a laid out plane.
    plane: usize,
}

impl Grid {
    /// `None` where the padded image is smaller than the window.
    pub(crate) fn new(
        size: [usize; 2],
        kernel: usize,
        stride: usize,
        padding: Padding,
    ) -> Option<Self> {
        let along = |length: usize| match padding {
            Padding::Even(zeros) => {
                let padded = length + 2 * zeros;
                (padded >= kernel).then(|| ((padded - kernel) / stride + 1, zeros))
            }
            Padding::Same => {
                let padding = SamePadding::along(length, kernel, stride);
                Some((padding.outputs, padding.before))
            }
        };
        let [(height, above), (width, left)] = [along(size[0])?, along(size[1])?];
        let further = (kernel - 1) / stride;
        let pitch = width + further;
        Some(Self {
            kernel,
            stride,
            size,
            output: [height, width],
            before: [above, left],
            pitch,
            plane: (height + further) * pitch,
        })
    }

    /// Along one axis: every `stride`-th row is a plane of its own; those that no tap meets are left out.
    fn phases(&self) -> usize {
        self.stride.min(self.kernel)
    }

    /// What one channel of so many samples takes when it is laid out.
    pub(crate) fn channel_length(&self, samples: usize) -> usize {
        self.phases().pow(2) * samples * self.plane
    }

    /// Where the output of sample after sample begins among the sums.
    pub(crate) const fn sample_step(&self) -> usize {
        self.plane
    }

    /// The sums that have all outputs of so many samples, and others between them.
    pub(crate) fn positions(&self, samples: usize) -> usize {
        let [height, width] = self.output;
        (samples - 1) * self.plane + (height - 1) * self.pitch + width
    }

    /// Where each tap of `channels` begins in the planes of so many samples.
    pub(crate) fn offsets(&self, channels: usize, samples: usize) -> Vec<usize> {
        let (kernel, stride) = (self.kernel, self.stride);
        let tap = |row: usize, column: usize| {
            let phase = (row % stride) * self.phases() + column % stride;
            phase * samples * self.plane + row / stride * self.pitch + column / stride
        };
        let taps = (0..kernel).flat_map(|row| (0..kernel).map(move |column| tap(row, column)));
        let taps: Vec<usize> = taps.collect();
        let channels = (0..channels).map(|channel| channel * self.channel_length(samples));
        channels
            .flat_map(|start| taps.iter().map(move |tap| start + tap))
            .collect()
    }

    /// Writes the planes of a channel, each value as `change` makes it, to `laid_out`, which holds zeros
    /// elsewhere.
    #[inline(always)]
    pub(crate) fn lay_out(
        &self,
        planes: &[f32],
        laid_out: &mut [f32],
        change: impl Fn(f32) -> f32 + Copy,
    ) {
        let [height, width] = self.size;
        let samples = planes.len() / (height * width);
        let rows_a_plane = self.plane / self.pitch;
        for (sample, plane) in planes.chunks_exact(height * width).enumerate() {
            for (y, row) in plane.chunks_exact(width).enumerate() {
                let padded = y + self.before[0];
                let (phase, y) = (padded % self.stride, padded / self.stride);
                if phase >= self.phases() || y >= rows_a_plane {
                    continue;
                }
                for column_phase in 0..self.phases() {
                    let phase = phase * self.phases() + column_phase;
                    let start = (phase * samples + sample) * self.plane + y * self.pitch;
                    let to = &mut laid_out[start..start + self.pitch];
                    self.lay_out_row(row, column_phase, to, change);
                }
            }
        }
    }

    #[inline(always)]
    fn lay_out_row(
        &self,
        row: &[f32],
        phase: usize,
        to: &mut [f32],
        change: impl Fn(f32) -> f32 + Copy,
    ) {
        let (left, stride) = (self.before[1], self.stride);
        // The first value of the row that is of this phase.
        let first = (phase + stride * left - left) % stride;
        let to = &mut to[((first + left) / stride).min(self.pitch)..];
        match stride {
            1 => {
                for (to, &value) in to.iter_mut().zip(row) {
                    *to = change(value);
                }
            }
            2 => {
                let (pairs, last) = row.as_chunks::<2>();
                for (to, pair) in to.iter_mut().zip(pairs) {
                    *to = change(pair[first]);
                }
                if let (Some(to), Some(&value), 0) = (to.get_mut(pairs.len()), last.first(), first)
                {
                    *to = change(value);
                }
            }
            _ => {
                let values = row.iter().skip(first).step_by(stride);
                for (to, &value) in to.iter_mut().zip(values) {
                    *to = change(value);
                }
            }
        }
    }
}
