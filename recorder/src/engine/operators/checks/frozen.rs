//! The operators of networks that are not trained, against their definitions in 64 bits.

use crate::engine::operators::frozen_convolution::{
    FrozenConvolution, FrozenNorm, FrozenShape, Limits,
};
use crate::engine::operators::frozen_depthwise::FrozenDepthwise;
use crate::engine::operators::frozen_grid::Padding;
use crate::engine::operators::frozen_maps::Maps;
use crate::engine::operators::frozen_max_pool::max_pool;

fn numbers(count: usize, seed: usize) -> Vec<f32> {
    let number = |at: usize| ((at * 7919 + seed * 104_729) % 1009) as f32 / 504.5 - 1.0;
    (0..count).map(number).collect()
}

/// channels × samples × size
fn maps(channels: usize, samples: usize, size: [usize; 2]) -> Maps {
    let mut maps = Maps::new(channels, samples, size);
    for channel in 0..channels {
        let values = numbers(samples * size[0] * size[1], channel);
        maps.planes_mut(channel, &(0..samples))
            .copy_from_slice(&values);
    }
    maps
}

fn norm(channels: usize) -> FrozenNorm {
    let around = |middle: f32, seed| -> Vec<f32> {
        numbers(channels, seed)
            .iter()
            .map(|value| middle + 0.5 * value)
            .collect()
    };
    FrozenNorm {
        weight: around(1.0, 1),
        bias: around(0.0, 2),
        mean: around(0.0, 3),
        variance: around(1.0, 4),
        epsilon: 1e-3,
    }
}

/// The definition: output channel `row` sees the inputs from `first` on.
struct Reference<'a> {
    shape: FrozenShape,
    weight: &'a [f32],
    input: &'a Maps,
    norm: FrozenNorm,
}

impl Reference<'_> {
    fn at(&self, row: usize, first: usize, sample: usize, [y, x]: [usize; 2]) -> f64 {
        let FrozenShape {
            inputs,
            kernel,
            stride,
            padding,
            ..
        } = self.shape;
        let before = |length: usize| match padding {
            Padding::Even(zeros) => zeros,
            Padding::Same => {
                ((length.div_ceil(stride) - 1) * stride + kernel).saturating_sub(length) / 2
            }
        };
        let [height, width] = self.input.size;
        let mut sum = 0.0;
        for channel in 0..inputs {
            let plane = self.input.planes(first + channel, &(sample..sample + 1));
            for tap in 0..kernel * kernel {
                let y = (y * stride + tap / kernel).wrapping_sub(before(height));
                let x = (x * stride + tap % kernel).wrapping_sub(before(width));
                if y < height && x < width {
                    let weight = self.weight[(row * inputs + channel) * kernel * kernel + tap];
                    sum += f64::from(weight) * f64::from(plane[y * width + x]);
                }
            }
        }
        let norm = &self.norm;
        let deviation = (f64::from(norm.variance[row]) + norm.epsilon).sqrt();
        (sum - f64::from(norm.mean[row])) / deviation * f64::from(norm.weight[row])
            + f64::from(norm.bias[row])
    }
}

fn check(output: &Maps, expected: impl Fn(usize, usize, [usize; 2]) -> f64) {
    let [_, width] = output.size;
    for channel in 0..output.channels {
        for sample in 0..output.samples {
            let plane = output.planes(channel, &(sample..sample + 1));
            for (at, &found) in plane.iter().enumerate() {
                let expected = expected(channel, sample, [at / width, at % width]);
                let found = f64::from(found);
                assert!(
                    (found - expected).abs() < 2e-5,
                    "{channel} {sample} {at}: {found} {expected}"
                );
            }
        }
    }
}

fn shape(
    channels: [usize; 2],
    kernel: usize,
    stride: usize,
    padding: Padding,
    limits: Limits,
) -> FrozenShape {
    FrozenShape {
        inputs: channels[0],
        outputs: channels[1],
        kernel,
        stride,
        padding,
        limits,
    }
}

#[test]
fn convolutions_are_their_definition_whatever_the_window_the_stride_and_the_size() {
    for (kernel, stride, padding) in [
        (1, 1, Padding::Even(0)),
        (1, 2, Padding::Even(0)),
        (3, 1, Padding::Even(1)),
        (3, 2, Padding::Even(1)),
        (7, 2, Padding::Even(3)),
        (3, 2, Padding::Same),
        (5, 1, Padding::Same),
        (2, 3, Padding::Same),
    ] {
        for size in [[6, 8], [7, 5]] {
            let input = maps(3, 5, size);
            let shape = shape([3, 10], kernel, stride, padding, Limits::RELU);
            let weight = numbers(10 * 3 * kernel * kernel, 5);
            let layer = FrozenConvolution::new(shape, weight.clone(), &norm(10));
            let reference = Reference {
                shape,
                weight: &weight,
                input: &input,
                norm: norm(10),
            };
            let plain = layer.forward(&input, None).unwrap();
            check(&plain, |row, sample, at| {
                reference.at(row, 0, sample, at).max(0.0)
            });
            let residual = maps(10, 5, plain.size);
            let added = layer.forward(&input, Some(&residual)).unwrap();
            let width = plain.size[1];
            check(&added, |row, sample, at| {
                let residual = residual.planes(row, &(sample..sample + 1))[at[0] * width + at[1]];
                (reference.at(row, 0, sample, at) + f64::from(residual)).max(0.0)
            });
        }
    }
}

#[test]
fn depthwise_convolutions_are_their_definition_with_and_without_what_makes_their_channels() {
    for (kernel, stride) in [(3, 1), (3, 2), (5, 1), (5, 2)] {
        for size in [[6, 8], [7, 5]] {
            let input = maps(3, 5, size);
            let expand = shape([3, 18], 1, 1, Padding::Same, Limits::RELU6);
            let expand = FrozenConvolution::new(expand, numbers(54, 6), &norm(18));
            let wide = expand.forward(&input, None).unwrap();
            let shape = shape([1, 18], kernel, stride, Padding::Same, Limits::RELU6);
            let weight = numbers(18 * kernel * kernel, 7);
            let layer = FrozenDepthwise::new(shape, weight.clone(), &norm(18));
            let reference = Reference {
                shape,
                weight: &weight,
                input: &wide,
                norm: norm(18),
            };
            let expected = |row, sample, at| reference.at(row, row, sample, at).clamp(0.0, 6.0);
            check(&layer.forward(None, &wide).unwrap(), expected);
            check(&layer.forward(Some(&expand), &input).unwrap(), expected);
        }
    }
}

#[test]
fn max_pooling_takes_the_largest_value_of_each_window() {
    let mut input = Maps::new(1, 2, [3, 4]);
    let first = [1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 6.0, 0.0, 7.0, 8.0, 9.0, 1.0];
    input.planes_mut(0, &(0..1)).copy_from_slice(&first);
    input.planes_mut(0, &(1..2)).fill(0.5);
    let output = max_pool(&input, 3, 2, 1).unwrap();
    assert_eq!(
        output.planes(0, &(0..2)),
        [5.0, 6.0, 8.0, 9.0, 0.5, 0.5, 0.5, 0.5]
    );
    assert_eq!(input.means(), [46.0 / 12.0, 0.5]);
    assert!(max_pool(&input, 9, 1, 1).is_err());
}
