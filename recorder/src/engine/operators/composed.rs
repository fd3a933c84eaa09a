//! The operators as compositions of candle's operations, for devices on which this module has no
//! kernels of its own. Where candle's gradient is wrong, the composition goes round it.

use candle_core::backend::BackendStorage;
use candle_core::{
    CpuStorage, CudaStorage, CustomOp3, D, Layout, MetalStorage, Result, Shape, Tensor,
};

use crate::engine::operators::activations::count;
use crate::engine::operators::arguments::{
    Activation, BatchNormParameters, BatchStatistics, Normalized,
};
use crate::engine::operators::convolution_plan::ConvolutionShape;
use crate::engine::operators::pooling_windows::Windows;

/// Less the mean, by the deviation, times the weight, plus the bias, plus the residual, and its activation.
const STEPS_OF_NORMALISATION: usize = 6;

/// ReLU whose derivative at 0 is 0.
pub(crate) fn relu(input: &Tensor) -> Result<Tensor> {
    // A product, and no choice: NaN stays NaN.
    input * input.detach().gt(0.0)?.to_dtype(input.dtype())?
}

fn activate(input: Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::Identity => Ok(input),
        Activation::Relu => relu(&input),
    }
}

pub(crate) fn linear(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    activation: Activation,
) -> Result<Tensor> {
    let product = input.matmul(&weight.t()?)?;
    count(2 * product.elem_count());
    let sum = match bias {
        Some(bias) => product.broadcast_add(bias)?,
        None => product,
    };
    activate(sum, activation)
}

pub(crate) fn batch_norm(
    input: &Tensor,
    parameters: BatchNormParameters,
    residual: Option<&Tensor>,
    activation: Activation,
) -> Result<Normalized> {
    let channels = input.dim(1)?;
    let values = input.elem_count() / channels;
    let mut shape = vec![1; input.rank()];
    shape[1] = channels;
    let axes: Vec<usize> = (0..input.rank()).filter(|&axis| axis != 1).collect();
    let (mean, variance) = match parameters.running {
        Some((mean, variance)) => (mean.reshape(&*shape)?, variance.reshape(&*shape)?),
        None if values < 2 => candle_core::bail!("batch_norm: one value a channel has no variance"),
        None => {
            let mean = input.mean_keepdim(&*axes)?;
            let deviations = input.broadcast_sub(&mean)?;
            (mean, deviations.sqr()?.mean_keepdim(&*axes)?)
        }
    };
    let deviation = (&variance + parameters.epsilon)?.sqrt()?;
    let output = input.broadcast_sub(&mean)?.broadcast_div(&deviation)?;
    let output = output.broadcast_mul(&parameters.weight.reshape(&*shape)?)?;
    let output = output.broadcast_add(&parameters.bias.reshape(&*shape)?)?;
    let output = match residual {
        Some(residual) => (output + residual)?,
        None => output,
    };
    // One after each step of this.
    for _ in 0..STEPS_OF_NORMALISATION {
        count(output.elem_count());
    }
    let statistics = BatchStatistics {
        mean: mean.detach().flatten_all()?,
        variance: variance.detach().flatten_all()?,
        count: values,
    };
    let statistics = parameters.running.is_none().then_some(statistics);
    Ok((activate(output, activation)?, statistics))
}

/// The values of all windows at one place within them: every s-th row and column from there.
fn taps(padded: &Tensor, windows: Windows, rows: usize, columns: usize) -> Result<Vec<Tensor>> {
    let (samples, channels, ..) = padded.dims4()?;
    let stride = windows.stride;
    let mut taps = Vec::new();
    for row in 0..windows.kernel {
        for column in 0..windows.kernel {
            let tap = padded
                .narrow(2, row, rows * stride)?
                .narrow(3, column, columns * stride)?
                .contiguous()?
                .reshape((samples, channels, rows, stride, columns, stride))?
                .narrow(3, 0, 1)?
                .narrow(5, 0, 1)?
                .contiguous()?
                .reshape((samples, channels, rows, columns))?;
            taps.push(tap);
        }
    }
    Ok(taps)
}

/// Surrounds images with `value` and cuts or fills them so that every tap has whole strides.
fn pad(
    input: &Tensor,
    windows: Windows,
    rows: usize,
    columns: usize,
    value: f64,
) -> Result<Tensor> {
    let mut padded = input.clone();
    for (axis, outputs) in [(2, rows), (3, columns)] {
        let size = windows.kernel - 1 + outputs * windows.stride;
        let inside = padded.dim(axis)?.min(size - windows.padding);
        let image = padded.narrow(axis, 0, inside)?;
        let border = |width: usize| {
            let mut shape = image.dims().to_vec();
            shape[axis] = width;
            Tensor::full(value as f32, shape, image.device())?.to_dtype(image.dtype())
        };
        let mut parts = vec![image.clone()];
        if windows.padding > 0 {
            parts.insert(0, border(windows.padding)?);
        }
        if size > windows.padding + inside {
            parts.push(border(size - windows.padding - inside)?);
        }
        padded = Tensor::cat(&parts, axis)?;
    }
    Ok(padded)
}

pub(crate) fn max_pool2d(input: &Tensor, windows: Windows) -> Result<Tensor> {
    let (_, _, height, width) = input.dims4()?;
    let (rows, columns) = windows.output_size(height, width)?;
    let padded = pad(input, windows, rows, columns, f64::from(f32::MIN))?;
    let taps = taps(&padded, windows, rows, columns)?;
    // Each tap, which of them is taken, and their product.
    count(3 * taps.iter().map(Tensor::elem_count).sum::<usize>());
    let detached: Vec<Tensor> = taps.iter().map(Tensor::detach).collect();
    let maximum = Tensor::stack(&detached, 0)?.max(0)?;
    // Where no value equals the maximum it is NaN; so is its product with zero.
    let mut output = (&maximum * 0.0)?;
    let mut is_open = maximum.ones_like()?;
    for (tap, detached) in taps.iter().zip(&detached) {
        // The first maximum of a window is taken, and its gradient goes there.
        let is_taken = (detached.eq(&maximum)?.to_dtype(maximum.dtype())? * &is_open)?;
        is_open = (is_open - &is_taken)?;
        output = (output + (tap * is_taken)?)?;
    }
    Ok(output)
}

pub(crate) fn avg_pool2d(input: &Tensor, windows: Windows) -> Result<Tensor> {
    let (_, _, height, width) = input.dims4()?;
    let (rows, columns) = windows.output_size(height, width)?;
    let padded = pad(input, windows, rows, columns, 0.0)?;
    let taps = taps(&padded, windows, rows, columns)?;
    count(2 * taps.iter().map(Tensor::elem_count).sum::<usize>());
    Tensor::stack(&taps, 0)?.sum(0)? / windows.kernel.pow(2) as f64
}

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
