//! How much the intermediate results of a network take, counted while operators make them; and how to do without
//! keeping them where nothing is trained.

use std::cell::Cell;

use candle_core::{Result, Tensor};

/// What operators made of a batch, in values of 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Activations {
    /// All that is kept for the backward pass of a training.
    pub(crate) all: usize,
    /// The largest single result.
    pub(crate) largest: usize,
}

thread_local! {
    /// `None` while nobody counts.
    static COUNTED: Cell<Option<Activations>> = const { Cell::new(None) };
    static TRAINS: Cell<bool> = const { Cell::new(true) };
}

/// What operators make in `work`, on this thread.
///
/// # Errors
/// Where `work` fails.
pub(crate) fn activations<T>(work: impl FnOnce() -> Result<T>) -> Result<Activations> {
    let outer = COUNTED.replace(Some(Activations::default()));
    let done = work();
    let made = COUNTED.replace(outer).unwrap_or_default();
    done.map(|_| made)
}

/// An operator has made a result of so many values, and keeps it where it is trained.
pub(crate) fn count(values: usize) {
    if let Some(Activations { all, largest }) = COUNTED.get() {
        COUNTED.set(Some(Activations {
            all: all + values,
            largest: largest.max(values),
        }));
    }
}

/// Runs `work` with layers whose parameters need no gradient, so that a result is given back as soon as the next
/// one is made of it.
pub(crate) fn without_gradients<T>(work: impl FnOnce() -> T) -> T {
    let outer = TRAINS.replace(false);
    let done = work();
    TRAINS.set(outer);
    done
}

/// A layer's parameter as its operator takes it.
pub(crate) fn operand(parameter: &Tensor) -> Tensor {
    match TRAINS.get() {
        true => parameter.clone(),
        false => parameter.detach(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_while_somebody_asks() {
        count(1000);
        let inner = || {
            count(7);
            Ok(())
        };
        let made = activations(|| {
            count(10);
            let nested = activations(inner)?;
            assert_eq!((nested.all, nested.largest), (7, 7));
            count(4);
            Ok(())
        });
        let Activations { all, largest } = made.unwrap();
        assert_eq!((all, largest), (14, 10));
    }
}
