//! Convolution by Winograd's transforms, at sizes that are odd, small, or more than a group of tiles.
#![expect(unsafe_code, reason = "it reads what a convolution has written")]

use std::mem::MaybeUninit;

use crate::engine::operators::buffers::as_uninitialised_mut;
use crate::engine::operators::convolution::direct_forward;
use crate::engine::operators::convolution_backward::backward;
use crate::engine::operators::convolution_plan::{ConvolutionPlan, ConvolutionShape};
use crate::engine::operators::weight_gradient::{ChannelLayout, WeightSums};
use crate::engine::operators::winograd::{Winograd, forward};
use crate::engine::operators::winograd_gradient::TileSums;

fn numbers(count: usize, seed: usize) -> Vec<f32> {
    let number = |index: usize| ((index * 7919 + seed * 104_729) % 2003) as f32 / 1001.0 - 1.0;
    (0..count).map(number).collect()
}

/// Straight from the definition, in f64.
fn reference(shape: &ConvolutionShape, input: &[f32], weight: &[f32]) -> Vec<f64> {
    let (height, width) = (shape.height, shape.width);
    let mut sums = Vec::new();
    for place in 0..shape.samples * shape.outputs * height * width {
        let (plane, y, x) = (
            place / (height * width),
            place / width % height,
            place % width,
        );
        let (sample, output) = (plane / shape.outputs, plane % shape.outputs);
        let mut sum = 0.0;
        for (channel, tap) in (0..shape.inputs).flat_map(|i| (0..9).map(move |tap| (i, tap))) {
            let (y, x) = ((y + tap / 3).wrapping_sub(1), (x + tap % 3).wrapping_sub(1));
            if y < height && x < width {
                let value = ((sample * shape.inputs + channel) * height + y) * width + x;
                let weight = weight[(output * shape.inputs + channel) * 9 + tap];
                sum += f64::from(input[value]) * f64::from(weight);
            }
        }
        sums.push(sum);
    }
    sums
}

fn shape(sizes: [usize; 5]) -> ConvolutionShape {
    let [samples, inputs, outputs, height, width] = sizes;
    let (input, weight) = ((samples, inputs, height, width), (outputs, inputs, 3, 3));
    ConvolutionShape::new(input, weight, 1, 1).unwrap()
}

fn convolved(shape: &ConvolutionShape, input: &[f32], weight: &[f32]) -> Vec<f32> {
    let mut output =
        vec![MaybeUninit::new(f32::NAN); shape.samples * shape.outputs * shape.output_plane()];
    let last = forward(shape, input, weight, &mut output, |_, plane| {
        plane[plane.len() - 1]
    });
    // SAFETY: each was written to begin with.
    let output: Vec<f32> = output
        .iter()
        .map(|value| unsafe { value.assume_init() })
        .collect();
    let expected = output
        .chunks(shape.output_plane())
        .map(|plane| plane[plane.len() - 1]);
    assert!(expected.eq(last), "`finish` sees whole planes");
    output
}

/// Root of the mean squared difference, and the largest, both of the root mean square of `expected`.
fn errors(found: &[f32], expected: &[f64]) -> (f64, f64) {
    assert_eq!(found.len(), expected.len());
    let mean = |squares: f64| (squares / expected.len() as f64).sqrt();
    let pairs = found.iter().zip(expected);
    let differences = pairs.map(|(&found, expected)| (f64::from(found) - expected).abs());
    let scale = mean(expected.iter().map(|value| value * value).sum());
    let largest = differences.clone().fold(0.0, f64::max);
    (
        mean(differences.map(|d| d * d).sum()) / scale,
        largest / scale,
    )
}

/// Odd sizes, single tiles, groups of several samples, and images of several groups.
const SIZES: [[usize; 5]; 9] = [
    [1, 1, 1, 1, 1],
    [3, 2, 5, 3, 7],
    [2, 9, 4, 4, 4],
    [19, 5, 3, 8, 8],
    [9, 3, 13, 7, 6],
    [5, 6, 2, 16, 16],
    [2, 4, 9, 33, 5],
    [2, 3, 3, 21, 50],
    [1, 64, 64, 9, 70],
];

#[test]
fn outputs_and_input_gradients_are_those_of_the_definition_at_every_size() {
    for sizes in SIZES {
        let shape = shape(sizes);
        let [samples, inputs, outputs, height, width] = sizes;
        let input = numbers(samples * inputs * height * width, 1);
        let weight = numbers(outputs * inputs * 9, 2);
        let (_, largest) = errors(
            &convolved(&shape, &input, &weight),
            &reference(&shape, &input, &weight),
        );
        assert!(largest < 1e-5, "output of {sizes:?}: {largest:e}");

        let gradient = numbers(samples * outputs * height * width, 3);
        let mut found = vec![f32::NAN; input.len()];
        let winograd = Winograd::of_gradient(&shape, &weight);
        let length = winograd.panels().length();
        let mut laid_out = vec![0.0; samples * length];
        let images = gradient.chunks(outputs * height * width);
        for (image, laid_out) in images.zip(laid_out.chunks_mut(length)) {
            winograd.panels().lay_out(image, laid_out);
        }
        // SAFETY: `convolve` writes values that are there.
        winograd.convolve(&laid_out, unsafe { as_uninitialised_mut(&mut found) });
        let turned = TransposedSizes::of(&shape, &weight);
        let (_, largest) = errors(&found, &reference(&turned.shape, &gradient, &turned.weight));
        assert!(largest < 1e-5, "gradient of {sizes:?}: {largest:e}");
    }
}

/// The convolution that gives the gradient of the input, by its definition.
struct TransposedSizes {
    shape: ConvolutionShape,
    weight: Vec<f32>,
}

impl TransposedSizes {
    fn of(shape: &ConvolutionShape, weight: &[f32]) -> Self {
        let mut turned = Vec::new();
        for (input, output) in
            (0..shape.inputs).flat_map(|i| (0..shape.outputs).map(move |o| (i, o)))
        {
            let first = (output * shape.inputs + input) * 9;
            turned.extend(weight[first..first + 9].iter().rev());
        }
        let (inputs, outputs) = (shape.outputs, shape.inputs);
        Self {
            shape: ConvolutionShape {
                inputs,
                outputs,
                ..*shape
            },
            weight: turned,
        }
    }
}

#[test]
fn a_backward_pass_has_both_gradients_of_the_definition() {
    // Groups of samples that the parts of a batch fill, and that they do not.
    for sizes in [[19, 64, 65, 8, 8], [9, 70, 64, 5, 11], [3, 64, 64, 33, 30]] {
        let shape = shape(sizes);
        let [samples, inputs, outputs, height, width] = sizes;
        let plane = height * width;
        let input = numbers(samples * inputs * plane, 1);
        let weight = numbers(outputs * inputs * 9, 2);
        let gradient = numbers(samples * outputs * plane, 3);
        let of_plane = |sample: usize, channel: usize, to: &mut [f32]| {
            to.copy_from_slice(&gradient[(sample * outputs + channel) * plane..][..plane]);
        };
        let plan = ConvolutionPlan::new(shape);
        let (of_input, of_weight) = backward(&plan, &input, &weight, true, of_plane);
        let turned = TransposedSizes::of(&shape, &weight);
        let expected = reference(&turned.shape, &gradient, &turned.weight);
        let (_, largest) = errors(&of_input.unwrap(), &expected);
        assert!(largest < 1e-5, "input of {sizes:?}: {largest:e}");
        // The loss is linear in the weight: its gradient times the weight is the loss itself.
        let outputs = reference(&shape, &input, &weight);
        let products =
            |a: &[f32], b: &[f64]| -> f64 { a.iter().zip(b).map(|(&a, b)| f64::from(a) * b).sum() };
        let loss = products(&gradient, &outputs);
        let weight: Vec<f64> = weight.iter().map(|&weight| weight.into()).collect();
        let difference = (products(&of_weight, &weight) - loss).abs();
        assert!(
            difference < 1e-4 * loss.abs().max(1.0),
            "weight of {sizes:?}: {difference:e}"
        );
    }
}

#[test]
fn errors_are_within_four_times_those_of_a_plain_sum() {
    for (channels, side) in [(32, 16), (64, 8), (16, 32)] {
        let shape = shape([2, channels, channels, side, side]);
        let input = numbers(2 * channels * side * side, 1);
        let weight = numbers(channels * channels * 9, 2);
        let exact = reference(&shape, &input, &weight);
        let plan = ConvolutionPlan::new(shape);
        let mut direct = vec![MaybeUninit::new(0.0); exact.len()];
        direct_forward(&plan, &input, &weight, &mut direct, |_, _| ());
        // SAFETY: each was written to begin with.
        let direct: Vec<f32> = direct
            .iter()
            .map(|value| unsafe { value.assume_init() })
            .collect();
        let (of_direct, of_tiles) = (
            errors(&direct, &exact),
            errors(&convolved(&shape, &input, &weight), &exact),
        );
        assert!(
            of_tiles.0 < 4.0 * of_direct.0,
            "{channels} channels: {of_tiles:?}, {of_direct:?}"
        );
    }
}

/// The weight's gradient straight from the definition, in f64.
fn weight_reference(shape: &ConvolutionShape, input: &[f32], gradient: &[f32]) -> Vec<f64> {
    let (height, width, plane) = (shape.height, shape.width, shape.output_plane());
    let mut sums = Vec::new();
    for place in 0..shape.outputs * shape.inputs * 9 {
        let (output, channel, tap) = (
            place / 9 / shape.inputs,
            place / 9 % shape.inputs,
            place % 9,
        );
        let mut sum = 0.0;
        for (sample, at) in (0..shape.samples).flat_map(|s| (0..plane).map(move |at| (s, at))) {
            let y = (at / width + tap / 3).wrapping_sub(1);
            let x = (at % width + tap % 3).wrapping_sub(1);
            if y < height && x < width {
                let value = (sample * shape.inputs + channel) * plane + y * width + x;
                let gradient = gradient[(sample * shape.outputs + output) * plane + at];
                sum += f64::from(gradient) * f64::from(input[value]);
            }
        }
        sums.push(sum);
    }
    sums
}

fn weight_gradient(
    shape: &ConvolutionShape,
    weights: &WeightSums,
    input: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    let plan = ConvolutionPlan::new(*shape);
    let (image_length, gradient_length) = weights.sample_lengths();
    let mut sums = vec![f32::NAN; weights.length()];
    let images = input.chunks(shape.inputs * shape.input_plane());
    let gradients = gradient.chunks(shape.outputs * shape.output_plane());
    for (index, (image, gradient)) in images.zip(gradients).enumerate() {
        let mut laid_out = (vec![0.0; image_length], vec![0.0; gradient_length]);
        if !weights.are_by_channel() {
            let planes = laid_out.1.chunks_mut(plan.gradient_plane);
            for (plane, gradient) in planes.zip(gradient.chunks(shape.output_plane())) {
                plan.lay_out_gradient(gradient, plane);
            }
        }
        weights.lay_out(image, gradient, &mut laid_out.0, &mut laid_out.1);
        weights.add(index == 0, 1, &laid_out.0, &laid_out.1, &mut sums);
    }
    weights.in_order(shape, weights.finish(sums))
}

#[test]
fn the_weights_gradient_is_that_of_the_definition_in_each_way() {
    for sizes in SIZES {
        let shape = shape(sizes);
        let [samples, inputs, outputs, height, width] = sizes;
        let input = numbers(samples * inputs * height * width, 1);
        let gradient = numbers(samples * outputs * height * width, 3);
        let exact = weight_reference(&shape, &input, &gradient);
        let plan = ConvolutionPlan::new(shape);
        for weights in [
            WeightSums::Tiles(TileSums::new(&shape)),
            WeightSums::Channels(ChannelLayout::new(shape)),
            WeightSums::Positions(&plan),
        ] {
            let found = weight_gradient(&shape, &weights, &input, &gradient);
            let (_, largest) = errors(&found, &exact);
            assert!(largest < 1e-5, "{sizes:?}: {largest:e}");
        }
    }
}

#[test]
fn errors_of_the_weights_gradient_are_within_four_times_those_of_a_plain_sum() {
    for (channels, side) in [(16, 32), (32, 16), (64, 8)] {
        let shape = shape([2, channels, channels, side, side]);
        let input = numbers(2 * channels * side * side, 1);
        let gradient = numbers(2 * channels * side * side, 3);
        let exact = weight_reference(&shape, &input, &gradient);
        let plan = ConvolutionPlan::new(shape);
        let of = |weights: WeightSums| {
            errors(
                &weight_gradient(&shape, &weights, &input, &gradient),
                &exact,
            )
        };
        let of_tiles = of(WeightSums::Tiles(TileSums::new(&shape)));
        let of_channels = of(WeightSums::Channels(ChannelLayout::new(shape)));
        let plain = of(WeightSums::Positions(&plan));
        assert!(
            of_tiles.0.max(of_channels.0) < 4.0 * plain.0,
            "{channels} channels: {of_tiles:?}, {of_channels:?}, {plain:?}"
        );
    }
}

#[test]
fn any_number_of_threads_and_any_batch_give_the_same_bits() {
    let shape = shape([11, 33, 34, 7, 9]);
    let input = numbers(11 * 33 * 63, 1);
    let weight = numbers(34 * 33 * 9, 2);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| convolved(&shape, &input, &weight))
    };
    let one = on(1);
    assert!(one == on(2) && one == on(3));
    let last = ConvolutionShape {
        samples: 1,
        ..shape
    };
    let alone = convolved(&last, &input[10 * 33 * 63..], &weight);
    assert!(
        alone == one[10 * 34 * 63..],
        "a sample's place in the batch changes nothing"
    );
}
