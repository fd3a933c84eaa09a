//! Which values a network's parameters begin with, and which of them the optimiser may change.
//!
//! candle draws initial weights from the system and cannot be seeded on the CPU, so they are drawn
//! here: each parameter from the stream of its own name, whatever the order in which a network asks
//! for them. The distributions are those that the network's layers ask for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{DType, Device, Error, Result, Shape, Tensor, Var};
use candle_nn::init::NormalOrUniform;
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use rand::RngExt;
use rand_distr::StandardNormal;

use crate::seeds::{Stream, stream};

/// The parameters and statistics of one network, by name.
#[derive(Debug, Clone)]
pub struct Parameters {
    variables: Arc<Mutex<BTreeMap<String, Var>>>,
    seed: u64,
    scope: String,
}

impl Parameters {
    /// An empty set whose values will be drawn from `seed`; networks of different `scope` (such as
    /// the pass) begin with different weights.
    pub fn new(seed: u64, scope: &str) -> Self {
        Self {
            variables: Arc::default(),
            seed,
            scope: scope.to_owned(),
        }
    }

    /// What candle-nn's layers take their parameters from; those that they ask for are added here.
    pub fn builder(&self, device: &Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), DType::F32, device.clone())
    }

    /// What the optimiser trains, in the order of the names: everything but the running statistics
    /// of batch normalisation, which are measured and not learned.
    pub fn trainable(&self) -> BTreeMap<String, Var> {
        let mut variables = self.lock().clone();
        variables.retain(|name, _| !is_statistic(name));
        variables
    }

    /// Everything, running statistics included, in the order of the names.
    pub fn all(&self) -> BTreeMap<String, Var> {
        self.lock().clone()
    }

    /// The number of trained values.
    pub fn trainable_count(&self) -> usize {
        let trainable = self.trainable();
        trainable
            .values()
            .map(|variable| variable.elem_count())
            .sum()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Var>> {
        self.variables
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names that candle-nn's batch normalisation gives its statistics, which are PyTorch's.
fn is_statistic(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    matches!(last, "running_mean" | "running_var")
}

impl SimpleBackend for Parameters {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        init: Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let mut variables = self.lock();
        if let Some(variable) = variables.get(name) {
            if *variable.shape() != shape {
                let found = variable.shape();
                return Err(Error::Msg(format!(
                    "the parameter {name} is asked for as {shape:?}, but it has {found:?}"
                )));
            }
            return Ok(variable.as_tensor().clone());
        }
        let name_of_stream = format!("weights/{}/{name}", self.scope);
        let mut draws = stream(self.seed, &name_of_stream);
        let values = initial_values(&shape, init, &mut draws);
        let variable =
            Var::from_tensor(&Tensor::from_vec(values, shape, device)?.to_dtype(dtype)?)?;
        let tensor = variable.as_tensor().clone();
        variables.insert(name.to_owned(), variable);
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        match self.lock().get(name) {
            Some(variable) => Ok(variable.as_tensor().clone()),
            None => Err(Error::Msg(format!("there is no parameter {name}"))),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }
}

fn initial_values(shape: &Shape, init: Init, draws: &mut Stream) -> Vec<f32> {
    let count = shape.elem_count();
    let mut normal = |mean: f64, deviation: f64| -> Vec<f32> {
        (0..count)
            .map(|_| (mean + deviation * draws.sample::<f64, _>(StandardNormal)) as f32)
            .collect()
    };
    match init {
        Init::Const(value) => vec![value as f32; count],
        Init::Randn { mean, stdev } => normal(mean, stdev),
        Init::Uniform { lo, up } => uniform(count, lo, up, draws),
        Init::Kaiming {
            dist,
            fan,
            non_linearity,
        } => {
            let deviation = non_linearity.gain() / (fan.for_shape(shape) as f64).sqrt();
            match dist {
                NormalOrUniform::Normal => normal(0.0, deviation),
                NormalOrUniform::Uniform => {
                    // A uniform variable on ±b has the standard deviation b / √3.
                    let bound = 3f64.sqrt() * deviation;
                    uniform(count, -bound, bound, draws)
                }
            }
        }
    }
}

fn uniform(count: usize, low: f64, high: f64, draws: &mut Stream) -> Vec<f32> {
    (0..count)
        .map(|_| (low + (high - low) * draws.random::<f64>()) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_nn::init::DEFAULT_KAIMING_NORMAL;

    fn drawn(scope: &str, names: &[&str]) -> BTreeMap<String, Vec<f32>> {
        let parameters = Parameters::new(1, scope);
        let builder = parameters.builder(&Device::Cpu);
        for name in names {
            let shape = (400, 50);
            builder
                .get_with_hints(shape, name, DEFAULT_KAIMING_NORMAL)
                .unwrap();
        }
        let values = |variable: &Var| variable.flatten_all().unwrap().to_vec1().unwrap();
        let trainable = parameters.trainable();
        trainable
            .iter()
            .map(|(name, variable)| (name.clone(), values(variable)))
            .collect()
    }

    #[test]
    fn weights_do_not_depend_on_the_order_in_which_layers_are_made() {
        assert_eq!(drawn("pass 1", &["a", "b"]), drawn("pass 1", &["b", "a"]));
    }

    #[test]
    fn another_parameter_or_pass_has_other_weights() {
        let weights = drawn("pass 1", &["a", "b"]);
        assert_ne!(weights["a"], weights["b"]);
        assert_ne!(weights["a"], drawn("pass 2", &["a"])["a"]);
    }

    #[test]
    fn he_initialisation_has_the_published_deviation() {
        // √(2 / fan-in) = 0.2 for 50 inputs; 20,000 draws know it to half a percent.
        let weights = &drawn("pass 1", &["a"])["a"];
        let squares: f64 = weights.iter().map(|&w| f64::from(w).powi(2)).sum();
        let deviation = (squares / weights.len() as f64).sqrt();
        assert!((deviation - 0.2).abs() < 0.004, "{deviation}");
    }

    #[test]
    fn running_statistics_are_not_trained() {
        let parameters = Parameters::new(1, "pass 1");
        let builder = parameters.builder(&Device::Cpu).pp("norm");
        candle_nn::batch_norm(4, 1e-5, builder).unwrap();
        let trainable = parameters.trainable();
        let names: Vec<&String> = trainable.keys().collect();
        assert_eq!(names, ["norm.bias", "norm.weight"]);
        assert_eq!(parameters.trainable_count(), 8);
    }

    #[test]
    fn a_parameter_asked_for_twice_is_shared_and_must_have_one_shape() {
        let parameters = Parameters::new(1, "pass 1");
        let builder = parameters.builder(&Device::Cpu);
        let hints = Init::Uniform { lo: 0.0, up: 1.0 };
        let first = builder.get_with_hints(3, "shared", hints).unwrap();
        let second = builder.get_with_hints(3, "shared", hints).unwrap();
        assert_eq!(first.id(), second.id());
        assert!(builder.get_with_hints(4, "shared", hints).is_err());
    }
}
