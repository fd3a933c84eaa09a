//! What does the log cost? Trains a few epochs with it and without it in turns, on random inputs, and prints
//! by how much the former are longer: the median of the ratios of neighbours and their range.
//!
//! `cargo run --release -p recorder --example logging_cost -- mlp`

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use candle_core::{Device, ModuleT, Tensor};
use clap::Parser;
use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleRow,
};
use rand::RngExt;
use recorder::allocator::{Allocator, keep_pages};
use recorder::engine::{Optimiser, OptimiserSettings, Parameters, join_pool};
use recorder::models::{NetworkKind, NetworkSettings};
use recorder::seeds::stream;
use recorder::training::device::DeviceChoice;
use recorder::training::epoch::{EpochDraws, TrainingSet, train_epoch};
use recorder::training::inputs::InputSource;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

const OUTPUTS: u32 = 11;

#[derive(Parser)]
struct Arguments {
    network: &'static NetworkKind,
    /// Epochs of each turn: the log of one is written beside the next, and the last one's is waited for
    #[arg(long, default_value_t = 20)]
    epochs: u32,
    /// Turns of each side
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// cpu, cuda, cuda:N or metal
    #[arg(long, default_value = "cpu")]
    device: DeviceChoice,
}

struct Training {
    network: Box<dyn ModuleT>,
    optimiser: Box<dyn Optimiser>,
    set: TrainingSet<'static>,
    samples: Arc<PassSamples>,
    batch: usize,
}

impl Training {
    /// The MLP on 768 features and 50,000 samples; other networks on 5,000 images.
    fn new(kind: &'static NetworkKind, device: &Device) -> Result<Self> {
        let (shape, count, batch) = match kind.name {
            "mlp" => ([768, 1, 1], 50_000, 128),
            "lenet" => ([1, 28, 28], 20_000, 64),
            _ => ([3, 32, 32], 5_000, 64),
        };
        let mut settings = NetworkSettings::new(kind);
        settings.hidden_units = (kind.name == "mlp").then(|| vec![512]);
        let parameters = Parameters::new(0, "cost");
        let builder = parameters.builder(device);
        let mut draws = stream(0, "data");
        let labels: Vec<u32> = (0..count).map(|_| draws.random_range(0..OUTPUTS)).collect();
        let size: usize = shape.iter().product();
        let inputs: Vec<f32> = (0..count * size)
            .map(|_| draws.random::<f32>() - 0.5)
            .collect();
        let [channels, height, width] = shape;
        let inputs = Tensor::from_vec(inputs, (count, channels, height, width), device)?;
        let rows = (0i64..).zip(&labels).map(|(sample, &label)| SampleRow {
            sample_id: sample.into(),
            assigned_label: label,
            given_label: label,
            true_label: None,
            is_threshold_sample: false,
        });
        Ok(Self {
            network: settings.build("random numbers", shape, OUTPUTS as usize, builder)?,
            optimiser: OptimiserSettings::default().build(parameters.trainable())?,
            samples: Arc::new(PassSamples::new(rows.collect(), OUTPUTS as usize)?),
            set: TrainingSet::new(InputSource::Resident(inputs), labels)?,
            batch,
        })
    }

    /// Seconds of epochs whose logits nobody wants.
    fn without_log(&mut self, epochs: u32) -> Result<f64> {
        let start = Instant::now();
        for number in 1..=epochs {
            self.epoch(number, |_, _| Ok(()))?;
        }
        Ok(start.elapsed().as_secs_f64())
    }

    /// Seconds of epochs and of their log, until its last file is on the disk.
    fn with_log(&mut self, epochs: u32, folder: &Path) -> Result<f64> {
        let start = Instant::now();
        let (about, keep) = (RunDescription::default(), LogitsColumn::Float32);
        let mut log = RunWriter::create(folder, "cost", about, keep, ExistingRun::Replace)?;
        for number in 1..=epochs {
            let mut logits = EpochLogits::new(Arc::clone(&self.samples), number);
            self.epoch(number, |sample, row| Ok(logits.record(sample, row)?))?;
            log.write(1, logits, BTreeMap::new())?;
        }
        log.finish()?;
        Ok(start.elapsed().as_secs_f64())
    }

    fn epoch(
        &mut self,
        number: u32,
        on_logits: impl FnMut(usize, &[f32]) -> Result<(), recorder::RecorderError>,
    ) -> Result<()> {
        let draws = EpochDraws::new(0, 1, number as usize);
        let (network, optimiser) = (self.network.as_ref(), self.optimiser.as_mut());
        train_epoch(
            network,
            optimiser,
            &self.set,
            self.batch,
            draws,
            on_logits,
            |_| {},
        )?;
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "its purpose")]
fn main() -> Result<()> {
    let arguments = Arguments::parse();
    keep_pages();
    join_pool();
    let mut training = Training::new(arguments.network, &arguments.device.open()?.device)?;
    let folder = tempfile::tempdir()?;
    training.without_log(2)?;
    let mut ratios = Vec::new();
    for _ in 0..arguments.rounds {
        let without = training.without_log(arguments.epochs)?;
        ratios.push(training.with_log(arguments.epochs, folder.path())? / without);
    }
    ratios.sort_by(f64::total_cmp);
    let percent = |ratio: f64| 100.0 * (ratio - 1.0);
    println!(
        "{:.2} % longer with the log ({:.2} to {:.2})",
        percent(ratios[ratios.len() / 2]),
        percent(ratios[0]),
        percent(ratios[ratios.len() - 1]),
    );
    Ok(())
}
