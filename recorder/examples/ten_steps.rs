//! Trains a few steps from weights and batches that somebody else has written, and prints the loss of
//! each: half of `benchmarks/ten_steps.py`, which describes the files and compares with PyTorch.
//!
//! `ten_steps NETWORK FOLDER`

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use candle_core::{DType, Device, IndexOp, Tensor, safetensors};
use clap::Parser;
use recorder::engine::operators::{backward, cross_entropy};
use recorder::engine::{OptimiserSettings, Parameters, SgdSettings, join_pool};
use recorder::models::{NetworkKind, NetworkSettings};
use serde::Deserialize;

#[derive(Parser)]
struct Arguments {
    network: &'static NetworkKind,
    /// With weights.safetensors, batches.safetensors and settings.json
    folder: PathBuf,
}

#[derive(Deserialize)]
struct Settings {
    learning_rate: f64,
    momentum: f64,
    weight_decay: f64,
    nesterov: bool,
    outputs: usize,
}

/// Gives the parameters the values in the file, which has those and no others.
fn load_weights(parameters: &Parameters, path: &Path) -> Result<()> {
    let weights = safetensors::load(path, &Device::Cpu)?;
    let variables = parameters.all();
    ensure!(
        weights.len() == variables.len(),
        "{}: {} tensors for {} parameters",
        path.display(),
        weights.len(),
        variables.len()
    );
    for (name, variable) in variables {
        let weight = weights
            .get(&name)
            .with_context(|| format!("{name} is missing"))?;
        variable.set(weight)?;
    }
    Ok(())
}

/// channels, height and width of one sample; features are channels.
fn sample_shape(inputs: &Tensor) -> Result<[usize; 3]> {
    Ok(match inputs.dims()[2..] {
        [features] => [features, 1, 1],
        [channels, height, width] => [channels, height, width],
        _ => anyhow::bail!(
            "inputs of {:?} are neither features nor images",
            inputs.dims()
        ),
    })
}

fn losses(arguments: &Arguments) -> Result<Vec<f32>> {
    let file = |name| arguments.folder.join(name);
    let settings: Settings = serde_json::from_slice(&std::fs::read(file("settings.json"))?)?;
    ensure!(settings.nesterov, "only Nesterov momentum is known here");
    let batches = safetensors::load(file("batches.safetensors"), &Device::Cpu)?;
    let (inputs, labels) = (&batches["inputs"], &batches["labels"]);

    let parameters = Parameters::new(0, "ten steps");
    let builder = parameters.builder(&Device::Cpu);
    let mut network = NetworkSettings::new(arguments.network);
    network.hidden_units = (arguments.network.name == "mlp").then(|| vec![512]);
    let network = network.build(
        "the batches",
        sample_shape(inputs)?,
        settings.outputs,
        builder,
    )?;
    load_weights(&parameters, &file("weights.safetensors"))?;
    let sgd = OptimiserSettings::NesterovSgd(SgdSettings {
        learning_rate: settings.learning_rate,
        momentum: settings.momentum,
        weight_decay: settings.weight_decay,
    });
    let mut optimiser = sgd.build(parameters.trainable())?;

    let mut losses = Vec::new();
    for step in 0..inputs.dim(0)? {
        let labels = labels.i(step)?.to_dtype(DType::U32)?;
        let loss = cross_entropy(&network.forward_t(&inputs.i(step)?, true)?, &labels)?;
        optimiser.step(&backward(&loss)?)?;
        losses.push(loss.to_scalar()?);
    }
    Ok(losses)
}

#[expect(clippy::print_stdout, reason = "its purpose")]
fn main() -> Result<()> {
    join_pool();
    println!("{}", serde_json::to_string(&losses(&Arguments::parse())?)?);
    Ok(())
}
