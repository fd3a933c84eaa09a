//! Two optimisers as one, the second of which changes its weights more slowly: those that were trained before
//! (discriminative fine-tuning; Howard and Ruder, ACL 2018, section 3.2).

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Result, Var};

use crate::engine::optimiser::settings::OptimiserSettings;
use crate::engine::optimiser::stepping::Optimiser;

/// Optimisers of disjoint weights.
#[derive(Debug)]
pub(crate) struct Discriminative {
    new: Box<dyn Optimiser>,
    taken: Box<dyn Optimiser>,
    /// The rate of `taken` as a share of that of `new`, above 0.
    share: f64,
}

impl Discriminative {
    /// Of `weights`, of which those that `is_taken` says were trained before.
    pub(crate) fn new(
        settings: OptimiserSettings,
        weights: BTreeMap<String, Var>,
        is_taken: impl Fn(&str) -> bool,
        share: f64,
    ) -> Result<Self> {
        let (taken, new) = weights.into_iter().partition(|(name, _)| is_taken(name));
        let mut optimiser = Self {
            new: settings.build(new)?,
            taken: settings.build(taken)?,
            share,
        };
        optimiser.set_learning_rate(settings.learning_rate());
        Ok(optimiser)
    }
}

impl Optimiser for Discriminative {
    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.new.step(gradients)?;
        self.taken.step(gradients)
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.new.set_learning_rate(learning_rate);
        self.taken.set_learning_rate(learning_rate * self.share);
    }

    fn state(&self) -> BTreeMap<String, Var> {
        let mut state = self.new.state();
        state.extend(self.taken.state());
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::optimiser::sgd::SgdSettings;
    use candle_core::{Device, Tensor};

    #[test]
    fn what_was_trained_before_moves_by_its_share_of_the_rate() {
        let one =
            || Var::from_tensor(&Tensor::ones(1, candle_core::DType::F32, &Device::Cpu).unwrap());
        let (new, taken) = (one().unwrap(), one().unwrap());
        let weights = [("new", &new), ("taken", &taken)];
        let weights = weights.map(|(name, weight)| (name.to_owned(), weight.clone()));
        let settings = OptimiserSettings::NesterovSgd(SgdSettings {
            learning_rate: 0.5,
            momentum: 0.0,
            weight_decay: 0.0,
        });
        let weights = BTreeMap::from(weights);
        let mut optimiser =
            Discriminative::new(settings, weights, |name| name == "taken", 0.1).unwrap();
        // The gradient of w² / 2 is w = 1.
        let loss = (new.sqr().unwrap() + taken.sqr().unwrap()).unwrap();
        let loss = (loss * 0.5).unwrap().sum_all().unwrap();
        optimiser.step(&loss.backward().unwrap()).unwrap();
        let value = |weight: &Var| weight.to_vec1::<f32>().unwrap()[0];
        assert!((value(&new) - 0.5).abs() < 1e-6);
        assert!((value(&taken) - 0.95).abs() < 1e-6);
        let names: Vec<String> = optimiser.state().into_keys().collect();
        assert_eq!(names, ["velocity/new", "velocity/taken"]);
    }
}
