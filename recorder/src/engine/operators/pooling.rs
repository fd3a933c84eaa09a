//! Max and average pooling of samples × channels × height × width, with windows that may overlap
//! and need not cover the image.
//!
//! The first maximum of a window gets its gradient, as in PyTorch. Padding is never a maximum, and
//! counts as zeros in an average (PyTorch's default).

use std::ops::Range;

use candle_core::{Result, Tensor, bail};
use rayon::prelude::*;

use super::chunks::for_samples;
use super::composed;
use super::has_kernels;
use super::record::{Backward, record};
use super::values::Values;
use super::{buffers, instructions::vectorized};

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
    let values = Values::of(input)?;
    let mut output = vec![0.0; planes.count * planes.rows * planes.columns];
    for_samples(
        &values.read()?,
        &mut output,
        planes.count,
        |_, image, output| {
            planes.for_windows(|window, rows, columns| {
                output[window] = image[planes.position_of_maximum(image, rows, columns)];
            });
        },
    );
    let operator = MaxPool2d {
        input: values,
        planes,
    };
    record(output, planes.output_shape(input)?, &[input], operator)
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
    let mut output = vec![0.0; planes.count * planes.rows * planes.columns];
    let values = Values::of(input)?;
    for_samples(
        &values.read()?,
        &mut output,
        planes.count,
        |_, image, output| {
            planes.for_windows(|window, rows, columns| {
                let rows = rows.map(|row| &image[row * planes.width..][columns.clone()]);
                let sum: f32 = rows.flatten().sum();
                output[window] = sum * planes.share();
            });
        },
    );
    record(
        output,
        planes.output_shape(input)?,
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
    count: usize, // samples × channels
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
            count: samples * channels,
            height,
            width,
            rows,
            columns,
            windows,
        })
    }

    fn output_shape(&self, input: &Tensor) -> Result<(usize, usize, usize, usize)> {
        let (samples, channels, ..) = input.dims4()?;
        Ok((samples, channels, self.rows, self.columns))
    }

    /// What one value adds to the mean of a window.
    fn share(&self) -> f32 {
        1.0 / self.windows.kernel.pow(2) as f32
    }

    #[inline(always)]
    fn for_windows(&self, mut work: impl FnMut(usize, Range<usize>, Range<usize>)) {
        for row in 0..self.rows {
            for column in 0..self.columns {
                let rows = self.windows.inside(row, self.height);
                let columns = self.windows.inside(column, self.width);
                work(row * self.columns + column, rows, columns);
            }
        }
    }

    /// Where in `image` the first maximum of a window lies; NaN counts as larger than any number.
    #[inline(always)]
    fn position_of_maximum(
        &self,
        image: &[f32],
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> usize {
        let mut best = rows.start * self.width + columns.start;
        let mut largest = image[best];
        for row in rows {
            for column in columns.clone() {
                let position = row * self.width + column;
                let value = image[position];
                if value > largest || (value.is_nan() && !largest.is_nan()) {
                    (best, largest) = (position, value);
                }
            }
        }
        best
    }

    /// Fills the gradient of each plane of the input from that of the output.
    fn input_gradient(
        &self,
        gradient: &[f32],
        fill: impl Fn(usize, &[f32], &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let mut input_gradient = buffers::zeros(self.count * self.height * self.width);
        for_samples(gradient, &mut input_gradient, self.count, fill);
        input_gradient
    }
}

struct MaxPool2d {
    input: Values,
    planes: Planes,
}

impl Backward for MaxPool2d {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn backward(&self, gradient: Vec<f32>, _: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        let planes = &self.planes;
        let input = self.input.read()?;
        let length = planes.height * planes.width;
        let input_gradient = planes.input_gradient(&gradient, |index, gradient, to| {
            let image = &input[index * length..(index + 1) * length];
            planes.for_windows(|window, rows, columns| {
                to[planes.position_of_maximum(image, rows, columns)] += gradient[window];
            });
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
        let input_gradient = planes.input_gradient(&gradient, |_, gradient, to| {
            planes.for_windows(|window, rows, columns| {
                let addend = gradient[window] * planes.share();
                for row in rows {
                    let to = &mut to[row * planes.width..][columns.clone()];
                    to.iter_mut().for_each(|to| *to += addend);
                }
            });
        });
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
