//! How weights change: stochastic gradient descent with Nesterov momentum and weight decay.
//!
//! For each weight w with gradient g: d = g + λ·w; v ← μ·v + d; w ← w − η·(d + μ·v). This is the
//! formulation of PyTorch's `SGD(nesterov=True)`, which the authors train with (Sutskever et al.,
//! ICML 2013, after a change of variables). All trained parameters decay; statistics are not
//! trained.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp3, Layout, Result, Tensor, Var};

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
        let velocities = weights
            .iter()
            .map(|(name, weight)| Ok((name.clone(), Var::from_tensor(&weight.zeros_like()?)?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            settings,
            weights,
            velocities,
        })
    }

    /// The current knobs.
    pub fn settings(&self) -> SgdSettings {
        self.settings
    }

    /// Changes η from the next step on.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.settings.learning_rate = learning_rate;
    }

    /// The momentum of each weight, by its name.
    pub fn velocities(&self) -> &BTreeMap<String, Var> {
        &self.velocities
    }

    /// One step along the gradients; a weight without a gradient stays as it is.
    ///
    /// # Errors
    /// Where the device fails.
    pub fn step(&mut self, gradients: &GradStore) -> Result<()> {
        for (name, weight) in &self.weights {
            if let (Some(gradient), Some(velocity)) =
                (gradients.get(weight), self.velocities.get(name))
            {
                self.update(weight, velocity, gradient)?;
            }
        }
        Ok(())
    }

    fn update(&self, weight: &Var, velocity: &Var, gradient: &Tensor) -> Result<()> {
        let SgdSettings {
            learning_rate,
            momentum,
            weight_decay,
        } = self.settings;
        if weight.device().is_cpu() && weight.dtype() == candle_core::DType::F32 {
            let gradient = gradient.contiguous()?;
            velocity.inplace_op3(&gradient, weight, &Accelerate(self.settings))?;
            return weight.inplace_op3(&gradient, velocity, &Descend(self.settings));
        }
        let direction = (gradient + (weight.as_tensor() * weight_decay)?)?.detach();
        velocity.set(&((velocity.as_tensor() * momentum)? + &direction)?)?;
        let step = ((direction + (velocity.as_tensor() * momentum)?)? * learning_rate)?;
        weight.set(&(weight.as_tensor() - step)?.detach())
    }
}

/// v ← μ·v + g + λ·w, in place: an allocation for each intermediate would cost more than the
/// arithmetic.
struct Accelerate(SgdSettings);

/// w ← w − η·(g + λ·w + μ·v), in place, after [`Accelerate`].
struct Descend(SgdSettings);

impl InplaceOp3 for Accelerate {
    fn name(&self) -> &'static str {
        "nesterov-velocity"
    }

    fn cpu_fwd(
        &self,
        velocity: &mut CpuStorage,
        velocity_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<()> {
        let (momentum, decay) = (self.0.momentum as f32, self.0.weight_decay as f32);
        let velocity = contiguous_mut(velocity, velocity_layout)?;
        let gradient = contiguous(gradient, gradient_layout)?;
        let weight = contiguous(weight, weight_layout)?;
        for ((v, g), w) in velocity.iter_mut().zip(gradient).zip(weight) {
            *v = momentum * *v + (g + decay * w);
        }
        Ok(())
    }
}

impl InplaceOp3 for Descend {
    fn name(&self) -> &'static str {
        "nesterov-step"
    }

    fn cpu_fwd(
        &self,
        weight: &mut CpuStorage,
        weight_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
        velocity: &CpuStorage,
        velocity_layout: &Layout,
    ) -> Result<()> {
        let (momentum, decay) = (self.0.momentum as f32, self.0.weight_decay as f32);
        let rate = self.0.learning_rate as f32;
        let weight = contiguous_mut(weight, weight_layout)?;
        let gradient = contiguous(gradient, gradient_layout)?;
        let velocity = contiguous(velocity, velocity_layout)?;
        for ((w, g), v) in weight.iter_mut().zip(gradient).zip(velocity) {
            *w -= rate * (g + decay * *w + momentum * v);
        }
        Ok(())
    }
}

fn range(layout: &Layout) -> Result<std::ops::Range<usize>> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(start..end),
        None => candle_core::bail!("the optimiser needs contiguous tensors"),
    }
}

fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    Ok(&storage.as_slice::<f32>()?[range(layout)?])
}

fn contiguous_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    match storage {
        CpuStorage::F32(values) => Ok(&mut values[range(layout)?]),
        _ => candle_core::bail!("the optimiser needs 32-bit floats"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    /// Minimises w² / 2 from w = 1, whose gradient is w, and returns w after each step.
    fn trajectory(settings: SgdSettings, steps: usize) -> Vec<f64> {
        let weight = Var::new(&[1f32], &Device::Cpu).unwrap();
        let weights = BTreeMap::from([("w".to_owned(), weight.clone())]);
        let mut optimiser = NesterovSgd::new(weights, settings).unwrap();
        (0..steps)
            .map(|_| {
                let loss = (weight.sqr().unwrap() * 0.5).unwrap().sum_all().unwrap();
                optimiser.step(&loss.backward().unwrap()).unwrap();
                f64::from(weight.to_vec1::<f32>().unwrap()[0])
            })
            .collect()
    }

    fn assert_close(found: &[f64], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
        }
    }

    #[test]
    fn without_momentum_it_is_gradient_descent() {
        let settings = SgdSettings {
            learning_rate: 0.5,
            momentum: 0.0,
            weight_decay: 0.0,
        };
        assert_close(&trajectory(settings, 3), &[0.5, 0.25, 0.125]);
    }

    #[test]
    fn momentum_looks_ahead() {
        // By hand: v = 1, w = 1 − 0.1·(1 + 0.5) = 0.85; then v = 0.5 + 0.85 = 1.35,
        // w = 0.85 − 0.1·(0.85 + 0.675) = 0.6975.
        let settings = SgdSettings {
            learning_rate: 0.1,
            momentum: 0.5,
            weight_decay: 0.0,
        };
        assert_close(&trajectory(settings, 2), &[0.85, 0.6975]);
    }

    #[test]
    fn weight_decay_adds_to_the_gradient() {
        // By hand: d = 1 + 0.5·1 = 1.5, v = 1.5, w = 1 − 0.1·(1.5 + 0.75) = 0.775.
        let settings = SgdSettings {
            learning_rate: 0.1,
            momentum: 0.5,
            weight_decay: 0.5,
        };
        assert_close(&trajectory(settings, 1), &[0.775]);
    }

    /// The path that GPUs take, on the CPU in f64.
    #[test]
    fn the_general_path_takes_the_same_steps() {
        let settings = SgdSettings {
            learning_rate: 0.1,
            momentum: 0.9,
            weight_decay: 0.01,
        };
        let weight = Var::new(&[1f64], &Device::Cpu).unwrap();
        let weights = BTreeMap::from([("w".to_owned(), weight.clone())]);
        let mut optimiser = NesterovSgd::new(weights, settings).unwrap();
        let mut found = Vec::new();
        for _ in 0..5 {
            let loss = (weight.sqr().unwrap() * 0.5).unwrap().sum_all().unwrap();
            optimiser.step(&loss.backward().unwrap()).unwrap();
            found.push(weight.to_vec1::<f64>().unwrap()[0]);
        }
        assert_close(&trajectory(settings, 5), &found);
    }
}
