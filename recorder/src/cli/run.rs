//! The options of `recorder run`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use draws::threshold_samples::ThresholdCount;
use logformat::LogitsColumn;

use crate::cli::training::{DataAndLabels, Naming, TrainedNetwork};
use crate::cli::values::{fold_count, loss, positive, share_of_training};
use crate::dataset::settings::DatasetSettings;
use crate::engine::operators::losses::Loss;
use crate::hub::place::Access;
use crate::run::settings::RunSettings;

/// Options of `recorder run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    data: DataAndLabels,

    /// Threshold samples of each pass: a number, paper for samples / (classes + 1), or authors-code for
    /// samples / classes [default: the paper's, but a tenth of the samples at most]
    #[arg(long, value_name = "N|RULE", help_heading = "Data")]
    threshold_count: Option<ThresholdCount>,

    /// Trainings, each with threshold samples of its own. Two judge every sample at least once
    #[arg(long, value_name = "N", default_value = "2", value_parser = positive, help_heading = "Training")]
    passes: NonZeroUsize,

    /// Deal the samples into so many folds, each with its share of every given label, and train a pass for each
    /// that leaves it out: after every epoch the network says of its fold, by samples that it was not trained on,
    /// what their labels are. These held-out logits lie beside the log. Costs as many trainings, of fewer
    /// samples each
    #[arg(long, value_name = "K", conflicts_with = "passes", value_parser = fold_count, help_heading = "Training")]
    folds: Option<NonZeroUsize>,

    /// Epochs of each pass
    #[arg(long, value_name = "N", default_value = "12", value_parser = positive, help_heading = "Training")]
    epochs: NonZeroUsize,

    /// Find learning rate, weight decay, width of the mlp and number of epochs (half, as many or twice) in short runs
    /// before: those with which the network predicts most given labels of a fifth that is held out. Begins with what
    /// the other options say, and takes up to seven trainings of twice the epochs
    #[arg(long, conflicts_with_all = ["lr_drops", "lr_cosine"], help_heading = "Training")]
    tune: bool,

    /// Samples a step
    #[arg(long, value_name = "N", default_value = "64", value_parser = positive, help_heading = "Training")]
    batch_size: NonZeroUsize,

    /// What is minimised: cross-entropy, as in the paper, or, after a quarter of the epochs of it, a loss made for wrong
    /// labels (as of train), which learns them less by heart. By sce AUMs rank them better, most where they have a
    /// pattern. Threshold samples are learnt less as well: where the network learns its data, flag AUMs below 0
    /// instead (analyzer aum --threshold 0)
    #[arg(long, value_name = "LOSS", default_value = "cross-entropy", value_parser = loss(), help_heading = "Training")]
    loss: Loss,

    /// Shares of the training after which the learning rate drops to a tenth, such as 0.5,0.75
    /// [default: none, since a low rate memorises wrong labels]
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        conflicts_with = "lr_cosine",
        value_parser = share_of_training,
        help_heading = "Training"
    )]
    lr_drops: Vec<f64>,

    #[command(flatten)]
    training: TrainedNetwork,

    /// Folder of the log
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "logs",
        help_heading = "Output"
    )]
    out: PathBuf,

    /// Which logits the log keeps beside the margins, which are of 32 bits and of the full logits whatever is kept
    #[arg(long, value_enum, default_value = "float32", help_heading = "Output")]
    logits: KeptLogits,

    /// Keep a small picture of each training sample, 64×64 at most, in the sample table of the run, where all
    /// of them take so many MiB uncompressed or less; 0 for none
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 256,
        help_heading = "Output"
    )]
    pictures: u32,

    #[command(flatten)]
    pub(crate) naming: Naming,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KeptLogits {
    /// All of them, as 32-bit floats
    Float32,
    /// All of them, as 16-bit floats: half the size, and not read by Spark
    Float16,
    /// None: margins are all that AUM needs, and much smaller
    None,
}

impl RunArgs {
    /// Whether the hub may be asked for data that are not here.
    pub fn access(&self) -> Access {
        self.data.access()
    }

    /// Whether no progress is shown.
    pub fn is_quiet(&self) -> bool {
        self.naming.quiet
    }

    /// The settings that the options stand for.
    pub fn settings(&self) -> RunSettings {
        let network = self.training.network(&self.data);
        let dataset = DatasetSettings {
            most_picture_bytes: u64::from(self.pictures) << 20,
            ..self.data.settings(&self.training, &self.out)
        };
        let optimiser = self.training.optimiser(network.kind.sgd, &self.data);
        RunSettings {
            backbone: self.training.backbone(&dataset, &self.out),
            dataset,
            labels: self.data.labels(),
            tuning: self.training.tuning(&optimiser),
            optimiser,
            network,
            tunes: self.tune,
            passes: self.folds.unwrap_or(self.passes),
            holds_out_folds: self.folds.is_some(),
            epochs: self.epochs,
            batch_size: self.batch_size,
            loss: self.loss,
            augmentation: self.training.augmentation(),
            learning_rate_fall: self.training.learning_rate_fall(&self.lr_drops),
            tests_at_end: self.training.test_at_end,
            warm_up_epochs: self.training.lr_warmup,
            threshold_count: self.threshold_count.unwrap_or_default(),
            seed: self.training.seed,
            data_seed: self.data.data_seed,
            device: self.training.device,
            logits_column: match self.logits {
                KeptLogits::Float32 => LogitsColumn::Float32,
                KeptLogits::Float16 => LogitsColumn::Float16,
                KeptLogits::None => LogitsColumn::Absent,
            },
            out: self.out.clone(),
            name: self.naming.name.clone(),
            existing: self.naming.existing(),
            command: Vec::new(),
        }
    }
}
