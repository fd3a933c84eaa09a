//! Which optimiser trains, with which knobs.

use candle_core::{Result, Var};
use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::engine::optimiser::adamw::{AdamW, AdamWSettings};
use crate::engine::optimiser::sgd::{NesterovSgd, SgdSettings};
use crate::engine::optimiser::stepping::Optimiser;

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
        OptimiserSettings::NesterovSgd(SgdSettings::DEFAULT)
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

    /// The same with other rates.
    pub(crate) const fn with(mut self, learning_rate: f64, weight_decay: f64) -> Self {
        match &mut self {
            OptimiserSettings::NesterovSgd(settings) => {
                settings.learning_rate = learning_rate;
                settings.weight_decay = weight_decay;
            }
            OptimiserSettings::AdamW(settings) => {
                settings.learning_rate = learning_rate;
                settings.weight_decay = weight_decay;
            }
        }
        self
    }

    /// How many numbers it remembers of each weight: velocities, or the means of gradients and of their squares.
    pub(crate) const fn numbers_a_weight(&self) -> usize {
        match self {
            OptimiserSettings::NesterovSgd(_) => 1,
            OptimiserSettings::AdamW(_) => 2,
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

#[cfg(test)]
pub(crate) mod tests {
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
