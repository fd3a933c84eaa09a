//! How weights change: stochastic gradient descent with Nesterov momentum and weight decay.
//!
//! For each weight w with gradient g: d = g + λ·w; v ← μ·v + d; w ← w − η·(d + μ·v). This is the
//! formulation of PyTorch's `SGD(nesterov=True)`, which the authors train with (Sutskever et al.,
//! ICML 2013, after a change of variables). All trained parameters decay; statistics are not
//! trained.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, Var};

use crate::engine::operators::elementwise::for_pieces_of_three;
use crate::engine::operators::values::Values;
use crate::engine::optimiser::in_place::{is_changeable, with_values_mut};
use crate::engine::optimiser::stepping::{Optimiser, named_by_kind, zeros_for};

/// The knobs of [`NesterovSgd`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdSettings {
    /// η, above 0.
    pub learning_rate: f64,
    /// μ, 0 to 1.
    pub momentum: f64,
    /// λ, 0 or more.
    pub weight_decay: f64,
}

impl SgdSettings {
    /// Momentum and weight decay as in Pleiss et al. 2020, appendix B; half of their learning rate,
    /// which small networks and sets take better.
    pub const DEFAULT: Self = Self {
        learning_rate: 0.05,
        momentum: 0.9,
        weight_decay: 1e-4,
    };
}

/// The optimiser: the weights that it trains and their momentum, by name.
#[derive(Debug)]
pub struct NesterovSgd {
    settings: SgdSettings,
    weights: BTreeMap<String, Var>,
    velocities: BTreeMap<String, Var>,
}

impl NesterovSgd {
    /// Trains `weights`, starting without momentum.
    ///
    /// # Errors
    /// Where the device has no memory for the momentum.
    pub fn new(weights: BTreeMap<String, Var>, settings: SgdSettings) -> Result<Self> {
        Ok(Self {
            settings,
            velocities: zeros_for(&weights)?,
            weights,
        })
    }

    fn update(&self, weight: &Var, velocity: &Var, gradient: &Tensor) -> Result<()> {
        if is_changeable(weight) {
            return self.update_in_place(weight, velocity, gradient);
        }
        let SgdSettings {
            learning_rate,
            momentum,
            weight_decay,
        } = self.settings;
        let direction = (gradient + (weight.as_tensor() * weight_decay)?)?.detach();
        velocity.set(&((velocity.as_tensor() * momentum)? + &direction)?)?;
        let step = ((direction + (velocity.as_tensor() * momentum)?)? * learning_rate)?;
        weight.set(&(weight.as_tensor() - step)?.detach())
    }

    fn update_in_place(&self, weight: &Var, velocity: &Var, gradient: &Tensor) -> Result<()> {
        let rate = self.settings.learning_rate as f32;
        let momentum = self.settings.momentum as f32;
        let decay = self.settings.weight_decay as f32;
        let gradient = Values::of(gradient)?;
        let gradient = gradient.read()?;
        with_values_mut(weight, |weights| {
            with_values_mut(velocity, |velocities| {
                for_pieces_of_three(
                    weights,
                    velocities,
                    &gradient,
                    |weights, velocities, gradient| {
                        for ((w, v), g) in weights.iter_mut().zip(velocities).zip(gradient) {
                            let direction = g + decay * *w;
                            *v = momentum * *v + direction;
                            *w -= rate * (direction + momentum * *v);
                        }
                    },
                );
                Ok(())
            })
        })
    }
}

impl Optimiser for NesterovSgd {
    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        for (name, weight) in &self.weights {
            if let (Some(gradient), Some(velocity)) =
                (gradients.get(weight), self.velocities.get(name))
            {
                self.update(weight, velocity, gradient)?;
            }
        }
        Ok(())
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.settings.learning_rate = learning_rate;
    }

    fn state(&self) -> BTreeMap<String, Var> {
        named_by_kind("velocity", &self.velocities).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::optimiser::settings::OptimiserSettings;
    use crate::engine::optimiser::settings::tests::{assert_close, trajectory};
    use candle_core::DType;

    fn after(learning_rate: f64, momentum: f64, weight_decay: f64, steps: usize) -> Vec<f64> {
        let settings = OptimiserSettings::NesterovSgd(SgdSettings {
            learning_rate,
            momentum,
            weight_decay,
        });
        let found = trajectory(settings, DType::F32, steps);
        // The path that GPUs take, in f64.
        assert_close(&found, &trajectory(settings, DType::F64, steps));
        found
    }

    #[test]
    fn without_momentum_it_is_gradient_descent() {
        assert_close(&after(0.5, 0.0, 0.0, 3), &[0.5, 0.25, 0.125]);
    }

    #[test]
    fn momentum_looks_ahead() {
        // By hand: v = 1, w = 1 − 0.1·(1 + 0.5) = 0.85; then v = 0.5 + 0.85 = 1.35,
        // w = 0.85 − 0.1·(0.85 + 0.675) = 0.6975.
        assert_close(&after(0.1, 0.5, 0.0, 2), &[0.85, 0.6975]);
    }

    #[test]
    fn weight_decay_adds_to_the_gradient() {
        // By hand: d = 1 + 0.5·1 = 1.5, v = 1.5, w = 1 − 0.1·(1.5 + 0.75) = 0.775.
        assert_close(&after(0.1, 0.5, 0.5, 1), &[0.775]);
    }
}
