//! The operators as compositions of candle's operations, for devices on which this module has no
//! kernels of its own. Where candle's gradient is wrong, the composition goes round it.

use candle_core::{Result, Tensor};

use crate::engine::operators::activations::count;
use crate::engine::operators::arguments::{
    Activation, BatchNormParameters, BatchStatistics, Normalized,
};
use crate::engine::operators::pooling_windows::Windows;

/// Less the mean, by the deviation, times the weight, plus the bias, plus the residual, and its activation.
const STEPS_OF_NORMALISATION: usize = 6;

/// ReLU whose derivative at 0 is 0.
pub(crate) fn relu(input: &Tensor) -> Result<Tensor> {
    // A product, and no choice: NaN stays NaN.
    input * input.detach().gt(0.0)?.to_dtype(input.dtype())?
}

/// ReLU6 whose derivative at 0 and 6 is 0.
fn relu6(input: &Tensor) -> Result<Tensor> {
    let detached = input.detach();
    let is_inside = (detached.gt(0.0)?.to_dtype(input.dtype())?
        * detached.lt(6.0)?.to_dtype(input.dtype())?)?;
    let is_above = detached.ge(6.0)?.to_dtype(input.dtype())?;
    (input * is_inside)? + (is_above * 6.0)?
}

pub(crate) fn activate(input: Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::Identity => Ok(input),
        Activation::Relu => relu(&input),
        Activation::Relu6 => relu6(&input),
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
pub(crate) fn taps(
    padded: &Tensor,
    windows: Windows,
    rows: usize,
    columns: usize,
) -> Result<Vec<Tensor>> {
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
pub(crate) fn pad(
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
