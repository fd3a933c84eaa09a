//! Pooling.

use candle_core::{Device, Tensor, Var};
use proptest::prelude::*;

use crate::engine::operators::checks::{NEAR_A_KINK, check, to_f64, variables};
use crate::engine::operators::composed;
use crate::engine::operators::pooling::{avg_pool2d, global_avg_pool2d, max_pool2d};
use crate::engine::operators::pooling_windows::Windows;
use crate::engine::operators::record::backward;
use crate::engine::operators::zero_channels::zero_channels;

/// Calls `of_window` with the values of each window; padding is `None`.
fn reference(
    input: &[f64],
    height: usize,
    width: usize,
    windows: Windows,
    of_window: impl Fn(Vec<Option<f64>>) -> f64,
) -> Vec<f64> {
    let Windows {
        kernel,
        stride,
        padding,
    } = windows;
    let size = |size: usize| (size + 2 * padding - kernel) / stride + 1;
    let mut output = Vec::new();
    for image in input.chunks(height * width) {
        for (row, column) in (0..size(height)).flat_map(|r| (0..size(width)).map(move |c| (r, c))) {
            let places = (0..kernel).flat_map(|y| (0..kernel).map(move |x| (y, x)));
            let values = places.map(|(y, x)| {
                let y = (row * stride + y).wrapping_sub(padding);
                let x = (column * stride + x).wrapping_sub(padding);
                (y < height && x < width).then(|| image[y * width + x])
            });
            output.push(of_window(values.collect()));
        }
    }
    output
}

/// How far the largest value lies above the next one.
fn gap_of_largest(values: Vec<Option<f64>>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().flatten().collect();
    values.sort_by(|a, b| b.total_cmp(a));
    match values[..] {
        [largest, next, ..] => largest - next,
        _ => f64::INFINITY,
    }
}

fn windows() -> impl Strategy<Value = Windows> {
    let any = (1..5usize, 1..5usize, 0..3usize).prop_map(|(kernel, stride, padding)| Windows {
        kernel,
        stride,
        padding: padding.min(kernel / 2),
    });
    // Tiles of two have loops of their own.
    prop_oneof![2 => any, 1 => Just(Windows::tiles(2))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn pooling_is_its_definition_at_every_size(
        planes in (1..4usize, 1..4usize), height in 1..11usize, width in 1..11usize,
        windows in windows(), seed: u64,
    ) {
        prop_assume!(windows.kernel <= height.min(width) + 2 * windows.padding);
        let shapes = [vec![planes.0, planes.1, height, width]];
        let input = to_f64(&variables(seed, &shapes).unwrap()[0]);
        // Where the two largest are nearly equal, a step from one to the other has no slope.
        let gaps = reference(&input, height, width, windows, gap_of_largest);
        prop_assume!(gaps.into_iter().all(|gap| gap > NEAR_A_KINK));
        for max_pool in [max_pool2d, composed::max_pool2d] {
            check(seed, &shapes, 1e-5, |inputs| max_pool(&inputs[0], windows), |inputs| {
                reference(&inputs[0], height, width, windows, |values| {
                    values.into_iter().flatten().fold(f64::NEG_INFINITY, f64::max)
                })
            });
        }
        for avg_pool in [avg_pool2d, composed::avg_pool2d] {
            check(seed, &shapes, 1e-5, |inputs| avg_pool(&inputs[0], windows), |inputs| {
                reference(&inputs[0], height, width, windows, |values| {
                    values.iter().flatten().sum::<f64>() / values.len() as f64
                })
            });
        }
        check(seed, &shapes, 1e-5, |inputs| global_avg_pool2d(&inputs[0]), |inputs| {
            let means = inputs[0].chunks(height * width);
            means.map(|plane| plane.iter().sum::<f64>() / plane.len() as f64).collect()
        });
    }
}

proptest! {
    #[test]
    fn zero_channels_stand_behind_those_of_the_input(
        samples in 1..4usize, channels in 1..4usize, added in 0..4usize, seed: u64,
    ) {
        let shapes = [vec![samples, channels, 3, 5]];
        check(seed, &shapes, 1e-6, |inputs| zero_channels(&inputs[0], channels + added), |inputs| {
            let zeros = vec![0.0; added * 15];
            let samples = inputs[0].chunks(channels * 15);
            samples.flat_map(|sample| [sample, &zeros].concat()).collect()
        });
    }
}

#[test]
fn the_first_of_equal_maxima_gets_the_gradient() {
    for max_pool in [max_pool2d, composed::max_pool2d] {
        let input = Tensor::new(&[[[[1f32, 3.0], [3.0, 3.0]]]], &Device::Cpu).unwrap();
        let input = Var::from_tensor(&input).unwrap();
        let output = max_pool(&input, Windows::tiles(2)).unwrap();
        let gradients = backward(&output.sum_all().unwrap()).unwrap();
        let gradient = gradients.get(&input).unwrap().flatten_all().unwrap();
        assert_eq!(gradient.to_vec1::<f32>().unwrap(), [0.0, 1.0, 0.0, 0.0]);
    }
}

#[test]
fn nan_is_the_maximum_of_its_window() {
    for max_pool in [max_pool2d, composed::max_pool2d] {
        let input = Tensor::new(&[[[[1f32, f32::NAN], [3.0, 3.0]]]], &Device::Cpu).unwrap();
        let output = max_pool(&input, Windows::tiles(2))
            .unwrap()
            .flatten_all()
            .unwrap();
        assert!(output.to_vec1::<f32>().unwrap()[0].is_nan());
    }
}

#[test]
fn an_input_without_values_is_refused() {
    let empty = Tensor::zeros((0, 1, 4, 4), candle_core::DType::F32, &Device::Cpu).unwrap();
    let message = max_pool2d(&empty, Windows::tiles(2))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("an input of [0, 1, 4, 4] has no values"),
        "{message}"
    );
}
