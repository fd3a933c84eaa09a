//! Which images are embedded, by which network, and where to.

use std::path::PathBuf;

use crate::dataset::settings::DatasetSettings;
use crate::pretrained::kind::PretrainedKind;
use crate::pretrained::preprocessing::Preprocessing;

/// A part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What is trained on, and judged.
    Train,
    /// What is tested on.
    Test,
}

/// The settings of `recorder embed`.
#[derive(Debug, Clone)]
pub struct EmbeddingSettings {
    /// Where the images are.
    pub dataset: DatasetSettings,
    /// The seed of what is drawn from them.
    pub data_seed: u64,
    /// Which of them.
    pub part: Part,
    /// The network.
    pub network: &'static PretrainedKind,
    /// The file of its weights.
    pub weights: PathBuf,
    /// What the images become before the network sees them.
    pub preprocessing: Preprocessing,
    /// A Parquet or NPY file.
    pub output: PathBuf,
    /// Whether one that is there is replaced.
    pub overwrites: bool,
}

/// A data set whose images are seen once, and brought to their size by the preprocessing of a network.
pub(crate) fn undecoded(settings: &DatasetSettings) -> DatasetSettings {
    DatasetSettings {
        decodes_later: true,
        image_size: None,
        resize: None,
        ..settings.clone()
    }
}
