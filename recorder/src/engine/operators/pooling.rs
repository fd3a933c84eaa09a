//! Max and average pooling of samples × channels × height × width, with windows that may overlap
//! and need not cover the image.
//!
//! The first maximum of a window gets its gradient, as in PyTorch. Padding is never a maximum, and
//! counts as zeros in an average (PyTorch's default).
#![expect(
    unsafe_code,
    reason = "memory that is written before it is read is not cleared first"
)]

use std::mem::MaybeUninit;

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use crate::engine::operators::activations::count;
use crate::engine::operators::buffers::with_scratch;
use crate::engine::operators::chunks::for_samples;
use crate::engine::operators::instructions::vectorized;
use crate::engine::operators::pooling_windows::{Planes, Windows};
use crate::engine::operators::record::{Backward, record};
use crate::engine::operators::values::{Values, has_kernels};
use crate::engine::operators::{buffers, composed};

/// The largest value of each window.
///
/// # Errors
/// Where the windows do not fit the images.
pub fn max_pool2d(input: &Tensor, windows: Windows) -> Result<Tensor> {
    if !has_kernels(input)? {
        return composed::max_pool2d(input, windows);
    }
    let planes = Planes::new(input, windows)?;
    let first_positions = planes.first_positions();
    let values = Values::of(input)?;
    let values = values.read()?;
    let of_plane = planes.rows * planes.columns;
    let find = |output: &mut [MaybeUninit<f32>], positions: &mut [MaybeUninit<u32>]| {
        values
            .par_chunks(planes.height * planes.width)
            .zip(output.par_chunks_mut(of_plane))
            .zip(positions.par_chunks_mut(of_plane))
            .with_min_len(planes.channels)
            .for_each(|((image, maxima), positions)| {
                let maxima = buffers::filled(maxima, f32::NEG_INFINITY);
                let positions = positions.write_copy_of_slice(&first_positions);
                with_scratch(planes.line_length(), |line| {
                    vectorized(
                        #[inline(always)]
                        || planes.find_maxima(image, maxima, positions, line),
                    );
                });
            });
    };
    let (length, mut positions) = (planes.output_length(), Vec::new());
    // SAFETY: there is an image for each plane of the output, and all of a plane is written.
    let output = unsafe {
        buffers::written(length, |output| {
            positions = buffers::written(length, |positions| find(output, positions));
        })
    };
    drop(values);
    count(positions.len());
    let shape = planes.output_shape();
    record(output, shape, &[input], MaxPool2d { planes, positions })
}

/// The mean of each window.
///
/// # Errors
/// Where the windows do not fit the images.
pub fn avg_pool2d(input: &Tensor, windows: Windows) -> Result<Tensor> {
    if !has_kernels(input)? {
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
            if planes.windows == Windows::tiles(2) {
                planes.halve(image, output);
            } else {
                planes.add_windows(image, output);
                output.iter_mut().for_each(|sum| *sum *= planes.share());
            }
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
    if !has_kernels(input)? {
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
                let sum =
                    crate::engine::operators::elementwise::sum_over(image, image, |value, _| value);
                *output = sum / (height * width) as f32;
            }
        },
    );
    let operator = GlobalAvgPool2d {
        plane: height * width,
    };
    record(output, (samples, channels), &[input], operator)
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
        assert_eq!(gradient.len(), self.positions.len());
        let fill = |to: &mut [MaybeUninit<f32>]| {
            to.par_chunks_mut(plane)
                .zip(gradient.par_chunks(of_plane))
                .zip(self.positions.par_chunks(of_plane))
                .with_min_len(planes.channels)
                .for_each(|((to, gradient), positions)| {
                    let to = buffers::filled(to, 0.0);
                    for (&position, gradient) in positions.iter().zip(gradient) {
                        to[position as usize] += gradient;
                    }
                });
        };
        // SAFETY: there are windows for each plane, and all of a plane is filled.
        let input_gradient = unsafe { buffers::taken_and_written(planes.count() * plane, fill) };
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
                if planes.windows == Windows::tiles(2) {
                    return planes.double(gradient, to);
                }
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
