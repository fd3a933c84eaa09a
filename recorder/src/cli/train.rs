//! The options of `recorder train`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use logformat::LogitsColumn;

use crate::cli::training::{DataAndLabels, Naming, TrainedNetwork};
use crate::cli::values::{kept_share, loss, positive, share_of_training};
use crate::engine::operators::losses::Loss;
use crate::final_training::removal::{LeftOut, Removal};
use crate::final_training::settings::{FinalSettings, LikeRun};
use crate::hub::place::Access;
use crate::run::settings::RunSettings;
use draws::threshold_samples::ThresholdCount;

/// Options of `recorder train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Take data, labels, noise, network and seeds from the command of a recorded run, such as logs/RUN, which
    /// has to be given in the same folder as then; every option that is given counts instead
    #[arg(long, value_name = "RUN", help_heading = "Data")]
    like: Option<PathBuf>,

    #[command(flatten)]
    data: DataAndLabels,

    /// Leave out samples: the flagged ones of an AUM table (analyzer aum -o; CSV or Parquet), those that the
    /// decisions of a report remove (those that they correct get the decided label), or a list of ids, of the log
    /// or of --id-column, one a line, or of places in columns file and row
    #[arg(long, value_name = "FILE", help_heading = "Cleaning")]
    drop: Option<PathBuf>,

    /// Of the AUM table of --drop, keep this share with the highest AUMs, whatever is flagged
    #[arg(long, value_name = "SHARE", requires = "drop", value_parser = kept_share, help_heading = "Cleaning")]
    keep_fraction: Option<f64>,

    /// Give samples other labels: the suggested ones (analyzer confusions --suggest), or those that the
    /// decisions of a report correct
    #[arg(long, value_name = "FILE", help_heading = "Cleaning")]
    relabel: Option<PathBuf>,

    /// Leave out exactly the samples whose label is known to be wrong: the best that leaving out can do
    #[arg(long, conflicts_with_all = ["drop", "relabel"], help_heading = "Cleaning")]
    oracle: bool,

    /// Leave out so many samples, drawn by --data-seed: what leaving out any samples does
    #[arg(long, value_name = "N", conflicts_with_all = ["drop", "oracle"], help_heading = "Cleaning")]
    drop_random: Option<usize>,

    /// Epochs
    #[arg(long, value_name = "N", default_value = "40", value_parser = positive, help_heading = "Training")]
    epochs: NonZeroUsize,

    /// Samples a step
    #[arg(long, value_name = "N", default_value = "128", value_parser = positive, help_heading = "Training")]
    batch_size: NonZeroUsize,

    /// Shares of the training after which the learning rate drops to a tenth
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        default_value = "0.5,0.75",
        conflicts_with = "lr_cosine",
        value_parser = share_of_training,
        help_heading = "Training"
    )]
    lr_drops: Vec<f64>,

    /// What is minimised: cross-entropy, or a loss made for wrong labels with the constants of its paper.
    /// Generalised (q 0.7) and symmetric cross-entropy (0.1 and 1, log 0 = -4; for more than ten classes a hundredth
    /// of their number in place of 0.1, 1 at most), bootstrapping (soft 0.95, hard 0.8)
    #[arg(long, value_name = "LOSS", default_value = "cross-entropy", value_parser = loss(), help_heading = "Training")]
    loss: Loss,

    #[command(flatten)]
    training: TrainedNetwork,

    /// Folder of the trained network
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "trained",
        help_heading = "Output"
    )]
    out: PathBuf,

    #[command(flatten)]
    naming: Naming,
}

impl TrainArgs {
    /// Whether the hub may be asked for data that are not here.
    pub fn access(&self) -> Access {
        self.data.access()
    }

    /// Whether no progress is shown.
    pub fn is_quiet(&self) -> bool {
        self.naming.quiet
    }

    /// The run to follow, if any.
    pub(crate) fn like(&self) -> Option<&Path> {
        self.like.as_deref()
    }

    /// The settings that the options stand for, and the run that they follow.
    pub fn settings(&self, like: Option<LikeRun>) -> FinalSettings {
        let network = self.training.network(&self.data);
        let dataset = self.data.settings(&self.training, &self.out);
        let optimiser = self.training.optimiser(network.kind.final_sgd, &self.data);
        FinalSettings {
            training: RunSettings {
                tunes: false,
                backbone: self.training.backbone(&dataset, &self.out),
                dataset,
                labels: self.data.labels(),
                tuning: self.training.tuning(&optimiser),
                optimiser,
                network,
                passes: NonZeroUsize::MIN,
                holds_out_folds: false,
                epochs: self.epochs,
                batch_size: self.batch_size,
                loss: Loss::default(),
                augmentation: self.training.augmentation(),
                learning_rate_fall: self.training.learning_rate_fall(&self.lr_drops),
                tests_at_end: self.training.test_at_end,
                warm_up_epochs: self.training.lr_warmup,
                threshold_count: ThresholdCount::Number(0),
                seed: self.training.seed,
                data_seed: self.data.data_seed,
                device: self.training.device,
                logits_column: LogitsColumn::Absent,
                out: self.out.clone(),
                name: self.naming.name.clone(),
                existing: self.naming.existing(),
                command: Vec::new(),
            },
            loss: self.loss,
            removal: self.removal(),
            like,
        }
    }

    fn removal(&self) -> Removal {
        let left_out = match (
            &self.drop,
            self.keep_fraction,
            self.oracle,
            self.drop_random,
        ) {
            (Some(table), Some(kept), ..) => LeftOut::LowAums {
                table: table.clone(),
                kept,
            },
            (Some(list), None, ..) => LeftOut::Listed(list.clone()),
            (None, _, true, _) => LeftOut::Mislabeled,
            (None, _, false, Some(count)) => LeftOut::Random(count),
            (None, _, false, None) => LeftOut::None,
        };
        Removal {
            left_out,
            relabel: self.relabel.clone(),
        }
    }
}
