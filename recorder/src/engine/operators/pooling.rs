//! Max and average pooling of samples × channels × height × width, with windows that may overlap
//! and need not cover the image.
//!
//! The first maximum of a window gets its gradient, as in PyTorch. Padding is never a maximum, and
//! counts as zeros in an average (PyTorch's default).

use std::ops::Range;

use candle_core::{Result, Tensor, bail};
use rayon::prelude::*;

use super::buffers::{self, with_scratch};
use super::chunks::for_samples;
use super::composed;
use super::has_kernels;
use super::instructions::vectorized;
use super::record::{Backward, record};
use super::values::Values;

/// Square windows of a pooling or convolution: their side, their distance and the padding around
/// the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// The side of a window.
    pub kernel: usize,
    /// From one window to the next.
    pub stride: usize,
    /// Rows and columns around the image; in pooling at most half of the side.
    pub padding: usize,
}

impl Windows {
    /// Windows side by side, without padding.
    pub const fn tiles(side: usize) -> Self {
        Self {
            kernel: side,
            stride: side,
            padding: 0,
        }
    }

    pub(super) fn output_size(&self, height: usize, width: usize) -> Result<(usize, usize)> {
        let Self {
            kernel,
            stride,
            padding,
        } = *self;
        let fits = kernel > 0 && stride > 0 && 2 * padding <= kernel;
        if !fits || kernel > height.min(width) + 2 * padding {
            bail!("pooling: {self:?} do not fit images of {height}×{width}");
        }
        let size = |side: usize| (side + 2 * padding - kernel) / stride + 1;
        Ok((size(height), size(width)))
    }

    /// The part of window `index` that lies in an image of `size` rows (or columns).
    #[inline(always)]
    fn inside(&self, index: usize, size: usize) -> Range<usize> {
        let start = index * self.stride;
        let end = (start + self.kernel).saturating_sub(self.padding).min(size);
        start.saturating_sub(self.padding)..end
    }
}

/// The largest value of each window.
///
/// # Errors
/// Where the windows do not fit the images.
pub fn max_pool2d(input: &Tensor, windows: Windows) -> Result<Tensor> {
    if !has_kernels(input) {
        return composed::max_pool2d(input, windows);
    }
    let planes = Planes::new(input, windows)?;
    let mut output = vec![0.0; planes.output_length()];
    let mut positions = planes.first_positions().repeat(planes.count());
    let values = Values::of(input)?;
    let of_plane = planes.rows * planes.columns;
    values
        .read()?
        .par_chunks(planes.height * planes.width)
        .zip(output.par_chunks_mut(of_plane))
        .zip(positions.par_chunks_mut(of_plane))
        .with_min_len(planes.channels)
        .for_each(|((image, maxima), positions)| {
            with_scratch(planes.columns, |line| {
                vectorized(
                    #[inline(always)]
                    || planes.find_maxima(image, maxima, positions, line),
                );
            });
        });
    let shape = planes.output_shape();
    record(output, shape, &[input], MaxPool2d { planes, positions })
}

/// The mean of each window.
///
/// # Errors
/// Where the windows do not fit the images.
pub fn avg_pool2d(input: &Tensor, windows: Windows) -> Result<Tensor> {
    if !has_kernels(input) {
        return composed::avg_pool2d(input, windows);
    }
    let planes = Planes::new(input, windows)?;
    let mut output = vec![0.0; planes.output_length()];
    let values = Values::of(input)?;
    for_samples(
        &values.read()?,
        &mut output,
        planes.count(),
        |_, image, output| {
            planes.add_windows(image, output);
            output.iter_mut().for_each(|sum| *sum *= planes.share());
        },
    );
    record(
        output,
        planes.output_shape(),
        &[input],
        AvgPool2d { planes },
    )
}

/// The mean of each channel: samples × channels.
///
/// # Errors
/// Where the input has no four dimensions.
pub fn global_avg_pool2d(input: &Tensor) -> Result<Tensor> {
    let (samples, channels, height, width) = input.dims4()?;
    if !has_kernels(input) {
        return input.mean((2, 3));
    }
    let mut output = vec![0.0; samples * channels];
    let values = Values::of(input)?;
    for_samples(
        &values.read()?,
        &mut output,
        samples,
        |_, images, output| {
            for (image, output) in images.chunks(height * width).zip(output) {
                let sum = super::elementwise::sum_over(image, image, |value, _| value);
                *output = sum / (height * width) as f32;
            }
        },
    );
    let operator = GlobalAvgPool2d {
        plane: height * width,
    };
    record(output, (samples, channels), &[input], operator)
}

/// The planes of a batch and the windows on each of them.
#[derive(Debug, Clone, Copy)]
struct Planes {
    samples: usize,
    channels: usize,
    height: usize,
    width: usize,
    rows: usize,
    columns: usize,
    windows: Windows,
}

impl Planes {
    fn new(input: &Tensor, windows: Windows) -> Result<Self> {
        let (samples, channels, height, width) = input.dims4()?;
        let (rows, columns) = windows.output_size(height, width)?;
        Ok(Self {
            samples,
            channels,
            height,
            width,
            rows,
            columns,
            windows,
        })
    }

    fn count(&self) -> usize {
        self.samples * self.channels
    }

    fn output_shape(&self) -> (usize, usize, usize, usize) {
        (self.samples, self.channels, self.rows, self.columns)
    }

    fn output_length(&self) -> usize {
        self.count() * self.rows * self.columns
    }

    /// What one value adds to the mean of a window.
    fn share(&self) -> f32 {
        1.0 / self.windows.kernel.pow(2) as f32
    }

    /// Calls `work`, for each place in a window, with a range of outputs and the position in the
    /// image that the first of them sees there; the next ones see every s-th from there.
    #[inline(always)]
    fn for_taps(&self, mut work: impl FnMut(Range<usize>, usize)) {
        let Windows {
            kernel,
            stride,
            padding,
        } = self.windows;
        for row in 0..self.rows {
            for y in self.windows.inside(row, self.height) {
                for tap in 0..kernel {
                    let first = padding.saturating_sub(tap).div_ceil(stride);
                    let end = (self.width + padding).saturating_sub(tap).div_ceil(stride);
                    let columns = first..end.min(self.columns);
                    if !columns.is_empty() {
                        let position = y * self.width + first * stride + tap - padding;
                        let output = row * self.columns;
                        work(output + columns.start..output + columns.end, position);
                    }
                }
            }
        }
    }

    /// Where in a plane each window begins.
    fn first_positions(&self) -> Vec<u32> {
        let begin = |index: usize, size: usize| self.windows.inside(index, size).start;
        let row = |row: usize| {
            let start = begin(row, self.height) * self.width;
            (0..self.columns).map(move |column| (start + begin(column, self.width)) as u32)
        };
        (0..self.rows).flat_map(row).collect()
    }

    /// Finds the value and the position of each window's maximum; the positions come in as those of
    /// the windows.
    ///
    /// Without branches that depend on the values: they would be mispredicted half of the time.
    #[inline(always)]
    fn find_maxima(
        &self,
        image: &[f32],
        maxima: &mut [f32],
        positions: &mut [u32],
        line: &mut [f32],
    ) {
        maxima.fill(f32::NEG_INFINITY);
        let stride = self.windows.stride;
        self.for_taps(
            #[inline(always)]
            |outputs, first| {
                let values = every(&image[first..], stride, &mut line[..outputs.len()]);
                let best = maxima[outputs.clone()]
                    .iter_mut()
                    .zip(&mut positions[outputs]);
                for (index, ((maximum, position), &value)) in best.zip(values).enumerate() {
                    // NaN counts as larger than any number.
                    let is_larger = (value > *maximum) | value.is_nan();
                    *maximum = if is_larger { value } else { *maximum };
                    // In 32 bits, as many lanes as the values have.
                    let here =
                        (first as u32).wrapping_add((index as u32).wrapping_mul(stride as u32));
                    *position = if is_larger { here } else { *position };
                }
            },
        );
    }

    /// Adds to each output the sum of its window.
    #[inline(always)]
    fn add_windows(&self, image: &[f32], outputs: &mut [f32]) {
        let stride = self.windows.stride;
        self.for_taps(
            #[inline(always)]
            |range, first| {
                let values = image[first..].iter().step_by(stride);
                for (sum, value) in outputs[range].iter_mut().zip(values) {
                    *sum += value;
                }
            },
        );
    }
}

/// Every `stride`-th of `values`, as many as `line` has room for.
#[inline(always)]
fn every<'a>(values: &[f32], stride: usize, line: &'a mut [f32]) -> &'a [f32] {
    if stride == 2 {
        let (pairs, rest) = values.as_chunks::<2>();
        for (to, pair) in line.iter_mut().zip(pairs) {
            *to = pair[0];
        }
        if let (Some(to), Some(last)) = (line.get_mut(pairs.len()), rest.first()) {
            *to = *last;
        }
    } else {
        let values = values.iter().step_by(stride);
        line.iter_mut()
            .zip(values)
            .for_each(|(to, value)| *to = *value);
    }
    line
}

struct MaxPool2d {
    planes: Planes,
    /// Where in its plane each output's maximum lies.
    positions: Vec<u32>,
}

impl Backward for MaxPool2d {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn backward(&self, gradient: Vec<f32>, _: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        let planes = &self.planes;
        let (plane, of_plane) = (planes.height * planes.width, planes.rows * planes.columns);
        let mut input_gradient = buffers::take(planes.count() * plane);
        input_gradient
            .par_chunks_mut(plane)
            .zip(gradient.par_chunks(of_plane))
            .zip(self.positions.par_chunks(of_plane))
            .with_min_len(planes.channels)
            .for_each(|((to, gradient), positions)| {
                to.fill(0.0);
                for (&position, gradient) in positions.iter().zip(gradient) {
                    to[position as usize] += gradient;
                }
            });
        buffers::give(gradient);
        Ok(vec![Some(input_gradient)])
    }
}

struct AvgPool2d {
    planes: Planes,
}

impl Backward for AvgPool2d {
    fn name(&self) -> &'static str {
        "avg_pool2d"
    }

    fn backward(&self, gradient: Vec<f32>, _: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        let planes = &self.planes;
        let plane = planes.height * planes.width;
        let mut input_gradient = buffers::zeros(planes.count() * plane);
        for_samples(
            &gradient,
            &mut input_gradient,
            planes.count(),
            |_, gradient, to| {
                planes.for_taps(
                    #[inline(always)]
                    |outputs, first| {
                        let to = to[first..].iter_mut().step_by(planes.windows.stride);
                        for (to, gradient) in to.zip(&gradient[outputs]) {
                            *to += gradient * planes.share();
                        }
                    },
                );
            },
        );
        buffers::give(gradient);
        Ok(vec![Some(input_gradient)])
    }
}

struct GlobalAvgPool2d {
    plane: usize,
}

impl Backward for GlobalAvgPool2d {
    fn name(&self) -> &'static str {
        "global_avg_pool2d"
    }

    fn backward(&self, gradient: Vec<f32>, _: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        let mut input_gradient = buffers::take(gradient.len() * self.plane);
        let planes = input_gradient.par_chunks_mut(self.plane).zip(&gradient);
        planes.with_min_len(64).for_each(|(plane, &gradient)| {
            vectorized(|| plane.fill(gradient / self.plane as f32));
        });
        Ok(vec![Some(input_gradient)])
    }
}
