//! Which instructions the processor has, found out while running: the same binary uses AVX-512,
//! AVX2 or NEON where they are there and plain code where not.

use pulp::{Arch, Simd, WithSimd};

/// Values of the widest register; whatever is read or written by registers is rounded up to it.
pub(crate) const WIDEST: usize = 16;

/// Compiles `work` for each instruction set and calls the best that this processor has.
///
/// `work` has to be inlined to profit, so what it calls is marked `#[inline(always)]`.
pub(crate) fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(work)
}

/// How many rows of a matrix a kernel may work on at once with `S`'s registers.
pub(crate) const fn has_many_registers<S: Simd>() -> bool {
    S::REGISTER_COUNT >= 32
}

/// Runs a kernel on the best instructions.
pub(crate) fn dispatch<K: WithSimd>(kernel: K) -> K::Output {
    Arch::new().dispatch(kernel)
}
