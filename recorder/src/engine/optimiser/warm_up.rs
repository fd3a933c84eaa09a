//! A learning rate that rises in the first steps of a training (gradual warm-up; Goyal et al. 2017, section 2.2):
//! what others have trained is not thrown away while a new output layer still knows nothing.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Result, Var};

use crate::engine::optimiser::stepping::Optimiser;

/// An optimiser whose rate rises in equal parts, from step to step, to the whole one.
#[derive(Debug)]
pub(crate) struct WarmUp {
    optimiser: Box<dyn Optimiser>,
    learning_rate: f64,
    /// Steps until the rate is whole, 1 or more.
    steps: usize,
    done: usize,
}

impl WarmUp {
    /// The rate is `learning_rate` from step `steps` on; `done` steps were made before.
    pub(crate) fn new(
        optimiser: Box<dyn Optimiser>,
        learning_rate: f64,
        steps: usize,
        done: usize,
    ) -> Self {
        Self {
            optimiser,
            learning_rate,
            steps,
            done,
        }
    }
}

impl Optimiser for WarmUp {
    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.done = self.steps.min(self.done + 1);
        let share = self.done as f64 / self.steps as f64;
        self.optimiser.set_learning_rate(self.learning_rate * share);
        self.optimiser.step(gradients)
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }

    fn state(&self) -> BTreeMap<String, Var> {
        self.optimiser.state()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::optimiser::settings::OptimiserSettings;
    use crate::engine::optimiser::sgd::SgdSettings;
    use candle_core::{DType, Device, Tensor};

    /// How far a weight whose gradient is 1 moves in each of three steps.
    fn moves(done: usize) -> Vec<f64> {
        let weight =
            Var::from_tensor(&Tensor::zeros(1, DType::F64, &Device::Cpu).unwrap()).unwrap();
        let settings = OptimiserSettings::NesterovSgd(SgdSettings {
            learning_rate: 0.8,
            momentum: 0.0,
            weight_decay: 0.0,
        });
        let weights = BTreeMap::from([("w".to_owned(), weight.clone())]);
        let mut optimiser = WarmUp::new(settings.build(weights).unwrap(), 0.8, 4, done);
        let gradients = weight.sum_all().unwrap().backward().unwrap();
        let value = || weight.to_vec1::<f64>().unwrap()[0];
        let mut step = |()| {
            let before = value();
            optimiser.step(&gradients).unwrap();
            before - value()
        };
        [(); 3].map(&mut step).to_vec()
    }

    #[test]
    fn the_rate_rises_by_equal_parts_and_stays_whole_wherever_it_goes_on() {
        for (done, expected) in [
            (0, [0.2, 0.4, 0.6]),
            (2, [0.6, 0.8, 0.8]),
            (9, [0.8, 0.8, 0.8]),
        ] {
            for (moved, expected) in moves(done).into_iter().zip(expected) {
                assert!(
                    (moved - expected).abs() < 1e-12,
                    "{done}: {moved} {expected}"
                );
            }
        }
    }
}
