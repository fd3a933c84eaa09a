//! The options that begin with a network that others have trained: frozen before the one that is trained, or trained on.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::values::learning_rate;
use crate::dataset::settings::DatasetSettings;
use crate::embedding::backbone::Backbone;
use crate::pretrained::kind::PretrainedKind;
use crate::training::tuning::TuningSettings;

/// Features are kept in a folder of this name beside the log.
const KEPT_FEATURES: &str = "features";

#[derive(Debug, Args)]
pub(crate) struct BackboneOptions {
    /// A pretrained network, of whose features the one of --model is trained [default: none, the images themselves
    /// are trained on]
    #[arg(
        long,
        value_enum,
        value_name = "NETWORK",
        requires_all = ["weights", "freeze"],
        help_heading = "Training"
    )]
    backbone: Option<&'static PretrainedKind>,

    /// The weights of --backbone, or without one those that the network of --model begins with, but for its output layer: a
    /// .safetensors file, a .pth file with a state dict, of which nothing is run, or
    /// hub:OWNER/NAME for those of a repository on the hub of Hugging Face
    #[arg(long, value_name = "FILE", help_heading = "Training")]
    weights: Option<PathBuf>,

    /// Leave the weights of --backbone as they are: the features of each image are computed once, and kept in features/
    /// in the folder of --out for every later run
    #[arg(long, requires = "backbone", help_heading = "Training")]
    freeze: bool,

    /// Learning rate of the weights of --weights where they are trained on; the new output layer has that of --lr
    /// [default: that of
    /// --lr]
    #[arg(
        long,
        value_name = "RATE",
        requires = "weights",
        conflicts_with = "backbone",
        value_parser = learning_rate,
        help_heading = "Training"
    )]
    weights_lr: Option<f64>,

    /// Keep the statistics of batch normalisation of --weights, as for small batches
    #[arg(
        long,
        requires = "weights",
        conflicts_with = "backbone",
        help_heading = "Training"
    )]
    freeze_statistics: bool,
}

impl BackboneOptions {
    pub(crate) fn is_given(&self) -> bool {
        self.backbone.is_some()
    }

    /// Whether the network begins with weights, and all of it is trained.
    pub(crate) fn is_tuned(&self) -> bool {
        self.weights.is_some() && !self.is_given()
    }

    /// What the network begins with, where `learning_rate` is that of its output layer.
    pub(crate) fn tuning(&self, learning_rate: f64) -> Option<TuningSettings> {
        let weights = self.weights.as_ref().filter(|_| self.is_tuned())?;
        Some(TuningSettings {
            weights: weights.clone(),
            learning_rate: self.weights_lr.unwrap_or(learning_rate),
            freezes_statistics: self.freeze_statistics,
        })
    }

    /// The backbone for a data set, whose features are kept in `out`.
    pub(crate) fn settings(&self, dataset: &DatasetSettings, out: &Path) -> Option<Backbone> {
        let (network, weights) = self.backbone.zip(self.weights.as_ref())?;
        Some(Backbone {
            network,
            weights: weights.clone(),
            preprocessing: network
                .preprocessing
                .sized(dataset.image_size, dataset.resize),
            folder: out.join(KEPT_FEATURES),
        })
    }
}
