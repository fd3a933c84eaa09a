//! What networks are made of: operators whose gradients are right and which are fast on a CPU.
//!
//! On the CPU each operator has a kernel and a backward pass of its own, for f32; on other devices
//! it is composed of candle's operations, going round those whose gradient is wrong. What a caller
//! can see is the same: PyTorch's definitions, whatever the sizes. The same operation on one thread
//! and on several gives the same bits.

mod activation;
mod batch_norm;
mod buffers;
#[cfg(test)]
mod checks;
mod chunks;
mod composed;
mod conv2d;
mod conv_batch_norm;
mod convolution;
mod convolution_kernels;
mod convolution_plan;
mod cross_entropy;
mod elementwise;
mod instructions;
mod layers;
mod linear;
mod normalization;
mod pooling;
mod pooling_windows;
mod record;
mod values;
mod zero_channels;

pub use activation::{Activation, add_relu, relu};
pub use batch_norm::{BatchNormParameters, BatchStatistics, Normalized, batch_norm};
pub use conv_batch_norm::conv2d_batch_norm;
pub use conv2d::conv2d;
pub use cross_entropy::cross_entropy;
pub use layers::{BatchNorm, Conv2d, Linear};
pub use linear::linear;
pub use pooling::{avg_pool2d, global_avg_pool2d, max_pool2d};
pub use pooling_windows::Windows;
pub use record::backward;
pub use zero_channels::zero_channels;

pub(super) use elementwise::{for_pieces_of_four, for_pieces_of_three};
pub(super) use values::Values;

use candle_core::{DType, Result, Tensor, bail};

/// Whether the kernels of this module work on `input`; else candle's operations do. No operator
/// takes an input without values.
fn has_kernels(input: &Tensor) -> Result<bool> {
    if input.elem_count() == 0 {
        bail!("an input of {:?} has no values", input.dims());
    }
    Ok(input.device().is_cpu() && input.dtype() == DType::F32)
}
