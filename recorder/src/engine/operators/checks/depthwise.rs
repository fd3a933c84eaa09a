//! Depthwise convolution with the batch normalisation behind it.

use candle_core::{DType, Device, Result, Tensor};
use proptest::prelude::*;

use crate::engine::operators::arguments::{Activation, BatchNormParameters};
use crate::engine::operators::checks::batch_norm::{
    WIDE, activation, parameters, reference, widened,
};
use crate::engine::operators::checks::check;
use crate::engine::operators::composed_convolution;
use crate::engine::operators::conv_batch_norm::depthwise_batch_norm;

#[derive(Debug, Clone, Copy)]
struct Sizes {
    samples: usize,
    channels: usize,
    size: [usize; 2],
    kernel: usize,
    stride: usize,
}

impl Sizes {
    /// Channels of one panel and of two, full and not.
    fn any() -> impl Strategy<Value = Self> {
        let image = (1..12usize, 1..12usize);
        let windows = (prop_oneof![Just(3), Just(5)], 1..4usize);
        (
            1..4usize,
            prop_oneof![1..4usize, 15..19usize],
            image,
            windows,
        )
            .prop_map(
                |(samples, channels, (height, width), (kernel, stride))| Self {
                    samples,
                    channels,
                    size: [height, width],
                    kernel,
                    stride,
                },
            )
    }

    fn output(&self) -> [usize; 2] {
        self.size.map(|length| length.div_ceil(self.stride))
    }

    fn shapes(&self) -> Vec<Vec<usize>> {
        let Self {
            samples,
            channels,
            size: [height, width],
            kernel,
            ..
        } = *self;
        vec![
            vec![channels],
            vec![channels],
            vec![samples, channels, height, width],
            vec![channels, 1, kernel, kernel],
        ]
    }

    /// Straight from the definition.
    fn convolved(&self, input: &[f64], weight: &[f64]) -> Vec<f64> {
        let Self {
            samples,
            channels,
            size: [height, width],
            kernel,
            stride,
        } = *self;
        let [rows, columns] = self.output();
        let before = self.size.map(|length| {
            let padded = (length.div_ceil(stride) - 1) * stride + kernel;
            padded.saturating_sub(length) / 2
        });
        let at = |at: usize| {
            let (plane, y, x) = (at / rows / columns, at / columns % rows, at % columns);
            let taps = &weight[plane % channels * kernel * kernel..][..kernel * kernel];
            let term = |(tap, weight): (usize, &f64)| {
                let y = (y * stride + tap / kernel).wrapping_sub(before[0]);
                let x = (x * stride + tap % kernel).wrapping_sub(before[1]);
                match y < height && x < width {
                    true => weight * input[(plane * height + y) * width + x],
                    false => 0.0,
                }
            };
            taps.iter().enumerate().map(term).sum()
        };
        (0..samples * channels * rows * columns).map(at).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_depthwise_convolution_and_its_normalisation_are_both(
        sizes in Sizes::any(), activation in activation(), seed: u64,
    ) {
        let [rows, columns] = sizes.output();
        prop_assume!(sizes.samples * rows * columns > 1);
        check(seed, &sizes.shapes(), 1e-4, |inputs| -> Result<Tensor> {
            let inputs = &widened(inputs.to_vec(), activation, |weight| (weight * WIDE).unwrap());
            let (image, weight) = (&inputs[2], &inputs[3]);
            Ok(depthwise_batch_norm(image, weight, sizes.stride, parameters(inputs), activation)?.0)
        }, |inputs| {
            let inputs = &widened(inputs.to_vec(), activation, |weight| {
                weight.iter().map(|value| value * WIDE).collect()
            });
            let convolved = sizes.convolved(&inputs[2], &inputs[3]);
            reference(&convolved, sizes.channels, rows * columns, inputs, None, activation)
        });
    }

    /// By statistics that stand still, so that nothing but the convolution and a scale is left.
    #[test]
    fn a_depthwise_convolution_is_its_definition_at_every_size(sizes in Sizes::any(), seed: u64) {
        let shapes = &sizes.shapes()[2..];
        let definition = |inputs: &[Vec<f64>]| sizes.convolved(&inputs[0], &inputs[1]);
        check(seed, shapes, 1e-5, |inputs| {
            let constant = |value: f32| Tensor::full(value, sizes.channels, &Device::Cpu);
            let parameters = BatchNormParameters {
                weight: &constant(1.0)?,
                bias: &constant(0.0)?,
                epsilon: 0.0,
                running: Some((&constant(0.0)?, &constant(1.0)?)),
            };
            let (image, weight) = (&inputs[0], &inputs[1]);
            let identity = Activation::Identity;
            Ok(depthwise_batch_norm(image, weight, sizes.stride, parameters, identity)?.0)
        }, definition);
        check(seed, shapes, 1e-5, |inputs| {
            composed_convolution::depthwise(&inputs[0], &inputs[1], sizes.stride)
        }, definition);
    }
}

#[test]
fn weights_that_do_not_fit_are_refused() {
    let tensor = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    let inputs = [tensor(&[4]), tensor(&[4]), tensor(&[1, 4, 6, 6])];
    let refused = |weight: &[usize], reason: &str| {
        let identity = Activation::Identity;
        let norm = parameters(&inputs);
        let refused = depthwise_batch_norm(&inputs[2], &tensor(weight), 1, norm, identity);
        let message = refused.unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    };
    refused(&[5, 1, 3, 3], "do not fit 4 channels");
    refused(&[4, 1, 7, 7], "kernels are of 3×3 or 5×5, not 7×7");
}
