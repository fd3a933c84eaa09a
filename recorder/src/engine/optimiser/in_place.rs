//! Changing variables where they lie: a tensor for each intermediate result would cost more than the
//! arithmetic of an optimiser.

use std::cell::RefCell;

use candle_core::{CpuStorage, DType, InplaceOp1, Layout, Result, Var, bail};

/// Whether [`with_values_mut`] can change it.
pub(crate) fn is_changeable(variable: &Var) -> bool {
    variable.device().is_cpu() && variable.dtype() == DType::F32
}

/// Calls `work` with the values of a variable, which must be f32 on the CPU.
pub(crate) fn with_values_mut(
    variable: &Var,
    work: impl FnOnce(&mut [f32]) -> Result<()>,
) -> Result<()> {
    variable.inplace_op1(&Change(RefCell::new(Some(work))))
}

struct Change<F>(RefCell<Option<F>>);

impl<F: FnOnce(&mut [f32]) -> Result<()>> InplaceOp1 for Change<F> {
    fn name(&self) -> &'static str {
        "change"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let (CpuStorage::F32(values), Some((start, end))) = (storage, layout.contiguous_offsets())
        else {
            bail!("a variable to be changed in place must be contiguous and of 32-bit floats");
        };
        match self.0.take() {
            Some(work) => work(&mut values[start..end]),
            None => bail!("a change can be made once only"),
        }
    }
}
