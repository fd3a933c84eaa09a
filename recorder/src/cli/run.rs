//! The options of `recorder run`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use logformat::LogitsColumn;
use program::Checked;

use crate::cli::data::DataArgs;
use crate::cli::label_options::LabelOptions;
use crate::cli::network_options::NetworkOptions;
use crate::cli::optimiser_options::OptimiserOptions;
use crate::cli::values::{positive, run_name, share_of_training};
use crate::dataset::images::memory::parse_bytes;
use crate::dataset::images::pixel_file::DiskSpace;
use crate::dataset::settings::DatasetSettings;
use crate::hub::place::Access;
use crate::labels::threshold_samples::ThresholdCount;
use crate::run::settings::{ExistingRun, RunSettings};
use crate::training::augmentation::Augmentation;
use crate::training::device::DeviceChoice;

/// Options of `recorder run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    data: DataArgs,

    /// What decoded images may take on the disk where they do not fit into --memory, in a file without a
    /// name, beside the log, which is gone with the run. Without room there they are decoded anew in each
    /// epoch [default: half of what is free]
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, help_heading = "Data")]
    disk: Option<u64>,

    #[command(flatten)]
    labels: Checked<LabelOptions>,

    /// Seed of the split, the noise and the threshold samples
    #[arg(long, value_name = "SEED", default_value_t = 0, help_heading = "Data")]
    data_seed: u64,

    /// Threshold samples of each pass: a number, paper for samples / (classes + 1), or authors-code for
    /// samples / classes [default: the paper's, but a tenth of the samples at most]
    #[arg(long, value_name = "N|RULE", help_heading = "Data")]
    threshold_count: Option<ThresholdCount>,

    #[command(flatten)]
    network: Checked<NetworkOptions>,

    /// Trainings, each with threshold samples of its own. Two judge every sample at least once
    #[arg(long, value_name = "N", default_value = "2", value_parser = positive, help_heading = "Training")]
    passes: NonZeroUsize,

    /// Epochs of each pass
    #[arg(long, value_name = "N", default_value = "12", value_parser = positive, help_heading = "Training")]
    epochs: NonZeroUsize,

    /// Samples a step
    #[arg(long, value_name = "N", default_value = "64", value_parser = positive, help_heading = "Training")]
    batch_size: NonZeroUsize,

    #[command(flatten)]
    optimiser: Checked<OptimiserOptions>,

    /// Shares of the training after which the learning rate drops to a tenth, such as 0.5,0.75
    /// [default: none, since a low rate memorises wrong labels]
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        value_parser = share_of_training,
        help_heading = "Training"
    )]
    lr_drops: Vec<f64>,

    /// Crop training images, anew in each epoch, from images with a black border of so many pixels
    /// [default: none]
    #[arg(
        long,
        value_name = "PIXELS",
        default_value_t = 0,
        hide_default_value = true,
        value_parser = clap::value_parser!(u32).range(..=1024),
        help_heading = "Training"
    )]
    crop_padding: u32,

    /// Mirror every other training image
    #[arg(long, help_heading = "Training")]
    flip: bool,

    /// Train on a random part of each image, anew in each epoch: 8 to 100 % of its area, sides 3:4 to 4:3,
    /// resized to --image-size, as networks for ImageNet do
    #[arg(long, conflicts_with = "crop_padding", help_heading = "Training")]
    random_resized_crop: bool,

    /// Seed of the weights and of the order of samples
    #[arg(
        long,
        value_name = "SEED",
        default_value_t = 0,
        help_heading = "Training"
    )]
    seed: u64,

    /// What trains: auto, cpu, cuda, cuda:N or metal. auto takes a GPU where this build and this
    /// machine have one
    #[arg(long, default_value = "auto", help_heading = "Training")]
    device: DeviceChoice,

    /// Folder of the log
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "logs",
        help_heading = "Log"
    )]
    out: PathBuf,

    /// Name of the run [default: made of data set, network, noise and seeds]
    #[arg(long, value_parser = run_name, help_heading = "Log")]
    name: Option<String>,

    /// Which logits the log keeps beside the margins
    #[arg(long, value_enum, default_value = "float32", help_heading = "Log")]
    logits: KeptLogits,

    /// Keep a small picture of each training sample, 64×64 at most, in the sample table of the run, where all
    /// of them take so many MiB uncompressed or less; 0 for none
    #[arg(long, value_name = "MIB", default_value_t = 256, help_heading = "Log")]
    pictures: u32,

    /// Replace a run of the same name
    #[arg(long, help_heading = "Log")]
    overwrite: bool,

    /// Go on after the last whole epoch of a run of the same name and settings
    #[arg(long, conflicts_with = "overwrite", help_heading = "Log")]
    resume: bool,

    /// Show no progress
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KeptLogits {
    /// All of them, as 32-bit floats
    Float32,
    /// None: margins are all that AUM needs, and much smaller
    None,
}

impl RunArgs {
    /// Whether the hub may be asked for data that are not here.
    pub fn access(&self) -> Access {
        self.data.access()
    }

    /// The settings that the options stand for.
    pub fn settings(&self) -> RunSettings {
        let network = self.network.0.settings(self.data.default_network());
        let labels = self.labels.0.source(self.data.path());
        RunSettings {
            dataset: DatasetSettings {
                crops_originals: self.random_resized_crop,
                disk: Some(DiskSpace {
                    folder: self.out.clone(),
                    most_bytes: self.disk,
                }),
                label_file: labels.file().cloned(),
                missing_is_a_class: self.labels.0.missing_is_a_class,
                ..self.data.settings(self.labels.0.data_column.clone())
            },
            labels,
            optimiser: self
                .optimiser
                .0
                .settings(network.kind, self.data.default_weight_decay()),
            network,
            passes: self.passes,
            epochs: self.epochs,
            batch_size: self.batch_size,
            augmentation: Augmentation {
                crop_padding: self.crop_padding,
                flip: self.flip,
                random_resized_crop: self.random_resized_crop,
            },
            learning_rate_drops: self.lr_drops.clone(),
            threshold_count: self.threshold_count.unwrap_or_default(),
            seed: self.seed,
            data_seed: self.data_seed,
            device: self.device,
            logits_column: match self.logits {
                KeptLogits::Float32 => LogitsColumn::Float32,
                KeptLogits::None => LogitsColumn::Absent,
            },
            most_picture_bytes: u64::from(self.pictures) << 20,
            out: self.out.clone(),
            name: self.name.clone(),
            existing: match (self.overwrite, self.resume) {
                (true, _) => ExistingRun::Replace,
                (false, true) => ExistingRun::Resume,
                (false, false) => ExistingRun::Refuse,
            },
            command: Vec::new(),
        }
    }
}
