//! All that a training carries from one epoch to the next: weights, running statistics and what
//! the optimiser remembers, as the bytes of a safetensors file. What comes from seeds (the order of samples) needs no keeping.

use std::collections::BTreeMap;

use candle_core::{Result, Tensor, Var};
use safetensors::SafeTensors;

use crate::engine::optimiser::stepping::Optimiser;
use crate::engine::parameters::Parameters;

const PARAMETER: &str = "parameter/";

/// The state of `parameters` and `optimiser`, in the order of the names.
///
/// # Errors
/// Where the device fails.
pub fn state_to_bytes(parameters: &Parameters, optimiser: &dyn Optimiser) -> Result<Vec<u8>> {
    let tensors: BTreeMap<String, Tensor> = variables(parameters, optimiser)
        .into_iter()
        .map(|(name, variable)| (name, variable.as_detached_tensor()))
        .collect();
    Ok(safetensors::serialize(tensors, None)?)
}

/// Puts a state into a network and an optimiser of the same kind.
///
/// # Errors
/// Where the bytes are no whole safetensors file, or of another network.
pub fn restore_state(
    bytes: &[u8],
    parameters: &Parameters,
    optimiser: &dyn Optimiser,
) -> Result<()> {
    let state = SafeTensors::deserialize(bytes)?;
    let variables = variables(parameters, optimiser);
    if state.len() != variables.len() {
        candle_core::bail!(
            "it has {} tensors, but the network has {}",
            state.len(),
            variables.len()
        );
    }
    for (name, variable) in variables {
        use candle_core::safetensors::Load;
        let tensor = state.tensor(&name)?.load(variable.device())?;
        variable.set(&tensor)?;
    }
    Ok(())
}

fn variables(parameters: &Parameters, optimiser: &dyn Optimiser) -> BTreeMap<String, Var> {
    let parameters = parameters.all().into_iter();
    let parameters = parameters.map(|(name, variable)| (format!("{PARAMETER}{name}"), variable));
    parameters.chain(optimiser.state()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::optimiser::adamw::AdamWSettings;
    use crate::engine::optimiser::settings::OptimiserSettings;
    use crate::engine::optimiser::sgd::SgdSettings;
    use candle_core::{Device, ModuleT};

    const SGD: OptimiserSettings = OptimiserSettings::NesterovSgd(SgdSettings {
        learning_rate: 0.1,
        momentum: 0.9,
        weight_decay: 1e-4,
    });
    const ADAMW: OptimiserSettings = OptimiserSettings::AdamW(AdamWSettings {
        learning_rate: 0.1,
        weight_decay: 1e-4,
    });

    struct Trained {
        network: candle_nn::Sequential,
        parameters: Parameters,
        optimiser: Box<dyn Optimiser>,
    }

    fn network(seed: u64, settings: OptimiserSettings) -> Trained {
        let parameters = Parameters::new(seed, "pass 1");
        let builder = parameters.builder(&Device::Cpu);
        let network = candle_nn::seq().add(candle_nn::linear(3, 2, builder.pp("output")).unwrap());
        candle_nn::batch_norm(2, 1e-5, builder.pp("norm")).unwrap();
        let optimiser = settings.build(parameters.trainable()).unwrap();
        Trained {
            network,
            parameters,
            optimiser,
        }
    }

    impl Trained {
        fn step(&mut self) {
            let inputs = Tensor::new(&[[1f32, -2.0, 3.0]], &Device::Cpu).unwrap();
            let loss = self.network.forward_t(&inputs, true).unwrap();
            let gradients = loss.sqr().unwrap().sum_all().unwrap().backward().unwrap();
            self.optimiser.step(&gradients).unwrap();
        }

        fn bytes(&self) -> Vec<u8> {
            state_to_bytes(&self.parameters, self.optimiser.as_ref()).unwrap()
        }
    }

    #[test]
    fn a_restored_training_goes_on_as_if_it_had_never_stopped() {
        for settings in [SGD, ADAMW] {
            let mut uninterrupted = network(1, settings);
            uninterrupted.step();
            let checkpoint = uninterrupted.bytes();
            let mut resumed = network(2, settings);
            restore_state(&checkpoint, &resumed.parameters, resumed.optimiser.as_ref()).unwrap();
            uninterrupted.step();
            resumed.step();
            assert_eq!(uninterrupted.bytes(), resumed.bytes());
            assert_ne!(uninterrupted.bytes(), checkpoint);
        }
    }

    #[test]
    fn running_statistics_are_part_of_the_state() {
        let bytes = network(1, SGD).bytes();
        let state = SafeTensors::deserialize(&bytes).unwrap();
        assert!(state.tensor("parameter/norm.running_mean").is_ok());
        assert!(state.tensor("velocity/norm.running_mean").is_err());
    }

    #[test]
    fn a_cut_or_foreign_state_is_refused() {
        let trained = network(1, SGD);
        let bytes = trained.bytes();
        let optimiser = trained.optimiser.as_ref();
        let restore = |bytes: &[u8]| restore_state(bytes, &trained.parameters, optimiser);
        for length in [0, 5, bytes.len() / 2, bytes.len() - 1] {
            assert!(restore(&bytes[..length]).is_err(), "{length} bytes");
        }
        let of_another_optimiser = network(1, ADAMW).bytes();
        assert!(restore(&of_another_optimiser).is_err());
        let other = Parameters::new(1, "pass 1");
        candle_nn::linear(3, 2, other.builder(&Device::Cpu).pp("other")).unwrap();
        let optimiser = SGD.build(other.trainable()).unwrap();
        assert!(restore_state(&bytes, &other, optimiser.as_ref()).is_err());
    }
}
