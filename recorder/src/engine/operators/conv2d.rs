//! 2-D convolution (PyTorch's: cross-correlation) with bias and activation, of samples × channels ×
//! height × width.
#![expect(
    unsafe_code,
    reason = "memory that is written before it is read is not cleared first"
)]

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::convolution_plan::{ConvolutionPlan, ConvolutionShape};
use crate::engine::operators::elementwise::{activate, mask_by_output, sum_over};
use crate::engine::operators::instructions::vectorized;
use crate::engine::operators::record::{Backward, SavedOutput, record_with_output};
use crate::engine::operators::values::{Values, has_kernels};
use crate::engine::operators::{buffers, composed_convolution, convolution, convolution_backward};

/// Convolves `input` with `weight` (outputs × inputs × kernel height × kernel width), with zeros
/// around the images; then adds `bias` (outputs) and applies `activation`.
///
/// # Errors
/// Where shapes do not fit together or the kernel is larger than the padded image.
pub fn conv2d(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: usize,
    padding: usize,
    activation: Activation,
) -> Result<Tensor> {
    if !has_kernels(input)? {
        return composed_convolution::conv2d(input, weight, bias, stride, padding, activation);
    }
    let shape = ConvolutionShape::new(input.dims4()?, weight.dims4()?, stride, padding)?;
    let bias_values = bias
        .map(|bias| bias.dims1().and_then(|_| Values::of(bias)))
        .transpose()?;
    let operator = Conv2d {
        plan: ConvolutionPlan::new(shape),
        input: Values::of(input)?,
        weight: Values::of(weight)?,
        activation,
        output: None,
    };
    let output = operator.forward(bias_values.as_ref())?;
    let dimensions = (
        shape.samples,
        shape.outputs,
        shape.output_height(),
        shape.output_width(),
    );
    let inputs: Vec<&Tensor> = [input, weight].into_iter().chain(bias).collect();
    record_with_output(output, dimensions, &inputs, |output| Conv2d {
        output: (activation != Activation::Identity).then_some(output),
        ..operator
    })
}

struct Conv2d {
    plan: ConvolutionPlan,
    input: Values,
    weight: Values,
    activation: Activation,
    /// Where an activation follows: it tells where the gradient is stopped.
    output: Option<SavedOutput>,
}

impl Conv2d {
    fn forward(&self, bias: Option<&Values>) -> Result<Vec<f32>> {
        let shape = self.plan.shape;
        let bias = bias.map(Values::read).transpose()?;
        let finish = |channel: usize, plane: &mut [f32]| {
            if let Some(bias) = &bias {
                let bias = bias[channel];
                plane.iter_mut().for_each(|value| *value += bias);
            }
            activate(plane, self.activation);
        };
        let (input, weight) = (self.input.read()?, self.weight.read()?);
        let length = shape.samples * shape.outputs * shape.output_plane();
        // SAFETY: it writes all of its output.
        Ok(unsafe {
            buffers::written(length, |output| {
                convolution::forward(&self.plan, &input, &weight, output, finish);
            })
        })
    }
}

impl Backward for Conv2d {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn backward(&self, mut gradient: Vec<f32>, wanted: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        let shape = self.plan.shape;
        if let Some(output) = &self.output {
            mask_by_output(&mut gradient, &output.read()?, self.activation);
        }
        let plane = shape.output_plane();
        let read = |sample: usize, channel: usize, to: &mut [f32]| {
            let start = (sample * shape.outputs + channel) * plane;
            to.copy_from_slice(&gradient[start..start + plane]);
        };
        let (input, weight) = (self.input.read()?, self.weight.read()?);
        let (input_gradient, weight_gradient) =
            convolution_backward::backward(&self.plan, &input, &weight, wanted[0], read);
        let mut gradients = vec![input_gradient, wanted[1].then_some(weight_gradient)];
        if let Some(&is_bias_wanted) = wanted.get(2) {
            gradients.push(is_bias_wanted.then(|| channel_sums(&gradient, shape.outputs, plane)));
        }
        buffers::give(gradient);
        Ok(gradients)
    }
}

/// Σ over samples and positions, for each channel.
fn channel_sums(values: &[f32], channels: usize, plane: usize) -> Vec<f32> {
    let plane_sums: Vec<f32> = values
        .par_chunks(plane)
        .map(|plane| vectorized(|| sum_over(plane, plane, |value, _| value)))
        .collect();
    let mut sums = vec![0.0; channels];
    for of_sample in plane_sums.chunks(channels) {
        sums.iter_mut()
            .zip(of_sample)
            .for_each(|(sum, of_plane)| *sum += of_plane);
    }
    sums
}
