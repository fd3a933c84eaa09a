//! Depthwise convolutions of whole batches, in which each channel sees its own alone, with TensorFlow's "same" padding.
//! Channels are worked on a panel at a time, position by position.
#![expect(
    unsafe_code,
    reason = "memory that is written before it is read is not cleared first"
)]

use std::mem::MaybeUninit;

use candle_core::{Result, bail};
use rayon::prelude::*;

use crate::engine::operators::buffers::{with_scratch, with_zeros};
use crate::engine::operators::depthwise_kernels::{Positions, WindowSums};
use crate::engine::operators::instructions::{WIDEST, dispatch, vectorized};
use crate::engine::operators::panels::{Panels, take_out};
use crate::engine::operators::same_padding::SamePadding;

/// Parts that the samples of a forward pass are divided into at most; nothing is summed over them.
const MOST_FORWARD_PARTS: usize = 16;

/// The sizes of a depthwise convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DepthwiseShape {
    pub(crate) samples: usize,
    pub(crate) channels: usize,
    /// Height and width of the input.
    pub(crate) size: [usize; 2],
    /// The same of the output.
    pub(crate) output: [usize; 2],
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    /// Zeros above and left of the input.
    pub(crate) before: [usize; 2],
}

impl DepthwiseShape {
    /// For images (samples × channels × height × width) and weights (channels × 1 × kernel × kernel).
    pub(crate) fn new(
        (samples, channels, height, width): (usize, usize, usize, usize),
        weight: (usize, usize, usize, usize),
        stride: usize,
    ) -> Result<Self> {
        let kernel = weight.2;
        if weight != (channels, 1, kernel, kernel) || stride == 0 {
            bail!(
                "depthwise: weights of {weight:?} with stride {stride} do not fit {channels} channels"
            );
        }
        if !matches!(kernel, 3 | 5) {
            bail!("depthwise: kernels are of 3×3 or 5×5, not {kernel}×{kernel}");
        }
        let along = [height, width].map(|length| SamePadding::along(length, kernel, stride));
        Ok(Self {
            samples,
            channels,
            size: [height, width],
            output: along.map(|axis| axis.outputs),
            kernel,
            stride,
            before: along.map(|axis| axis.before),
        })
    }

    pub(crate) const fn output_plane(&self) -> usize {
        self.output[0] * self.output[1]
    }

    pub(crate) const fn input_plane(&self) -> usize {
        self.size[0] * self.size[1]
    }

    pub(crate) const fn taps(&self) -> usize {
        self.kernel * self.kernel
    }
}

/// How the images, or the gradients, of a panel lie: full ones, and the last with fewer channels.
pub(crate) struct Layout {
    pub(crate) full: Panels,
    last: Panels,
    channel: usize,
}

impl Layout {
    fn new(
        channels: usize,
        size: [usize; 2],
        before: [usize; 2],
        step: usize,
        padded: [usize; 2],
    ) -> Self {
        let panels = |channels| Panels::spread(channels, size, before, step, padded);
        Self {
            full: panels(WIDEST),
            last: panels(channels % WIDEST),
            channel: size[0] * size[1],
        }
    }

    /// Images with the zeros around them that windows reach.
    pub(crate) fn of_images(shape: &DepthwiseShape) -> Self {
        let padded = |axis: usize| {
            let reached = (shape.output[axis] - 1) * shape.stride + shape.kernel;
            reached.max(shape.before[axis] + shape.size[axis])
        };
        let padded = [padded(0), padded(1)];
        Self::new(shape.channels, shape.size, shape.before, 1, padded)
    }

    /// Gradients as far from each other as the windows, and zeros around them, so that the windows of every input lie
    /// there.
    pub(crate) fn of_gradients(shape: &DepthwiseShape) -> Self {
        let around = shape.kernel - 1;
        let before = shape.before.map(|before| around - before);
        let padded = shape.size.map(|length| length + around);
        Self::new(shape.channels, shape.output, before, shape.stride, padded)
    }

    pub(crate) const fn length(&self) -> usize {
        self.full.panel
    }

    /// Lays out up to [`WIDEST`] planes in memory that holds zeros elsewhere.
    pub(crate) fn lay_out(&self, planes: &[f32], target: &mut [f32]) {
        let is_full = planes.len() == WIDEST * self.channel;
        (if is_full { &self.full } else { &self.last }).lay_out(planes, target);
    }

    /// Where windows begin that move by so many positions.
    pub(crate) const fn windows(&self, stride: usize) -> Positions {
        Positions {
            start: 0,
            row: stride * self.full.pitch,
            column: stride * WIDEST,
        }
    }
}

/// Weights (channels × taps) a panel after the other: taps × [`WIDEST`] each.
pub(crate) fn panels_of_weights(shape: &DepthwiseShape, weight: &[f32]) -> Vec<f32> {
    let size = [1, shape.taps()];
    let panels = Panels::new(shape.channels, size, [0, 0], size);
    let mut laid_out = vec![0.0; panels.length()];
    panels.lay_out(weight, &mut laid_out);
    laid_out
}

/// The convolution of a batch, which writes all of `output`. `finish` gets each channel's number and its output plane,
/// changes it as it likes and returns something about it: samples × channels of these are returned.
pub(crate) fn forward<T: Copy + Default + Send>(
    shape: &DepthwiseShape,
    input: &[f32],
    weight: &[f32],
    output: &mut [MaybeUninit<f32>],
    finish: impl Fn(usize, &mut [f32]) -> T + Sync,
) -> Vec<T> {
    let weights = panels_of_weights(shape, weight);
    let images = Layout::of_images(shape);
    let (plane, input_plane) = (shape.output_plane(), shape.input_plane());
    let part = shape.samples.div_ceil(MOST_FORWARD_PARTS) * shape.channels;
    assert_eq!(input.len() * plane, output.len() * input_plane);
    let mut finished = vec![T::default(); shape.samples * shape.channels];
    let parts = input
        .par_chunks(part * input_plane)
        .zip(output.par_chunks_mut(part * plane))
        .zip(finished.par_chunks_mut(part));
    let one = |source: &mut [f32], sums: &mut [f32], part: ((&[f32], &mut [_]), &mut [T])| {
        let ((inputs, outputs), finished) = part;
        let samples = inputs.chunks(shape.channels * input_plane);
        let samples = samples.zip(outputs.chunks_mut(shape.channels * plane));
        for ((input, output), finished) in samples.zip(finished.chunks_mut(shape.channels)) {
            let panels = input.chunks(WIDEST * input_plane);
            let panels = panels.zip(output.chunks_mut(WIDEST * plane));
            let weights = weights.chunks(shape.taps() * WIDEST);
            for (panel, ((input, output), weights)) in panels.zip(weights).enumerate() {
                images.lay_out(input, source);
                dispatch(WindowSums {
                    source,
                    windows: images.windows(shape.stride),
                    pitch: images.full.pitch,
                    kernel: shape.kernel,
                    weights,
                    size: shape.output,
                    target: sums,
                });
                vectorized(
                    #[inline(always)]
                    || take_out(sums, output),
                );
                // SAFETY: `take_out` writes all planes.
                let planes = unsafe { output.assume_init_mut() };
                let finished = finished[panel * WIDEST..].iter_mut();
                let planes = planes.chunks_mut(plane).zip(finished).enumerate();
                for (index, (plane, finished)) in planes {
                    *finished = vectorized(
                        #[inline(always)]
                        || finish(panel * WIDEST + index, plane),
                    );
                }
            }
        }
    };
    parts.for_each(|part| {
        with_zeros(images.length(), |source| {
            with_scratch(plane * WIDEST, |sums| one(source, sums, part));
        });
    });
    finished
}
