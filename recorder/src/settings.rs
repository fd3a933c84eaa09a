//! Everything that decides what a run does: the same settings write the same bytes.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use logformat::{ExistingRun, LogitsColumn};
use serde_json::{Value, json};

use crate::dataset::DatasetName;
use crate::device::DeviceName;
use crate::engine::SgdSettings;
use crate::models::NetworkName;
use crate::noise::NoiseRate;

/// The settings of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSettings {
    /// What to train on.
    pub dataset: DatasetName,
    /// The share of the training labels that uniform noise makes wrong.
    pub noise_rate: NoiseRate,
    /// What to train.
    pub network: NetworkName,
    /// Trainings with disjoint threshold samples.
    pub passes: NonZeroUsize,
    /// Epochs of each pass.
    pub epochs: NonZeroUsize,
    /// Samples a step.
    pub batch_size: NonZeroUsize,
    /// How weights change.
    pub sgd: SgdSettings,
    /// Threshold samples of each pass; `None` for the paper's N / (C + 1).
    pub threshold_count: Option<usize>,
    /// Seed of weights and of the order of samples.
    pub seed: u64,
    /// Seed of split, noise and threshold samples.
    pub data_seed: u64,
    /// What trains.
    pub device: DeviceName,
    /// Whether the log keeps all logits.
    pub logits_column: LogitsColumn,
    /// The folder of the log.
    pub out: PathBuf,
    /// The name of the run; `None` for one made of its settings.
    pub name: Option<String>,
    /// What to do where a run of that name is there.
    pub existing: ExistingRun,
}

impl RunSettings {
    /// The run's name: the one that was given, or one made of data set, network, noise and seeds,
    /// so that a sweep over these needs no names.
    pub fn run_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            format!(
                "{}-{}-noise{}-seed{}-data{}",
                self.dataset.as_str(),
                self.network.as_str(),
                self.noise_rate.get(),
                self.seed,
                self.data_seed
            )
        })
    }

    /// The settings as they are logged: names as on the command line, and `learning_rate_drops`
    /// for the analyzer's default window.
    pub fn to_json(&self) -> Value {
        json!({
            "recorder_version": env!("CARGO_PKG_VERSION"),
            "dataset": self.dataset.as_str(),
            "noise_type": "uniform",
            "noise_rate": self.noise_rate.get(),
            "network": self.network.as_str(),
            "passes": self.passes,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "optimiser": "nesterov-sgd",
            "learning_rate": self.sgd.learning_rate,
            "learning_rate_drops": [],
            "momentum": self.sgd.momentum,
            "weight_decay": self.sgd.weight_decay,
            "seed": self.seed,
            "data_seed": self.data_seed,
            "device": self.device.as_str(),
        })
    }
}
