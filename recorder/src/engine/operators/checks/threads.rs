//! The number of threads changes no bit.

use candle_core::{Result, Tensor};

use crate::engine::operators::arguments::{Activation, BatchNormParameters};
use crate::engine::operators::batch_norm::batch_norm;
use crate::engine::operators::checks::evaluate;
use crate::engine::operators::conv_batch_norm::{conv2d_batch_norm, depthwise_batch_norm};
use crate::engine::operators::conv2d::conv2d;
use crate::engine::operators::cross_entropy::cross_entropy;
use crate::engine::operators::linear::linear;
use crate::engine::operators::pooling::{avg_pool2d, global_avg_pool2d, max_pool2d};
use crate::engine::operators::pooling_windows::Windows;
use crate::engine::operators::relu::{add_relu, relu};
use crate::engine::operators::zero_channels::zero_channels;

/// Bits of the output and of all gradients.
fn bits(
    threads: usize,
    shapes: &[Vec<usize>],
    operator: impl Fn(&[Tensor]) -> Result<Tensor> + Sync,
) -> Vec<u32> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let (output, gradients) = pool.install(|| evaluate(7, shapes, &operator));
    let tensors = gradients.iter().chain([&output]);
    let values = tensors.flat_map(|tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap());
    values.map(f32::to_bits).collect()
}

fn assert_same_bits(shapes: &[Vec<usize>], operator: impl Fn(&[Tensor]) -> Result<Tensor> + Sync) {
    let one = bits(1, shapes, &operator);
    assert!(
        one == bits(2, shapes, &operator),
        "two threads differ from one"
    );
    assert!(
        one == bits(3, shapes, &operator),
        "three threads differ from one"
    );
}

#[test]
fn convolutions_are_the_same_on_any_number_of_threads() {
    let shapes = [vec![19, 3, 15, 17], vec![20, 3, 5, 5], vec![20]];
    assert_same_bits(&shapes, |inputs| {
        let output = conv2d(
            &inputs[0],
            &inputs[1],
            Some(&inputs[2]),
            1,
            2,
            Activation::Relu,
        )?;
        max_pool2d(&output, Windows::tiles(2))
    });
}

#[test]
fn batch_norm_is_the_same_on_any_number_of_threads() {
    let shapes = [vec![13, 4, 16, 16], vec![16, 4, 3, 3], vec![16], vec![16]];
    assert_same_bits(&shapes, |inputs| {
        let parameters = BatchNormParameters {
            weight: &inputs[2],
            bias: &inputs[3],
            epsilon: 1e-5,
            running: None,
        };
        let (image, weight) = (&inputs[0], &inputs[1]);
        Ok(conv2d_batch_norm(image, weight, 2, 1, parameters, None, Activation::Relu)?.0)
    });
}

#[test]
fn depthwise_convolutions_are_the_same_on_any_number_of_threads() {
    for (kernel, stride) in [(3, 1), (5, 2)] {
        let shapes = [
            vec![13, 20, 16, 15],
            vec![20, 1, kernel, kernel],
            vec![20],
            vec![20],
        ];
        assert_same_bits(&shapes, |inputs| {
            let parameters = BatchNormParameters {
                weight: &inputs[2],
                bias: &inputs[3],
                epsilon: 1e-5,
                running: None,
            };
            let (image, weight) = (&inputs[0], &inputs[1]);
            Ok(depthwise_batch_norm(image, weight, stride, parameters, Activation::Relu6)?.0)
        });
    }
}

/// So many channels that convolutions are computed by tiles.
#[test]
fn convolutions_by_tiles_are_the_same_on_any_number_of_threads() {
    let shapes = [vec![13, 64, 9, 6], vec![65, 64, 3, 3], vec![65]];
    assert_same_bits(&shapes, |inputs| {
        let (image, weight) = (&inputs[0], &inputs[1]);
        conv2d(image, weight, Some(&inputs[2]), 1, 1, Activation::Relu)
    });
}

#[test]
fn linear_is_the_same_on_any_number_of_threads() {
    let shapes = [vec![37, 300], vec![260, 300], vec![260]];
    assert_same_bits(&shapes, |inputs| {
        linear(&inputs[0], &inputs[1], Some(&inputs[2]), Activation::Relu)
    });
}

#[test]
fn strided_convolutions_with_other_kernels_are_the_same_on_any_number_of_threads() {
    for (kernel, stride) in [(1, 1), (1, 2), (7, 2)] {
        let shapes = [vec![11, 6, 21, 18], vec![24, 6, kernel, kernel]];
        assert_same_bits(&shapes, |inputs| {
            let (image, weight) = (&inputs[0], &inputs[1]);
            conv2d(
                image,
                weight,
                None,
                stride,
                kernel / 2,
                Activation::Identity,
            )
        });
    }
}

#[test]
fn batch_norm_alone_is_the_same_on_any_number_of_threads() {
    let image = vec![17, 12, 13, 11];
    let shapes = [image.clone(), vec![12], vec![12], image];
    assert_same_bits(&shapes, |inputs| {
        let parameters = BatchNormParameters {
            weight: &inputs[1],
            bias: &inputs[2],
            epsilon: 1e-5,
            running: None,
        };
        Ok(batch_norm(&inputs[0], parameters, Some(&inputs[3]), Activation::Relu)?.0)
    });
}

#[test]
fn pooling_is_the_same_on_any_number_of_threads() {
    let shapes = [vec![19, 8, 17, 15]];
    let overlapping = Windows {
        kernel: 3,
        stride: 2,
        padding: 1,
    };
    assert_same_bits(&shapes, |inputs| max_pool2d(&inputs[0], overlapping));
    assert_same_bits(&shapes, |inputs| avg_pool2d(&inputs[0], overlapping));
    assert_same_bits(&shapes, |inputs| global_avg_pool2d(&inputs[0]));
}

#[test]
fn elementwise_operators_are_the_same_on_any_number_of_threads() {
    let shapes = [vec![19, 8, 17, 15], vec![19, 8, 17, 15]];
    assert_same_bits(&shapes[..1], |inputs| relu(&inputs[0]));
    assert_same_bits(&shapes[..1], |inputs| zero_channels(&inputs[0], 13));
    assert_same_bits(&shapes, |inputs| add_relu(&inputs[0], &inputs[1]));
}

#[test]
fn cross_entropy_is_the_same_on_any_number_of_threads() {
    assert_same_bits(&[vec![700, 101]], |inputs| {
        let labels: Vec<u32> = (0..700).map(|sample| sample * 7 % 101).collect();
        cross_entropy(&inputs[0], &Tensor::new(labels, inputs[0].device())?)
    });
}
