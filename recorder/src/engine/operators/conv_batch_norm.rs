//! A convolution without bias and the batch normalisation behind it, as one operator: what lies
//! between them is written and read once less, and its gradient is never written at all.
#![expect(
    unsafe_code,
    reason = "memory that is written before it is read is not cleared first"
)]

use std::mem::MaybeUninit;

use candle_core::{Result, Tensor};

use crate::engine::operators::activations::count;
use crate::engine::operators::arguments::{Activation, BatchNormParameters, Normalized};
use crate::engine::operators::batch_norm::{Batch, check_residual, needs_output, only_wanted};
use crate::engine::operators::buffers::Kept;
use crate::engine::operators::convolution_plan::{ConvolutionPlan, ConvolutionShape};
use crate::engine::operators::depthwise::{self, DepthwiseShape};
use crate::engine::operators::normalization::{Moments, Normalization};
use crate::engine::operators::record::{Backward, SavedOutput, record_with_output};
use crate::engine::operators::values::{Values, has_kernels};
use crate::engine::operators::{
    buffers, composed, composed_convolution, convolution, convolution_backward, depthwise_backward,
};

/// Convolves `input` with `weight` (outputs × inputs × kernel height × kernel width), then does what
/// [`batch_norm`](crate::engine::operators::batch_norm()) does.
///
/// # Errors
/// Where shapes do not fit together, the kernel does not fit the image, or a batch has one value a
/// channel and thus no variance.
pub fn conv2d_batch_norm(
    input: &Tensor,
    weight: &Tensor,
    stride: usize,
    padding: usize,
    parameters: BatchNormParameters,
    residual: Option<&Tensor>,
    activation: Activation,
) -> Result<Normalized> {
    if !has_kernels(input)? {
        let identity = Activation::Identity;
        let convolved =
            composed_convolution::conv2d(input, weight, None, stride, padding, identity)?;
        return composed::batch_norm(&convolved, parameters, residual, activation);
    }
    let shape = ConvolutionShape::new(input.dims4()?, weight.dims4()?, stride, padding)?;
    let convolution = Convolution::Dense(ConvolutionPlan::new(shape));
    normalized(convolution, input, weight, parameters, residual, activation)
}

/// Convolves each channel of `input` alone with its own `weight` (channels × 1 × kernel × kernel, of 3×3 or 5×5), with
/// TensorFlow's "same" padding; then does what [`batch_norm`](crate::engine::operators::batch_norm()) does.
///
/// # Errors
/// Where shapes do not fit together, the kernel is another, or a batch has one value a channel and thus no variance.
pub fn depthwise_batch_norm(
    input: &Tensor,
    weight: &Tensor,
    stride: usize,
    parameters: BatchNormParameters,
    activation: Activation,
) -> Result<Normalized> {
    let shape = DepthwiseShape::new(input.dims4()?, weight.dims4()?, stride)?;
    if !has_kernels(input)? {
        let convolved = composed_convolution::depthwise(input, weight, stride)?;
        return composed::batch_norm(&convolved, parameters, None, activation);
    }
    let convolution = Convolution::Depthwise(shape);
    normalized(convolution, input, weight, parameters, None, activation)
}

fn normalized(
    convolution: Convolution,
    input: &Tensor,
    weight: &Tensor,
    parameters: BatchNormParameters,
    residual: Option<&Tensor>,
    activation: Activation,
) -> Result<Normalized> {
    let dimensions = convolution.dimensions();
    let [samples, channels, rows, columns] = dimensions;
    let batch = Batch {
        samples,
        channels,
        plane: rows * columns,
    };
    check_residual(&dimensions, residual)?;
    let (input_values, weight_values) = (Values::of(input)?, Values::of(weight)?);
    let mut moments = Vec::new();
    let convolved = {
        let (input, weight) = (input_values.read()?, weight_values.read()?);
        let fill = |output: &mut [MaybeUninit<f32>]| {
            moments = convolution.moments(&input, &weight, output);
        };
        // SAFETY: it writes all of its output.
        unsafe { buffers::taken_and_written(dimensions.iter().product(), fill) }
    };
    count(convolved.len());
    let (normalization, statistics) =
        batch.normalization(&parameters, activation, || Ok(moments))?;
    let output = {
        let residual = residual.map(Values::of).transpose()?;
        let residual = residual.as_ref().map(Values::read).transpose()?;
        normalization.forward(&convolved, residual.as_deref())
    };
    let inputs = [input, weight, parameters.weight, parameters.bias];
    let inputs: Vec<&Tensor> = inputs.into_iter().chain(residual).collect();
    let output = record_with_output(output, &dimensions, &inputs, |output| ConvBatchNorm {
        convolution,
        input: input_values,
        weight: weight_values,
        convolved: Kept::new(convolved),
        normalization,
        output: needs_output(residual, activation).then_some(output),
    })?;
    Ok((output, statistics))
}

/// The two kinds of convolutions.
enum Convolution {
    Dense(ConvolutionPlan),
    Depthwise(DepthwiseShape),
}

impl Convolution {
    /// Of the output.
    fn dimensions(&self) -> [usize; 4] {
        match self {
            Self::Dense(ConvolutionPlan { shape, .. }) => {
                let (rows, columns) = (shape.output_height(), shape.output_width());
                [shape.samples, shape.outputs, rows, columns]
            }
            Self::Depthwise(shape) => {
                let [rows, columns] = shape.output;
                [shape.samples, shape.channels, rows, columns]
            }
        }
    }

    /// Writes all of `output`; the moments of each of its planes.
    fn moments(
        &self,
        input: &[f32],
        weight: &[f32],
        output: &mut [MaybeUninit<f32>],
    ) -> Vec<Moments> {
        #[inline(always)]
        fn of_plane(_: usize, plane: &mut [f32]) -> Moments {
            Moments::of(plane)
        }
        match self {
            Self::Dense(plan) => convolution::forward(plan, input, weight, output, of_plane),
            Self::Depthwise(shape) => depthwise::forward(shape, input, weight, output, of_plane),
        }
    }

    /// The gradients of input (where wanted) and weight.
    fn backward(
        &self,
        input: &[f32],
        weight: &[f32],
        is_input_wanted: bool,
        of_plane: impl Fn(usize, usize, &mut [f32]) + Sync,
    ) -> (Option<Vec<f32>>, Vec<f32>) {
        match self {
            Self::Dense(plan) => {
                convolution_backward::backward(plan, input, weight, is_input_wanted, of_plane)
            }
            Self::Depthwise(shape) => {
                depthwise_backward::backward(shape, input, weight, is_input_wanted, of_plane)
            }
        }
    }
}

struct ConvBatchNorm {
    convolution: Convolution,
    input: Values,
    weight: Values,
    /// Between the convolution and the normalisation.
    convolved: Kept,
    normalization: Normalization,
    output: Option<SavedOutput>,
}

impl Backward for ConvBatchNorm {
    fn name(&self) -> &'static str {
        "conv2d_batch_norm"
    }

    fn backward(&self, mut gradient: Vec<f32>, wanted: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        let normalization = &self.normalization;
        let (plane, channels) = (normalization.plane, normalization.channels.len());
        let output = self.output.as_ref().map(SavedOutput::read).transpose()?;
        let sums =
            normalization.channel_gradients(&mut gradient, &self.convolved, output.as_deref());
        let of_plane = |sample: usize, channel: usize, to: &mut [f32]| {
            let start = (sample * channels + channel) * plane;
            let convolved = &self.convolved[start..start + plane];
            let gradient = &gradient[start..start + plane];
            normalization.plane_gradient(channel, &sums, gradient, convolved, to);
        };
        let (input, weight) = (self.input.read()?, self.weight.read()?);
        let convolution = &self.convolution;
        let (of_input, of_weight) = convolution.backward(&input, &weight, wanted[0], of_plane);
        let mut residual_gradient = None;
        if wanted.get(4) == Some(&true) {
            residual_gradient = Some(gradient);
        } else {
            buffers::give(gradient);
        }
        let parameters = [Some(of_weight), Some(sums.weight), Some(sums.bias)];
        let gradients = [of_input].into_iter().chain(parameters);
        Ok(only_wanted(gradients.chain([residual_gradient]), wanted))
    }
}
