//! The fully connected layer, ReLU and cross-entropy.

use candle_core::{Device, Tensor, Var};
use proptest::prelude::*;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::checks::batch_norm::{WIDE, activation, widened};
use crate::engine::operators::checks::check;
use crate::engine::operators::composed;
use crate::engine::operators::cross_entropy::cross_entropy;
use crate::engine::operators::linear::linear;
use crate::engine::operators::record::backward;
use crate::engine::operators::relu::{add_relu, relu};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn linear_is_its_definition(
        samples in 1..6usize, inputs in 1..20usize, outputs in 1..150usize,
        activation in activation(),
        has_bias: bool, seed: u64,
    ) {
        let mut shapes = vec![vec![samples, inputs], vec![outputs, inputs]];
        shapes.extend(has_bias.then_some(vec![outputs]));
        for layer in [linear, composed::linear] {
            check(seed, &shapes, 1e-5, |tensors| {
                let tensors = widened(tensors.to_vec(), activation, |input| {
                    (input * WIDE).unwrap()
                });
                layer(&tensors[0], &tensors[1], tensors.get(2), activation)
            }, |tensors| {
                let tensors = &widened(tensors.to_vec(), activation, |input| {
                    input.iter().map(|value| value * WIDE).collect()
                });
                let outputs = tensors[0].chunks(inputs).flat_map(|row| {
                    tensors[1].chunks(inputs).enumerate().map(move |(output, weight)| {
                        let product: f64 = row.iter().zip(weight).map(|(x, w)| x * w).sum();
                        product + tensors.get(2).map_or(0.0, |bias| bias[output])
                    })
                });
                match activation {
                    Activation::Identity => outputs.collect(),
                    Activation::Relu => outputs.map(|output| output.max(0.0)).collect(),
                    Activation::Relu6 => outputs.map(|output| output.clamp(0.0, 6.0)).collect(),
                }
            });
        }
    }

    #[test]
    fn add_relu_is_the_larger_of_zero_and_the_sum(count in 1..40_000usize, seed: u64) {
        let shapes = [vec![count], vec![count]];
        check(seed, &shapes, 1e-5, |inputs| add_relu(&inputs[0], &inputs[1]), |inputs| {
            inputs[0].iter().zip(&inputs[1]).map(|(a, b)| (a + b).max(0.0)).collect()
        });
        // As the other devices do it; and an input that is used twice.
        check(seed, &shapes, 1e-5, |inputs| {
            let sum = composed::relu(&(relu(&inputs[0])? + &inputs[1])?)?;
            Tensor::cat(&[relu(&inputs[0])?, sum], 0)
        }, |inputs| {
            let pairs = inputs[0].iter().zip(&inputs[1]);
            let sums = pairs.map(|(a, b)| (a.max(0.0) + b).max(0.0));
            inputs[0].iter().map(|a| a.max(0.0)).chain(sums).collect()
        });
    }

    #[test]
    fn cross_entropy_is_its_definition(
        samples in 1..8usize, classes in 1..12usize, seed: u64,
    ) {
        let labels: Vec<u32> = (0..samples).map(|sample| ((seed >> sample) % classes as u64) as u32).collect();
        let label_tensor = Tensor::new(labels.as_slice(), &Device::Cpu).unwrap();
        check(seed, &[vec![samples, classes]], 1e-5, |inputs| {
            cross_entropy(&inputs[0], &label_tensor)
        }, |inputs| {
            let losses = inputs[0].chunks(classes).zip(&labels).map(|(row, &label)| {
                row.iter().map(|logit| logit.exp()).sum::<f64>().ln() - row[label as usize]
            });
            vec![losses.sum::<f64>() / samples as f64]
        });
    }
}

#[test]
fn relu_stops_the_gradient_at_zero() {
    for relu in [relu, composed::relu] {
        let input = Var::new(&[-1f32, 0.0, 1.0], &Device::Cpu).unwrap();
        let gradients = backward(&relu(&input).unwrap().sum_all().unwrap()).unwrap();
        let gradient = gradients.get(&input).unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(gradient, [0.0, 0.0, 1.0]);
    }
}

#[test]
fn a_label_that_is_no_class_is_refused() {
    let logits = Tensor::zeros((1, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
    let labels = Tensor::new(&[3u32], &Device::Cpu).unwrap();
    let message = cross_entropy(&logits, &labels).unwrap_err().to_string();
    assert!(
        message.contains("there are 3 classes, but a label is 3"),
        "{message}"
    );
}
