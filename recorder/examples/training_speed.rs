//! Prints how many samples a second a network trains on (forward, backward, Nesterov step), with its
//! data in memory and nothing logged: the counterpart of `benchmarks/pytorch_side/training_speed.py`.
//!
//! `cargo run --release -p recorder --example training_speed -- resnet20 64 24`
//!
//! Only ratios to something that ran in turns with it on the same machine mean anything;
//! `benchmarks/train_speed.py` makes them.

use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::{Device, ModuleT, Tensor};
use clap::{Parser, ValueEnum};
use rand::RngExt;
use recorder::allocator::{Allocator, keep_pages};
use recorder::engine::operators::Loss;
use recorder::engine::{Optimiser, OptimiserSettings, Parameters, SgdSettings, join_pool};
use recorder::models::{NetworkKind, NetworkSettings};
use recorder::seeds::stream;
use recorder::training::device::DeviceChoice;
use recorder::training::epoch::train_step;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// Ten classes and the one of the threshold samples.
const OUTPUTS: usize = 11;
/// The training goes round them.
const BATCHES: usize = 4;
const SGD: OptimiserSettings = OptimiserSettings::NesterovSgd(SgdSettings {
    learning_rate: 0.01,
    momentum: 0.9,
    weight_decay: 1e-4,
});

#[derive(Parser)]
struct Arguments {
    network: &'static NetworkKind,
    /// Samples a step
    batch: usize,
    /// Steps to measure, after a warm-up of a tenth as many and two more
    steps: usize,
    /// cpu, cuda, cuda:N or metal
    #[arg(long, default_value = "cpu")]
    device: DeviceChoice,
    /// Pixels a side, of networks that take images of any size
    #[arg(long, default_value_t = 32)]
    image_size: usize,
}

struct Training {
    network: Box<dyn ModuleT>,
    optimiser: Box<dyn Optimiser>,
    batches: Vec<(Tensor, Tensor)>,
}

impl Training {
    fn new(arguments: &Arguments, device: &Device) -> Result<Self> {
        let mut settings = NetworkSettings::new(arguments.network);
        let shape = match arguments.network.name {
            "mlp" => [768, 1, 1],
            "lenet" => [1, 28, 28],
            _ => [3, arguments.image_size, arguments.image_size],
        };
        settings.hidden_units = (arguments.network.name == "mlp").then(|| vec![512]);
        let parameters = Parameters::new(0, "speed");
        let builder = parameters.builder(device);
        let batch = |number| random_batch(arguments.batch, shape, number, device);
        Ok(Self {
            network: settings.build("random numbers", shape, OUTPUTS, builder)?,
            optimiser: SGD.build(parameters.trainable())?,
            batches: (0..BATCHES).map(batch).collect::<Result<_>>()?,
        })
    }

    fn run(&mut self, steps: usize) -> Result<()> {
        for (inputs, labels) in self.batches.iter().cycle().take(steps) {
            train_step(
                self.network.as_ref(),
                self.optimiser.as_mut(),
                Loss::CrossEntropy,
                inputs,
                labels,
            )?;
        }
        Ok(())
    }
}

fn random_batch(
    samples: usize,
    [channels, height, width]: [usize; 3],
    number: usize,
    device: &Device,
) -> Result<(Tensor, Tensor)> {
    let mut draws = stream(number as u64, "batch");
    let count = samples * channels * height * width;
    let inputs: Vec<f32> = (0..count)
        .map(|_| draws.random::<f32>() * 3.4 - 1.7)
        .collect();
    let labels: Vec<u32> = (0..samples)
        .map(|_| draws.random_range(0..OUTPUTS as u32))
        .collect();
    let shape = (samples, channels, height, width);
    let inputs = Tensor::from_vec(inputs, shape, device)?;
    Ok((inputs, Tensor::new(labels, device)?))
}

#[expect(clippy::print_stdout, reason = "its purpose")]
fn main() -> Result<()> {
    let arguments = Arguments::parse();
    keep_pages();
    join_pool();
    let device = arguments.device.open()?.device;
    let mut training = Training::new(&arguments, &device)?;
    training.run(arguments.steps / 10 + 2)?;
    // A GPU is still at work when the last step is asked for.
    device.synchronize()?;
    let start = Instant::now();
    training.run(arguments.steps)?;
    device.synchronize()?;
    let seconds = start.elapsed().as_secs_f64();
    let network = arguments
        .network
        .to_possible_value()
        .context("a network has a name")?;
    let result = serde_json::json!({
        "network": network.get_name(),
        "batch": arguments.batch,
        "steps": arguments.steps,
        "seconds": seconds,
        "samples_per_second": (arguments.batch * arguments.steps) as f64 / seconds,
    });
    println!("{result}");
    Ok(())
}
