//! Convolution.

use proptest::prelude::*;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::checks::check;
use crate::engine::operators::composed_convolution;
use crate::engine::operators::conv2d::conv2d;

/// Sizes of a convolution that may be anything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) samples: usize,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) kernel: (usize, usize),
    pub(crate) stride: usize,
    pub(crate) padding: usize,
}

impl Sizes {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let channels = (1..4usize, 1..5usize, 1..11usize);
        let image = (1..10usize, 1..10usize, 1..5usize, 1..5usize);
        (channels, image, 1..4usize, 0..4usize).prop_map(|(channels, image, stride, padding)| {
            let (samples, inputs, outputs) = channels;
            let (height, width, kernel_height, kernel_width) = image;
            let least = |kernel: usize, size: usize| kernel.min(size + 2 * padding);
            Self {
                samples,
                inputs,
                outputs,
                height,
                width,
                kernel: (least(kernel_height, height), least(kernel_width, width)),
                stride,
                padding,
            }
        })
    }

    pub(crate) fn output(&self) -> (usize, usize) {
        let size =
            |size: usize, kernel: usize| (size + 2 * self.padding - kernel) / self.stride + 1;
        (
            size(self.height, self.kernel.0),
            size(self.width, self.kernel.1),
        )
    }

    pub(crate) fn shapes(&self) -> Vec<Vec<usize>> {
        vec![
            vec![self.samples, self.inputs, self.height, self.width],
            vec![self.outputs, self.inputs, self.kernel.0, self.kernel.1],
        ]
    }

    /// Straight from the definition.
    pub(crate) fn reference(&self, input: &[f64], weight: &[f64]) -> Vec<f64> {
        let (rows, columns) = self.output();
        let mut output = Vec::new();
        for sample in 0..self.samples {
            for channel in 0..self.outputs {
                for row in 0..rows {
                    for column in 0..columns {
                        output.push(self.window(input, weight, [sample, channel, row, column]));
                    }
                }
            }
        }
        output
    }

    fn window(&self, input: &[f64], weight: &[f64], at: [usize; 4]) -> f64 {
        let [sample, output, row, column] = at;
        let mut sum = 0.0;
        for channel in 0..self.inputs {
            for kernel_row in 0..self.kernel.0 {
                for kernel_column in 0..self.kernel.1 {
                    let y = (row * self.stride + kernel_row).wrapping_sub(self.padding);
                    let x = (column * self.stride + kernel_column).wrapping_sub(self.padding);
                    if y < self.height && x < self.width {
                        let plane = sample * self.inputs + channel;
                        let kernel = (output * self.inputs + channel) * self.kernel.0 + kernel_row;
                        sum += input[(plane * self.height + y) * self.width + x]
                            * weight[kernel * self.kernel.1 + kernel_column];
                    }
                }
            }
        }
        sum
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn convolution_is_its_definition_at_every_size(sizes in Sizes::any(), seed: u64) {
        let reference = |inputs: &[Vec<f64>]| sizes.reference(&inputs[0], &inputs[1]);
        let Sizes { stride, padding, .. } = sizes;
        let identity = Activation::Identity;
        check(seed, &sizes.shapes(), 1e-5, |inputs| {
            conv2d(&inputs[0], &inputs[1], None, stride, padding, identity)
        }, reference);
        check(seed, &sizes.shapes(), 1e-5, |inputs| {
            composed_convolution::conv2d(&inputs[0], &inputs[1], None, stride, padding, identity)
        }, reference);
    }

    #[test]
    fn bias_and_relu_follow_the_convolution(sizes in Sizes::any(), seed: u64) {
        let (rows, columns) = sizes.output();
        let reference = |inputs: &[Vec<f64>]| {
            let planes = sizes.reference(&inputs[0], &inputs[1]);
            let planes = planes.chunks(rows * columns).zip(inputs[2].iter().cycle());
            let values = planes.flat_map(|(plane, bias)| plane.iter().map(move |x| x + bias));
            values.map(|value| value.max(0.0)).collect()
        };
        let mut shapes = sizes.shapes();
        shapes.push(vec![sizes.outputs]);
        let Sizes { stride, padding, .. } = sizes;
        check(seed, &shapes, 1e-5, |inputs| {
            conv2d(&inputs[0], &inputs[1], Some(&inputs[2]), stride, padding, Activation::Relu)
        }, reference);
        check(seed, &shapes, 1e-5, |inputs| {
            let bias = Some(&inputs[2]);
            composed_convolution::conv2d(&inputs[0], &inputs[1], bias, stride, padding, Activation::Relu)
        }, reference);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    /// So many channels that they are computed by tiles.
    #[test]
    fn convolutions_of_many_channels_are_their_definition(
        (samples, inputs, outputs) in (1..4usize, 64..67usize, 64..67usize),
        (height, width) in (1..9usize, 1..9usize),
        seed: u64,
    ) {
        let (kernel, stride, padding) = ((3, 3), 1, 1);
        let sizes = Sizes { samples, inputs, outputs, height, width, kernel, stride, padding };
        let reference = |inputs: &[Vec<f64>]| sizes.reference(&inputs[0], &inputs[1]);
        check(seed, &sizes.shapes(), 1e-5, |inputs| {
            conv2d(&inputs[0], &inputs[1], None, stride, padding, Activation::Identity)
        }, reference);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// So many channels that the weight's gradient is summed up channel by channel, at panels that are full and not.
    #[test]
    fn gradients_channel_by_channel_are_their_definition(
        (samples, inputs, outputs) in (1..4usize, 13..34usize, 4..20usize),
        (height, width, kernel_height, kernel_width) in (1..20usize, 1..20usize, 1..4usize, 1..6usize),
        (stride, padding) in (1..4usize, 0..3usize),
        seed: u64,
    ) {
        let kernel = (kernel_height.min(height), kernel_width.min(width));
        let sizes = Sizes { samples, inputs, outputs, height, width, kernel, stride, padding };
        let reference = |inputs: &[Vec<f64>]| sizes.reference(&inputs[0], &inputs[1]);
        check(seed, &sizes.shapes(), 1e-5, |inputs| {
            conv2d(&inputs[0], &inputs[1], None, stride, padding, Activation::Identity)
        }, reference);
    }
}

#[test]
fn an_input_that_needs_no_gradient_gets_none() {
    use candle_core::{Device, Tensor, Var};
    let input = Tensor::ones((2, 1, 4, 4), candle_core::DType::F32, &Device::Cpu).unwrap();
    let weight =
        Var::from_tensor(&input.narrow(2, 0, 2).unwrap().narrow(3, 0, 2).unwrap()).unwrap();
    let output = conv2d(&input, &weight, None, 1, 0, Activation::Identity).unwrap();
    let gradients = crate::engine::operators::record::backward(&output.sum_all().unwrap()).unwrap();
    assert!(gradients.get(&input).is_none());
    // Two samples of 3×3 windows, each of ones.
    let gradient = gradients.get(&weight).unwrap().flatten_all().unwrap();
    assert_eq!(gradient.to_vec1::<f32>().unwrap(), [18.0; 8]);
}

#[test]
fn a_kernel_larger_than_the_padded_image_is_refused() {
    use candle_core::{DType, Device, Tensor};
    let tensor = |side| Tensor::zeros((1, 1, side, side), DType::F32, &Device::Cpu).unwrap();
    let refused = conv2d(&tensor(2), &tensor(5), None, 1, 1, Activation::Identity);
    let message = refused.unwrap_err().to_string();
    assert!(
        message.contains("a 5×5 kernel with stride 1 does not fit images of 2×2"),
        "{message}"
    );
}
