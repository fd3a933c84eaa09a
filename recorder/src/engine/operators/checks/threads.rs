//! The number of threads changes no bit.

use candle_core::{Result, Tensor};

use super::super::activation::Activation;
use super::super::batch_norm::BatchNormParameters;
use super::super::conv_batch_norm::conv2d_batch_norm;
use super::super::pooling::max_pool2d;
use super::super::pooling_windows::Windows;
use super::super::{conv2d, linear};
use super::evaluate;

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
fn linear_is_the_same_on_any_number_of_threads() {
    let shapes = [vec![37, 300], vec![260, 300], vec![260]];
    assert_same_bits(&shapes, |inputs| {
        linear(&inputs[0], &inputs[1], Some(&inputs[2]), Activation::Relu)
    });
}
