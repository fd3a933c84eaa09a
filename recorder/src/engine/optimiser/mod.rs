//! How weights change along their gradients.

pub(crate) mod adamw;
pub(crate) mod in_place;
pub(crate) mod sgd;

use std::collections::BTreeMap;
use std::fmt::Debug;

use candle_core::backprop::GradStore;
use candle_core::{Result, Var};

pub(crate) use crate::engine::optimiser::adamw::{AdamW, AdamWSettings};
pub(crate) use crate::engine::optimiser::sgd::{NesterovSgd, SgdSettings};

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

/// An optimiser and its knobs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OptimiserSettings {
    /// Stochastic gradient descent with Nesterov momentum.
    NesterovSgd(SgdSettings),
    /// Adam with decoupled weight decay.
    AdamW(AdamWSettings),
}

impl Default for OptimiserSettings {
    fn default() -> Self {
        OptimiserSettings::NesterovSgd(SgdSettings::default())
    }
}

impl OptimiserSettings {
    /// The name in logs and on the command line.
    pub const fn as_str(&self) -> &'static str {
        match self {
            OptimiserSettings::NesterovSgd(_) => "sgd",
            OptimiserSettings::AdamW(_) => "adamw",
        }
    }

    /// The learning rate that the training begins with, above 0.
    pub const fn learning_rate(&self) -> f64 {
        match self {
            OptimiserSettings::NesterovSgd(settings) => settings.learning_rate,
            OptimiserSettings::AdamW(settings) => settings.learning_rate,
        }
    }

    /// The rate at which weights decay, 0 or more.
    pub const fn weight_decay(&self) -> f64 {
        match self {
            OptimiserSettings::NesterovSgd(settings) => settings.weight_decay,
            OptimiserSettings::AdamW(settings) => settings.weight_decay,
        }
    }

    /// An optimiser of `weights` that remembers nothing yet.
    ///
    /// # Errors
    /// Where the device has no memory for what it is to remember.
    pub fn build(self, weights: BTreeMap<String, Var>) -> Result<Box<dyn Optimiser>> {
        Ok(match self {
            OptimiserSettings::NesterovSgd(settings) => {
                Box::new(NesterovSgd::new(weights, settings)?)
            }
            OptimiserSettings::AdamW(settings) => Box::new(AdamW::new(weights, settings)?),
        })
    }
}

/// Zeros for each weight, by its name.
fn zeros_for(weights: &BTreeMap<String, Var>) -> Result<BTreeMap<String, Var>> {
    let zeros = |weight: &Var| Var::from_tensor(&weight.zeros_like()?);
    let named = weights.iter();
    named
        .map(|(name, weight)| Ok((name.clone(), zeros(weight)?)))
        .collect()
}

/// The variables with their names below `kind`.
fn below<'a>(
    kind: &'static str,
    variables: &'a BTreeMap<String, Var>,
) -> impl Iterator<Item = (String, Var)> + 'a {
    let named = variables.iter();
    named.map(move |(name, variable)| (format!("{kind}/{name}"), variable.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Device, Tensor};

    /// Minimises w² / 2 from w = 1, whose gradient is w, and returns w after each step: with the
    /// kernels (f32), or as on a GPU (f64).
    pub(crate) fn trajectory(settings: OptimiserSettings, dtype: DType, steps: usize) -> Vec<f64> {
        let one = Tensor::ones(1, dtype, &Device::Cpu).unwrap();
        let weight = Var::from_tensor(&one).unwrap();
        let weights = BTreeMap::from([("w".to_owned(), weight.clone())]);
        let mut optimiser = settings.build(weights).unwrap();
        let mut step = || {
            let loss = (weight.sqr().unwrap() * 0.5).unwrap().sum_all().unwrap();
            optimiser.step(&loss.backward().unwrap()).unwrap();
            let value = weight.to_dtype(DType::F64).unwrap();
            value.to_vec1::<f64>().unwrap()[0]
        };
        (0..steps).map(|_| step()).collect()
    }

    pub(crate) fn assert_close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
        }
    }
}
