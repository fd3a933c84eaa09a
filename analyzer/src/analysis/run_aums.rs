//! The AUMs of a run with the labels of its samples: all that thresholds, verdicts and their
//! evaluation need, without the curves.

use logformat::SampleIds;

use crate::analysis::run_analysis::{RunAnalysis, aums_of_passes, window_of};
use crate::analysis::settings::AumSettings;
use crate::analysis::settings_used::settings_used;
use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::results::findings::Setting;
use crate::rules::evaluation::is_mislabeled;
use crate::rules::verdict::PassAums;
use crate::rules::window::Window;

/// The AUMs of one run. All vectors over samples have the same length and order, that of
/// `sample_ids`.
#[derive(Debug, Clone, PartialEq)]
pub struct RunAums {
    /// The name of the run; `None` for the unnamed one.
    pub run: Option<String>,
    /// The samples, ascending.
    pub sample_ids: SampleIds,
    /// The class that the data set carries, where known.
    pub given_labels: Vec<Option<u32>>,
    /// The class known to be right, where known.
    pub true_labels: Vec<Option<u32>>,
    /// The name of each class by its index; empty where unknown.
    pub class_names: Vec<String>,
    /// The AUMs of each pass, ascending by their numbers.
    pub passes: Vec<PassAums>,
    /// What the AUMs rest on: samples, passes, epochs.
    pub settings: Vec<Setting>,
}

impl RunAums {
    /// The AUMs of a log over the epochs that `settings` ask for.
    ///
    /// # Errors
    /// [`AnalyzerError::NoEpochInWindow`] where none of the epochs asked for was recorded.
    pub fn of_log(log: &RunLog, settings: &AumSettings) -> Result<Self, AnalyzerError> {
        let window = window_of(log, settings)?;
        Ok(Self::new(log, window, aums_of_passes(log, window)))
    }

    /// The AUMs of a log that was analyzed.
    pub fn of_analysis(log: &RunLog, analysis: &RunAnalysis) -> Self {
        Self::new(log, analysis.window, analysis.aums.clone())
    }

    fn new(log: &RunLog, window: Window, passes: Vec<PassAums>) -> Self {
        Self {
            run: log.run.clone(),
            sample_ids: log.sample_ids.clone(),
            given_labels: log.given_labels.clone(),
            true_labels: log.true_labels.clone(),
            class_names: log.class_names.clone(),
            passes,
            settings: settings_used(log, window, None),
        }
    }

    /// The number of samples.
    pub fn sample_count(&self) -> usize {
        self.sample_ids.len()
    }

    /// Whether a sample is mislabeled (given label ≠ true label); `None` where a label is unknown.
    pub fn is_mislabeled(&self, sample: usize) -> Option<bool> {
        is_mislabeled(self.given_labels[sample], self.true_labels[sample])
    }
}
