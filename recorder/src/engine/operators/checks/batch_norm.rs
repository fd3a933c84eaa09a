//! Batch normalisation, alone and behind a convolution.

use candle_core::{Result, Tensor};
use proptest::prelude::*;

use crate::engine::operators::arguments::{Activation, BatchNormParameters};
use crate::engine::operators::batch_norm::batch_norm;
use crate::engine::operators::checks::check;
use crate::engine::operators::checks::conv2d::Sizes;
use crate::engine::operators::composed;
use crate::engine::operators::conv_batch_norm::conv2d_batch_norm;

const EPSILON: f64 = 1e-2;

pub(crate) fn parameters(inputs: &[Tensor]) -> BatchNormParameters<'_> {
    BatchNormParameters {
        weight: &inputs[0],
        bias: &inputs[1],
        epsilon: EPSILON,
        running: None,
    }
}

/// Straight from the definition: `input` is samples × channels × plane.
pub(crate) fn reference(
    input: &[f64],
    channels: usize,
    plane: usize,
    parameters: &[Vec<f64>],
    residual: Option<&[f64]>,
    activation: Activation,
) -> Vec<f64> {
    let mut output = vec![0.0; input.len()];
    let parameters = parameters[0].iter().zip(&parameters[1]);
    for (channel, (weight, bias)) in parameters.enumerate() {
        let places = || (0..input.len()).filter(|at| at / plane % channels == channel);
        let count = places().count() as f64;
        let mean = places().map(|at| input[at]).sum::<f64>() / count;
        let variance = places().map(|at| (input[at] - mean).powi(2)).sum::<f64>() / count;
        for at in places() {
            let normal = (input[at] - mean) / (variance + EPSILON).sqrt();
            let value = normal * weight + bias;
            let value = value + residual.map_or(0.0, |residual| residual[at]);
            output[at] = match activation {
                Activation::Identity => value,
                Activation::Relu => value.max(0.0),
                Activation::Relu6 => value.clamp(0.0, 6.0),
            };
        }
    }
    output
}

pub(crate) fn activation() -> impl Strategy<Value = Activation> {
    prop_oneof![
        Just(Activation::Identity),
        Just(Activation::Relu),
        Just(Activation::Relu6)
    ]
}

/// What makes normalised values so large that some are above 6.
pub(crate) const WIDE: f64 = 6.0;

/// The inputs of a normalisation, with larger weights where a ReLU6 follows.
pub(crate) fn widened<T>(
    mut inputs: Vec<T>,
    activation: Activation,
    widen: impl Fn(&T) -> T,
) -> Vec<T> {
    if activation == Activation::Relu6 {
        inputs[0] = widen(&inputs[0]);
    }
    inputs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn batch_norm_is_its_definition(
        samples in 1..5usize, channels in 1..5usize, height in 1..7usize, width in 1..7usize,
        activation in activation(), has_residual: bool, seed: u64,
    ) {
        prop_assume!(samples * height * width > 1);
        let image = vec![samples, channels, height, width];
        let mut shapes = vec![vec![channels], vec![channels], image.clone()];
        shapes.extend(has_residual.then_some(image));
        let expected = |inputs: &[Vec<f64>]| {
            let inputs = &widened(inputs.to_vec(), activation, |weight| {
                weight.iter().map(|value| value * WIDE).collect()
            });
            let residual = inputs.get(3).map(Vec::as_slice);
            reference(&inputs[2], channels, height * width, inputs, residual, activation)
        };
        for normalise in [batch_norm, composed::batch_norm] {
            check(seed, &shapes, 1e-4, |inputs| -> Result<Tensor> {
                let inputs = &widened(inputs.to_vec(), activation, |weight| {
                    (weight * WIDE).unwrap()
                });
                Ok(normalise(&inputs[2], parameters(inputs), inputs.get(3), activation)?.0)
            }, expected);
        }
    }

    #[test]
    fn batch_norm_behind_a_convolution_is_both(
        sizes in Sizes::any(), activation in activation(), has_residual: bool, seed: u64,
    ) {
        let (rows, columns) = sizes.output();
        let (samples, channels) = (sizes.samples, sizes.outputs);
        prop_assume!(samples * rows * columns > 1);
        let mut shapes = vec![vec![channels], vec![channels]];
        shapes.extend(sizes.shapes());
        shapes.extend(has_residual.then_some(vec![samples, channels, rows, columns]));
        check(seed, &shapes, 1e-4, |inputs| -> Result<Tensor> {
            let norm = parameters(inputs);
            let (stride, padding) = (sizes.stride, sizes.padding);
            let (image, weight, residual) = (&inputs[2], &inputs[3], inputs.get(4));
            let output =
                conv2d_batch_norm(image, weight, stride, padding, norm, residual, activation)?;
            Ok(output.0)
        }, |inputs| {
            let convolved = sizes.reference(&inputs[2], &inputs[3]);
            let residual = inputs.get(4).map(Vec::as_slice);
            reference(&convolved, channels, rows * columns, inputs, residual, activation)
        });
    }
}

#[test]
fn running_statistics_normalise_in_evaluation_and_stand_still() {
    let shapes = vec![vec![2], vec![2], vec![3, 2, 2, 2]];
    let (mean, variance) = ([0.5f64, -0.25], [4.0 - EPSILON, 1.0 - EPSILON]);
    let device = candle_core::Device::Cpu;
    let tensor = |values: [f64; 2]| Tensor::new(&values.map(|value| value as f32), &device);
    let (mean_tensor, variance_tensor) = (tensor(mean).unwrap(), tensor(variance).unwrap());
    let expected = |inputs: &[Vec<f64>]| {
        let normal = |(at, value): (usize, &f64)| {
            let channel = at / 4 % 2;
            let deviation = [2.0, 1.0][channel];
            (value - mean[channel]) / deviation * inputs[0][channel] + inputs[1][channel]
        };
        inputs[2].iter().enumerate().map(normal).collect()
    };
    for normalise in [batch_norm, composed::batch_norm] {
        check(
            1,
            &shapes,
            1e-5,
            |inputs| {
                let mut norm = parameters(inputs);
                norm.running = Some((&mean_tensor, &variance_tensor));
                let (output, statistics) = normalise(&inputs[2], norm, None, Activation::Identity)?;
                assert!(statistics.is_none());
                Ok(output)
            },
            expected,
        );
    }
}

#[test]
fn one_value_a_channel_is_refused() {
    let input = Tensor::zeros(
        (1, 2, 1, 1),
        candle_core::DType::F32,
        &candle_core::Device::Cpu,
    );
    let inputs = [
        input.as_ref().unwrap().flatten_all().unwrap(),
        input.unwrap(),
    ];
    let norm = BatchNormParameters {
        weight: &inputs[0],
        bias: &inputs[0],
        epsilon: EPSILON,
        running: None,
    };
    let refused = batch_norm(&inputs[1], norm, None, Activation::Identity);
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("one value a channel has no variance")
    );
}
