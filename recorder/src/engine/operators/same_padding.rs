//! TensorFlow's "same" padding: as many zeros as leave ⌈size / stride⌉ outputs, the odd one behind.

use candle_core::{Result, Tensor};

use crate::engine::operators::activations::count;

/// Zeros along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SamePadding {
    pub(crate) outputs: usize,
    pub(crate) before: usize,
    pub(crate) after: usize,
}

impl SamePadding {
    pub(crate) const fn along(length: usize, kernel: usize, stride: usize) -> Self {
        let outputs = length.div_ceil(stride);
        let zeros = ((outputs - 1) * stride + kernel).saturating_sub(length);
        Self {
            outputs,
            before: zeros / 2,
            after: zeros - zeros / 2,
        }
    }
}

/// Images (samples × channels × height × width) with the zeros around them that windows of a side and a stride need.
///
/// # Errors
/// Where the device fails.
pub fn pad_same(images: &Tensor, kernel: usize, stride: usize) -> Result<Tensor> {
    let mut padded = images.clone();
    for axis in [2, 3] {
        let zeros = SamePadding::along(images.dim(axis)?, kernel, stride);
        if zeros.before + zeros.after > 0 {
            padded = padded.pad_with_zeros(axis, zeros.before, zeros.after)?;
            count(padded.elem_count());
        }
    }
    Ok(padded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn the_odd_zero_lies_behind() {
        let along = |length, kernel, stride| {
            let SamePadding {
                outputs,
                before,
                after,
            } = SamePadding::along(length, kernel, stride);
            (outputs, before, after)
        };
        assert_eq!(along(6, 3, 1), (6, 1, 1));
        assert_eq!(along(6, 3, 2), (3, 0, 1));
        assert_eq!(along(7, 3, 2), (4, 1, 1));
        assert_eq!(along(6, 5, 2), (3, 1, 2));
        assert_eq!(along(1, 5, 2), (1, 2, 2));
        assert_eq!(along(5, 1, 2), (3, 0, 0));
    }

    #[test]
    fn each_axis_is_padded_by_its_own_length() {
        let images = Tensor::ones((1, 1, 2, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
        let padded = pad_same(&images, 3, 2).unwrap().squeeze(0).unwrap();
        let rows: Vec<Vec<f32>> = padded.squeeze(0).unwrap().to_vec2().unwrap();
        let row = [0.0, 1.0, 1.0, 1.0, 0.0];
        assert_eq!(rows, [row, row, [0.0; 5]]);
    }
}
