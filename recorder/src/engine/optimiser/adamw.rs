//! Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019, algorithm 2), as PyTorch's
//! `AdamW`.
//!
//! For each weight w with gradient g in step t: w ← w − η·λ·w; m ← β₁·m + (1 − β₁)·g;
//! v ← β₂·v + (1 − β₂)·g²; w ← w − η·(m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε).

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var};

use crate::engine::operators::elementwise::for_pieces_of_four;
use crate::engine::operators::values::Values;
use crate::engine::optimiser::in_place::{is_changeable, with_values_mut};
use crate::engine::optimiser::stepping::{Optimiser, named_by_kind, zeros_for};

/// β₁, β₂ and ε, as published and as everywhere.
const BETAS: [f64; 2] = [0.9, 0.999];
const EPSILON: f64 = 1e-8;

/// The knobs of [`AdamW`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWSettings {
    /// η, above 0.
    pub learning_rate: f64,
    /// λ, 0 or more.
    pub weight_decay: f64,
}

impl Default for AdamWSettings {
    /// As PyTorch's.
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            weight_decay: 1e-2,
        }
    }
}

/// The optimiser: the weights that it trains and the moments of their gradients, by name.
#[derive(Debug)]
pub struct AdamW {
    settings: AdamWSettings,
    weights: BTreeMap<String, Var>,
    means: BTreeMap<String, Var>,
    squares: BTreeMap<String, Var>,
    /// t, one number on the CPU: reading it must not wait for a GPU.
    steps: Var,
}

impl AdamW {
    /// Trains `weights`, starting without moments.
    ///
    /// # Errors
    /// Where the device has no memory for the moments.
    pub fn new(weights: BTreeMap<String, Var>, settings: AdamWSettings) -> Result<Self> {
        Ok(Self {
            settings,
            means: zeros_for(&weights)?,
            squares: zeros_for(&weights)?,
            weights,
            steps: Var::new(&[0u32], &Device::Cpu)?,
        })
    }

    /// Counts a step and returns its number.
    fn count_step(&self) -> Result<i32> {
        let step = self.steps.to_vec1::<u32>()?[0].saturating_add(1);
        self.steps.set(&Tensor::new(&[step], &Device::Cpu)?)?;
        Ok(i32::try_from(step).unwrap_or(i32::MAX))
    }

    fn update(&self, weight: &Var, moments: [&Var; 2], gradient: &Tensor, step: i32) -> Result<()> {
        let [bias1, bias2] = BETAS.map(|beta| 1.0 - beta.powi(step));
        if is_changeable(weight) {
            return self.update_in_place(weight, moments, gradient, [bias1, bias2]);
        }
        let AdamWSettings {
            learning_rate,
            weight_decay,
        } = self.settings;
        let [beta1, beta2] = BETAS;
        let [mean, square] = moments;
        let gradient = gradient.detach();
        mean.set(&((mean.as_tensor() * beta1)? + (&gradient * (1.0 - beta1))?)?)?;
        square.set(&((square.as_tensor() * beta2)? + (gradient.sqr()? * (1.0 - beta2))?)?)?;
        let deviation = ((square.as_tensor() / bias2)?.sqrt()? + EPSILON)?;
        let step = ((mean.as_tensor() / deviation)? * (learning_rate / bias1))?;
        let kept = (weight.as_tensor() * (1.0 - learning_rate * weight_decay))?;
        weight.set(&(kept - step)?.detach())
    }

    fn update_in_place(
        &self,
        weight: &Var,
        [mean, square]: [&Var; 2],
        gradient: &Tensor,
        [bias1, bias2]: [f64; 2],
    ) -> Result<()> {
        let [beta1, beta2] = BETAS.map(|beta| beta as f32);
        let [rest1, rest2] = BETAS.map(|beta| (1.0 - beta) as f32);
        let kept = (1.0 - self.settings.learning_rate * self.settings.weight_decay) as f32;
        let rate = (self.settings.learning_rate / bias1) as f32;
        let (root_bias2, epsilon) = (bias2.sqrt() as f32, EPSILON as f32);
        let gradient = Values::of(gradient)?;
        let gradient = gradient.read()?;
        let step =
            |weights: &mut [f32], means: &mut [f32], squares: &mut [f32], gradient: &[f32]| {
                let moments = means.iter_mut().zip(squares);
                for ((w, (m, v)), g) in weights.iter_mut().zip(moments).zip(gradient) {
                    *m = beta1 * *m + rest1 * g;
                    *v = beta2 * *v + rest2 * g * g;
                    *w = kept * *w - rate * *m / (v.sqrt() / root_bias2 + epsilon);
                }
            };
        with_values_mut(weight, |weights| {
            with_values_mut(mean, |means| {
                with_values_mut(square, |squares| {
                    for_pieces_of_four(weights, means, squares, &gradient, step);
                    Ok(())
                })
            })
        })
    }
}

impl Optimiser for AdamW {
    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        let step = self.count_step()?;
        for (name, weight) in &self.weights {
            let moments = self.means.get(name).zip(self.squares.get(name));
            if let (Some(gradient), Some((mean, square))) = (gradients.get(weight), moments) {
                self.update(weight, [mean, square], gradient, step)?;
            }
        }
        Ok(())
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.settings.learning_rate = learning_rate;
    }

    fn state(&self) -> BTreeMap<String, Var> {
        let steps = [("steps".to_owned(), self.steps.clone())];
        named_by_kind("gradient_mean", &self.means)
            .chain(named_by_kind("gradient_square", &self.squares))
            .chain(steps)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::optimiser::settings::OptimiserSettings;
    use crate::engine::optimiser::settings::tests::{assert_close, trajectory};
    use candle_core::DType;

    #[test]
    fn the_first_step_is_the_learning_rate_and_the_next_follow_the_definition() {
        let (learning_rate, weight_decay) = (0.1, 0.5);
        let settings = OptimiserSettings::AdamW(AdamWSettings {
            learning_rate,
            weight_decay,
        });
        let (mut w, mut m, mut v) = (1.0f64, 0.0, 0.0);
        let definition = |step: i32| {
            let g = w;
            w -= learning_rate * weight_decay * w;
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            let (mean, square) = (
                m / (1.0 - 0.9f64.powi(step)),
                v / (1.0 - 0.999f64.powi(step)),
            );
            w -= learning_rate * mean / (square.sqrt() + 1e-8);
            w
        };
        let expected: Vec<f64> = (1..=6).map(definition).collect();
        // By hand: 1 − 0.05 − 0.1·1.
        assert!((expected[0] - 0.85).abs() < 1e-8);
        assert_close(&trajectory(settings, DType::F32, 6), &expected);
        assert_close(&trajectory(settings, DType::F64, 6), &expected);
    }
}
