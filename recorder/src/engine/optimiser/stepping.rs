//! What every optimiser does, and how what it remembers is named.

use candle_core::backprop::GradStore;
use candle_core::{Result, Var};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Changes weights, and remembers from step to step what it needs for that.
pub trait Optimiser: Debug {
    /// One step along the gradients; a weight without a gradient stays as it is.
    ///
    /// # Errors
    /// Where the device fails.
    fn step(&mut self, gradients: &GradStore) -> Result<()>;

    /// Changes the learning rate (above 0) from the next step on.
    fn set_learning_rate(&mut self, learning_rate: f64);

    /// What it remembers, each under a kind and the name of its weight, such as
    /// `velocity/conv1.weight`. Setting these variables restores it.
    fn state(&self) -> BTreeMap<String, Var>;
}

/// Zeros for each weight, by its name.
pub(crate) fn zeros_for(weights: &BTreeMap<String, Var>) -> Result<BTreeMap<String, Var>> {
    let zeros = |weight: &Var| Var::from_tensor(&weight.zeros_like()?);
    let named = weights.iter();
    named
        .map(|(name, weight)| Ok((name.clone(), zeros(weight)?)))
        .collect()
}

/// The variables with their names below `kind`.
pub(crate) fn named_by_kind<'a>(
    kind: &'static str,
    variables: &'a BTreeMap<String, Var>,
) -> impl Iterator<Item = (String, Var)> + 'a {
    let named = variables.iter();
    named.map(move |(name, variable)| (format!("{kind}/{name}"), variable.clone()))
}
