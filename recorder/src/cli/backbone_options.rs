//! The options that put a frozen network before the one that is trained.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::dataset::settings::DatasetSettings;
use crate::embedding::backbone::Backbone;
use crate::pretrained::kind::PretrainedKind;

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

    /// The weights of --backbone: a .safetensors file, a .pth file with a state dict, of which nothing is run, or
    /// hub:OWNER/NAME for those of a repository on the hub of Hugging Face
    #[arg(
        long,
        value_name = "FILE",
        requires = "backbone",
        help_heading = "Training"
    )]
    weights: Option<PathBuf>,

    /// Leave the weights of --backbone as they are: the features of each image are computed once, and kept in features/
    /// in the folder of --out for every later run
    #[arg(long, requires = "backbone", help_heading = "Training")]
    freeze: bool,
}

impl BackboneOptions {
    pub(crate) fn is_given(&self) -> bool {
        self.backbone.is_some()
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
