//! A data set: inputs and labels on the host, split into training and test samples.

use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::sample_set::Samples;
use crate::dataset::samples::standardisation::Standardisation;

/// A data set that was split.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name as on the command line.
    pub name: String,
    /// The name of each class by its index.
    pub class_names: Vec<String>,
    /// The shape of one sample: channels, height, width.
    pub sample_shape: [usize; 3],
    /// The samples to train on.
    pub train: Samples,
    /// The samples to test on, with their true labels: noise never touches them. May be none.
    pub test: Samples,
    /// Those held out of the training samples, with their own labels; `None` where none were.
    pub validation: Option<Samples>,
    /// How inputs are standardised: as measured on the training samples, where no constants were asked for.
    pub standardisation: Standardisation,
    /// Where each feature lies: what was subtracted from its values before they became 32 bits wide. Empty for
    /// images.
    pub feature_offsets: Vec<f64>,
    /// How many images could not be read and were left out, of both parts.
    pub unreadable: usize,
    /// What was taken for what.
    pub reading: ReadingReport,
    /// What is worth telling about how the data were read, a line each.
    pub notes: Vec<String>,
}

impl Dataset {
    /// The number of classes.
    pub fn class_count(&self) -> usize {
        self.class_names.len()
    }
}
