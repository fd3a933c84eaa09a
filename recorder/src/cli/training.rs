//! The options that everything has that trains: on which data and labels, which network and how, and under
//! which name.

use std::path::{Path, PathBuf};

use clap::Args;
use program::Checked;

use crate::cli::backbone_options::BackboneOptions;
use crate::cli::data::{DataArgs, default_network};
use crate::cli::label_options::LabelOptions;
use crate::cli::network_options::NetworkOptions;
use crate::cli::optimiser_options::{OptimiserDefaults, OptimiserOptions};
use crate::cli::values::run_name;
use crate::dataset::images::memory::parse_bytes;
use crate::dataset::images::pixel_file::DiskSpace;
use crate::dataset::settings::DatasetSettings;
use crate::embedding::backbone::Backbone;
use crate::engine::optimiser::settings::OptimiserSettings;
use crate::engine::optimiser::sgd::SgdSettings;
use crate::hub::place::Access;
use crate::labels::source::LabelSource;
use crate::models::settings::NetworkSettings;
use crate::run::settings::ExistingRun;
use crate::training::augmentation::Augmentation;
use crate::training::device::DeviceChoice;
use crate::training::schedule::LearningRateFall;
use crate::training::tuning::TuningSettings;

/// The weight decay of sgd on features. They need no network that finds them, so one would soon know each label by
/// heart; so much keeps it from that, and does not yet sacrifice rare classes (see `benchmarks/README.md`).
const WEIGHT_DECAY_ON_FEATURES: f64 = 0.02;

/// What is trained on.
#[derive(Debug, Args)]
pub(crate) struct DataAndLabels {
    #[command(flatten)]
    data: DataArgs,

    /// What decoded images may take on the disk where they do not fit into --memory, in a file without a
    /// name, in the folder of --out, which is gone with the run. Without room there they are decoded anew in
    /// each epoch [default: half of what is free]
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, help_heading = "Data")]
    disk: Option<u64>,

    #[command(flatten)]
    labels: Checked<LabelOptions>,

    /// Seed of the split, the noise and the threshold samples
    #[arg(long, value_name = "SEED", default_value_t = 0, help_heading = "Data")]
    pub(crate) data_seed: u64,
}

impl DataAndLabels {
    pub(crate) fn access(&self) -> Access {
        self.data.access()
    }

    pub(crate) fn labels(&self) -> LabelSource {
        self.labels.0.source(self.data.path())
    }

    /// The data set for such a training, whose files go to `out`.
    pub(crate) fn settings(&self, training: &TrainedNetwork, out: &Path) -> DatasetSettings {
        DatasetSettings {
            crops_originals: training.random_resized_crop,
            disk: Some(DiskSpace {
                folder: PathBuf::from(out),
                most_bytes: self.disk,
            }),
            label_file: self.labels().file().cloned(),
            decisions: self.labels().decisions().cloned(),
            missing_is_a_class: self.labels.0.missing_is_a_class,
            ..self.data.settings(self.labels.0.data_column.clone())
        }
    }
}

/// What is trained, and how.
#[derive(Debug, Args)]
pub(crate) struct TrainedNetwork {
    #[command(flatten)]
    backbone: BackboneOptions,

    #[command(flatten)]
    network: Checked<NetworkOptions>,

    #[command(flatten)]
    optimiser: Checked<OptimiserOptions>,

    /// Let the learning rate fall as half a cosine does, to nearly 0 in the last epoch, instead of in drops
    #[arg(long, help_heading = "Training")]
    lr_cosine: bool,

    /// Let the learning rate rise from step to step in the first N epochs, as for pretrained networks and large
    /// batches [default: 0]
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true,
        help_heading = "Training"
    )]
    pub(crate) lr_warmup: usize,

    /// Predict the test samples after the last epoch alone, and in a final training after those that are the best
    /// on validation samples so far: saves the time where they are many
    #[arg(long, help_heading = "Training")]
    pub(crate) test_at_end: bool,

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
    pub(crate) seed: u64,

    /// What trains: auto, cpu, cuda, cuda:N or metal. auto takes a GPU where this build and this
    /// machine have one
    #[arg(long, default_value = "auto", help_heading = "Training")]
    pub(crate) device: DeviceChoice,
}

impl TrainedNetwork {
    pub(crate) fn network(&self, data: &DataAndLabels) -> NetworkSettings {
        let network = default_network(self.is_on_features(data));
        self.network.0.settings(network)
    }

    /// A frozen network that makes the features of `dataset`, which are kept in `out`.
    pub(crate) fn backbone(&self, dataset: &DatasetSettings, out: &Path) -> Option<Backbone> {
        self.backbone.settings(dataset, out)
    }

    /// Weights that the network begins with, for a learning rate of its output layer.
    pub(crate) fn tuning(&self, optimiser: &OptimiserSettings) -> Option<TuningSettings> {
        self.backbone.tuning(optimiser.learning_rate())
    }

    fn is_on_features(&self, data: &DataAndLabels) -> bool {
        self.backbone.is_given() || !data.data.has_images()
    }

    /// What was chosen; else what suits weights that others have trained, or `sgd` of the network.
    pub(crate) fn optimiser(
        &self,
        mut sgd: SgdSettings,
        data: &DataAndLabels,
    ) -> OptimiserSettings {
        if self.is_on_features(data) {
            sgd.weight_decay = WEIGHT_DECAY_ON_FEATURES;
        }
        let defaults = match self.backbone.is_tuned() {
            true => OptimiserDefaults::tuning(),
            false => OptimiserDefaults::from_scratch(sgd),
        };
        self.optimiser.0.settings(defaults)
    }

    pub(crate) fn learning_rate_fall(&self, drops: &[f64]) -> LearningRateFall {
        match self.lr_cosine {
            true => LearningRateFall::Cosine,
            false => LearningRateFall::Drops(drops.to_vec()),
        }
    }

    pub(crate) fn augmentation(&self) -> Augmentation {
        Augmentation {
            crop_padding: self.crop_padding,
            flip: self.flip,
            random_resized_crop: self.random_resized_crop,
        }
    }
}

/// What it is called, and what to do where that is there.
#[derive(Debug, Args)]
pub(crate) struct Naming {
    /// Name of the run [default: made of data set, network, noise and seeds]
    #[arg(long, value_parser = run_name, help_heading = "Output")]
    pub(crate) name: Option<String>,

    /// Replace a run of the same name
    #[arg(long, help_heading = "Output")]
    overwrite: bool,

    /// Go on after the last whole epoch of a run of the same name and settings
    #[arg(long, conflicts_with = "overwrite", help_heading = "Output")]
    resume: bool,

    /// Show no progress
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
}

impl Naming {
    pub(crate) fn existing(&self) -> ExistingRun {
        match (self.overwrite, self.resume) {
            (true, _) => ExistingRun::Replace,
            (false, true) => ExistingRun::Resume,
            (false, false) => ExistingRun::Refuse,
        }
    }
}
