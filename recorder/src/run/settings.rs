//! Everything that decides what a run does: the same settings write the same bytes.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use draws::threshold_samples::ThresholdCount;
use logformat::LogitsColumn;
use logformat::configuration::{DATASET, FOLDS, ID_COLUMN, LEARNING_RATE_DROPS, LOSS, NETWORK};
use serde_json::{Value, json};

use crate::dataset::settings::{DatasetSettings, TestShare};
use crate::embedding::backbone::Backbone;
use crate::engine::operators::losses::Loss;
use crate::engine::optimiser::settings::OptimiserSettings;
use crate::error::embedding::EmbeddingError;
use crate::error::run::RecorderError;
use crate::labels::source::LabelSource;
use crate::models::settings::NetworkSettings;
use crate::training::augmentation::Augmentation;
use crate::training::device::{DeviceChoice, OpenedDevice};
use crate::training::schedule::LearningRateFall;
use crate::training::tuning::TuningSettings;

/// The key of a run's record under which is what short runs began with.
pub(crate) const TUNED_FROM: &str = "tuned_from";

/// What to do where a run of the same name was logged before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistingRun {
    /// Leave it alone, and end with an error.
    Refuse,
    /// Delete its log and begin anew.
    Replace,
    /// Go on after its last whole epoch; begin where there is none.
    Resume,
}

/// The settings of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSettings {
    /// What to train on.
    pub dataset: DatasetSettings,
    /// Where the training labels come from, and the noise in them.
    pub labels: LabelSource,
    /// A frozen network whose features are trained on in place of the images.
    pub backbone: Option<Backbone>,
    /// Weights that the network begins with; `None` for drawn ones.
    pub tuning: Option<TuningSettings>,
    /// The network that is trained.
    pub network: NetworkSettings,
    /// Whether learning rate, which then does not fall, weight decay, width and epochs are found in short runs
    /// before.
    pub tunes: bool,
    /// Trainings with disjoint threshold samples.
    pub passes: NonZeroUsize,
    /// Whether the samples are dealt into as many folds as there are passes, one of which each pass does not
    /// train on.
    pub holds_out_folds: bool,
    /// Epochs of each pass.
    pub epochs: NonZeroUsize,
    /// Samples a step.
    pub batch_size: NonZeroUsize,
    /// What is minimised, after a quarter of the epochs of cross-entropy.
    pub loss: Loss,
    /// How weights change.
    pub optimiser: OptimiserSettings,
    /// How training images are changed.
    pub augmentation: Augmentation,
    /// How the learning rate falls.
    pub learning_rate_fall: LearningRateFall,
    /// Epochs in which it rises to its height from step to step, at most as many as there are.
    pub warm_up_epochs: usize,
    /// Whether the test samples are predicted after the last epoch alone, and in a final training after those that
    /// are the best on validation samples so far.
    pub tests_at_end: bool,
    /// Threshold samples of each pass.
    pub threshold_count: ThresholdCount,
    /// Seed of weights and of the order of samples.
    pub seed: u64,
    /// Seed of split, noise and threshold samples.
    pub data_seed: u64,
    /// The device that trains.
    pub device: DeviceChoice,
    /// Whether the log keeps all logits.
    pub logits_column: LogitsColumn,
    /// The folder of the log.
    pub out: PathBuf,
    /// The name of the run; `None` for one made of its settings.
    pub name: Option<String>,
    /// What to do where a run of that name is there.
    pub existing: ExistingRun,
    /// The words of the command that these settings come from, for the run's record; empty where they
    /// come from none. They decide nothing.
    pub command: Vec<String>,
}

impl RunSettings {
    /// Refuses options that the data set has no use for: they would promise what is not done.
    ///
    /// # Errors
    /// [`RecorderError::Data`] that names the option.
    pub fn check(&self) -> Result<(), RecorderError> {
        let options = [
            ("crop_padding", self.augmentation.crop_padding > 0),
            ("flip", self.augmentation.flip),
            ("random_resized_crop", self.augmentation.random_resized_crop),
        ];
        let unused = options.iter().find(|(_, is_given)| *is_given);
        match unused {
            Some((option, _)) if !self.dataset.kind.has_images => {
                Err(self.dataset.has_no_use_for(option).into())
            }
            Some((option, _)) if self.backbone.is_some() => {
                Err(EmbeddingError::FrozenFeatures { option }.into())
            }
            _ if self.warm_up_epochs > self.epochs.get() => Err(RecorderError::WarmUp {
                warm_up: self.warm_up_epochs,
                epochs: self.epochs.get(),
            }),
            _ => Ok(()),
        }
    }

    /// The run's name: the one that was given, or one made of data set, network, labels and seeds,
    /// so that a sweep over these needs no names.
    pub fn run_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let subset = self.dataset.subset;
            let subset = subset.map_or_else(String::new, |count| format!("-subset{count}"));
            let backbone = self.backbone.as_ref();
            let backbone = backbone.map_or_else(String::new, |backbone| {
                format!("-{}", backbone.network.name)
            });
            let tuned = self.tuning.as_ref().map_or("", |_| "-tuned");
            let loss = loss_name_part(self.loss);
            let folds = match self.holds_out_folds {
                true => format!("-folds{}", self.passes),
                false => String::new(),
            };
            format!(
                "{}{subset}{backbone}-{}{tuned}{loss}-{}{folds}-seed{}-data{}",
                self.dataset.label(),
                self.network.kind.name,
                self.labels.run_name_part(),
                self.seed,
                self.data_seed
            )
        })
    }

    /// The epochs (1-based) that begin with a lower learning rate, ascending.
    pub fn drop_epochs(&self) -> Vec<usize> {
        self.learning_rate_fall.drop_epochs(self.epochs)
    }

    /// How many of so many samples a pass trains on at least.
    pub(crate) fn trained(&self, samples: usize) -> usize {
        match self.holds_out_folds {
            true => samples - samples.div_ceil(self.passes.get()),
            false => samples,
        }
    }

    /// The learning rate of the 1-based `epoch`.
    pub fn learning_rate_at(&self, epoch: usize) -> f64 {
        self.optimiser.learning_rate() * self.learning_rate_fall.factor(epoch, self.epochs)
    }

    /// The settings as they are logged: names as on the command line, and `learning_rate_drops`
    /// for the analyzer's default window; the device as it was chosen.
    pub fn to_json(&self, device: &OpenedDevice) -> Value {
        let momentum = match self.optimiser {
            OptimiserSettings::NesterovSgd(sgd) => Some(sgd.momentum),
            OptimiserSettings::AdamW(_) => None,
        };
        let features = &self.dataset.feature_columns;
        let mut settings = json!({
            "recorder_version": env!("CARGO_PKG_VERSION"),
            (DATASET): self.dataset.kind.name,
            "data": self.dataset.source(),
            "root": self.dataset.root,
            "image_column": self.dataset.image_column,
            "label_column": self.dataset.label_column,
            (ID_COLUMN): self.dataset.id_column,
            "image_size": self.dataset.image_size,
            "resize": self.dataset.resize,
            "background": self.dataset.background.map(|colour| colour.to_string()),
            "normalisation": self.dataset.normalisation.name,
            "feature_columns": (!features.is_empty()).then_some(features),
            "test_share": self.dataset.test_share.map(TestShare::get),
            "validation": self.dataset.validation,
            "subset": self.dataset.subset,
            (NETWORK): self.network.kind.name,
            "hidden_units": self.network.hidden_units(),
            "initial_stride": self.network.initial_stride,
            "passes": self.passes,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "augmentation": self.augmentation,
            "optimiser": self.optimiser.as_str(),
            "learning_rate": self.optimiser.learning_rate(),
            (LEARNING_RATE_DROPS): self.drop_epochs(),
            "momentum": momentum,
            "weight_decay": self.optimiser.weight_decay(),
            "seed": self.seed,
            "data_seed": self.data_seed,
            "device": device.to_string(),
        });
        // Runs by cross-entropy go on to be the same bytes.
        if self.loss != Loss::CrossEntropy {
            settings[LOSS] = json!(self.loss.name());
        }
        if self.learning_rate_fall == LearningRateFall::Cosine {
            settings["learning_rate_cosine"] = json!(true);
        }
        if self.warm_up_epochs > 0 {
            settings["learning_rate_warm_up"] = json!(self.warm_up_epochs);
        }
        if self.tests_at_end {
            settings["test_at_end"] = json!(true);
        }
        if let Some(backbone) = &self.backbone {
            settings["backbone"] = json!(backbone.network.name);
            settings["weights"] = json!(backbone.weights);
            settings["preprocessing"] = json!(backbone.preprocessing.in_words());
        }
        if let Some(tuning) = &self.tuning {
            settings["weights"] = json!(tuning.weights);
            settings["weights_learning_rate"] = json!(tuning.learning_rate);
            settings["freeze_statistics"] = json!(tuning.freezes_statistics);
        }
        if let (Value::Object(settings), Value::Object(labels)) =
            (&mut settings, self.labels.to_json())
        {
            settings.extend(labels);
        }
        // Runs without folds go on to be the same bytes.
        if self.holds_out_folds {
            settings[FOLDS] = json!(self.passes);
        }
        settings
    }
}

/// What a loss adds to a name; nothing where it is cross-entropy.
pub(crate) fn loss_name_part(loss: Loss) -> String {
    match loss {
        Loss::CrossEntropy => String::new(),
        loss => format!("-{}", loss.name()),
    }
}
