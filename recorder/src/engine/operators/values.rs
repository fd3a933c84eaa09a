//! Reading a tensor's numbers as a slice, without a copy where they lie in order.

use std::ops::Deref;

use candle_core::DType;
use candle_core::{CpuStorage, Result, Storage, StorageRef, Tensor, bail};

/// The numbers of a tensor on the CPU, kept without its graph (which would keep itself alive).
#[derive(Debug, Clone)]
pub(crate) struct Values(Tensor);

impl Values {
    pub(crate) fn of(tensor: &Tensor) -> Result<Self> {
        Ok(Self(tensor.detach().contiguous()?))
    }

    /// Of a tensor whose numbers lie in order.
    pub(crate) fn of_contiguous(tensor: &Tensor) -> Self {
        Self(tensor.detach())
    }

    pub(crate) fn read(&self) -> Result<Slice<'_>> {
        let (storage, layout) = self.0.storage_and_layout();
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("a contiguous tensor has gaps");
        };
        match &*storage {
            Storage::Cpu(CpuStorage::F32(_)) => Ok(Slice {
                storage,
                start,
                end,
            }),
            _ => bail!("this operator is for f32 on the CPU"),
        }
    }
}

/// A tensor's numbers while they are read.
pub(crate) struct Slice<'a> {
    storage: StorageRef<'a>,
    start: usize,
    end: usize,
}

impl Deref for Slice<'_> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &*self.storage {
            Storage::Cpu(CpuStorage::F32(values)) => &values[self.start..self.end],
            // `Values::read` has made sure of the kind.
            _ => &[],
        }
    }
}

/// Whether the kernels of this module work on `input`; else candle's operations do. No operator
/// takes an input without values.
pub(crate) fn has_kernels(input: &Tensor) -> Result<bool> {
    if input.elem_count() == 0 {
        bail!("an input of {:?} has no values", input.dims());
    }
    Ok(input.device().is_cpu() && input.dtype() == DType::F32)
}
