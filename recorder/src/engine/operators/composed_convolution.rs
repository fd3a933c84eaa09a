//! Convolutions as compositions of candle's operations, for devices on which there are no kernels of our own.

use candle_core::backend::BackendStorage;
use candle_core::{
    CpuStorage, CudaStorage, CustomOp3, D, Layout, MetalStorage, Result, Shape, Tensor,
};

use crate::engine::operators::activations::count;
use crate::engine::operators::arguments::Activation;
use crate::engine::operators::composed::{activate, pad, taps};
use crate::engine::operators::convolution_plan::ConvolutionShape;
use crate::engine::operators::pooling_windows::Windows;
use crate::engine::operators::same_padding::{SamePadding, pad_same};

pub(crate) fn conv2d(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: usize,
    padding: usize,
    activation: Activation,
) -> Result<Tensor> {
    let shape = ConvolutionShape::new(input.dims4()?, weight.dims4()?, stride, padding)?;
    let (plain_input, plain_weight) = (input.detach().contiguous()?, weight.detach().contiguous()?);
    let output = plain_input.conv2d(&plain_weight, padding, stride, 1, 1)?;
    // candle lays out the input of each output, for a moment.
    count(shape.samples * shape.taps() * shape.output_plane());
    let output = input.apply_op3(weight, &output, ConvolutionGradient { shape })?;
    let output = match bias {
        Some(bias) => output.broadcast_add(&bias.reshape((1, shape.outputs, 1, 1))?)?,
        None => output,
    };
    activate(output, activation)
}

/// As a sum over the taps of all windows: candle's convolutions in groups take each channel on its own.
pub(crate) fn depthwise(input: &Tensor, weight: &Tensor, stride: usize) -> Result<Tensor> {
    let (.., height, width) = input.dims4()?;
    let (channels, _, kernel, _) = weight.dims4()?;
    let along = |length| SamePadding::along(length, kernel, stride).outputs;
    let (rows, columns) = (along(height), along(width));
    let windows = Windows {
        kernel,
        stride,
        padding: 0,
    };
    let padded = pad_same(input, kernel, stride)?;
    let padded = pad(&padded, windows, rows, columns, 0.0)?;
    let weights = weight.reshape((1, channels, kernel * kernel, 1, 1))?;
    let mut sum: Option<Tensor> = None;
    for (tap, values) in taps(&padded, windows, rows, columns)?.iter().enumerate() {
        let weight = weights.narrow(2, tap, 1)?.squeeze(2)?;
        let term = values.broadcast_mul(&weight)?;
        // The tap, the product and the sum.
        count(3 * term.elem_count());
        sum = Some(match sum {
            Some(sum) => (sum + term)?,
            None => term,
        });
    }
    match sum {
        Some(sum) => Ok(sum),
        None => candle_core::bail!("depthwise: a kernel without taps"),
    }
}

/// Gives a convolution's output, computed without a graph, a backward pass of our own: candle's
/// reads the wrong buffer on Metal (huggingface/candle#3836) and fails where a stride does not
/// divide the image.
struct ConvolutionGradient {
    shape: ConvolutionShape,
}

impl CustomOp3 for ConvolutionGradient {
    fn name(&self) -> &'static str {
        "convolution-gradient"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
        output: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok((output.try_clone(layout)?, layout.shape().clone()))
    }

    fn cuda_fwd(
        &self,
        _: &CudaStorage,
        _: &Layout,
        _: &CudaStorage,
        _: &Layout,
        output: &CudaStorage,
        layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        Ok((output.try_clone(layout)?, layout.shape().clone()))
    }

    fn metal_fwd(
        &self,
        _: &MetalStorage,
        _: &Layout,
        _: &MetalStorage,
        _: &Layout,
        output: &MetalStorage,
        layout: &Layout,
    ) -> Result<(MetalStorage, Shape)> {
        Ok((output.try_clone(layout)?, layout.shape().clone()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let of_input = input.track_op().then(|| self.of_input(weight, &gradient));
        let of_weight = weight.track_op().then(|| self.of_weight(input, &gradient));
        Ok((of_input.transpose()?, of_weight.transpose()?, None))
    }
}

impl ConvolutionGradient {
    fn of_input(&self, weight: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        let ConvolutionShape {
            height,
            width,
            stride,
            padding,
            ..
        } = self.shape;
        // Without padding the transposed convolution is at least as large as what the windows
        // cover; the padding is cut off and rows that no window reached are zeros.
        let whole = gradient.conv_transpose2d(&weight.detach().contiguous()?, 0, 0, stride, 1)?;
        let mut of_input = whole;
        for (axis, size) in [(2, height), (3, width)] {
            let missing = (size + 2 * padding).saturating_sub(of_input.dim(axis)?);
            of_input = of_input.pad_with_zeros(axis, 0, missing)?;
            of_input = of_input.narrow(axis, padding, size)?;
        }
        of_input.contiguous()
    }

    fn of_weight(&self, input: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        let ConvolutionShape {
            kernel_height,
            kernel_width,
            stride,
            padding,
            ..
        } = self.shape;
        let input = input.detach().transpose(0, 1)?.contiguous()?;
        let gradient = gradient.transpose(0, 1)?.contiguous()?;
        // As a convolution over the batch; the output's stride becomes a dilation.
        let of_weight = input.conv2d(&gradient, padding, 1, stride, 1)?;
        let of_weight = of_weight.narrow(2, 0, kernel_height)?;
        let of_weight = of_weight.narrow(D::Minus1, 0, kernel_width)?;
        of_weight.transpose(0, 1)?.contiguous()
    }
}
