//! What the log of one run holds once its files are put together: per pass, a matrix of samples ×
//! epochs with the margins, and the labels of every sample.

use std::path::PathBuf;

use logformat::SampleIds;

use crate::logs::margin_sums::MarginSums;
use crate::logs::origins::Origins;
use crate::logs::repeats::RepeatedRows;
use crate::logs::true_labels::source::TrueLabelSource;
use crate::rules::evaluation::{ANOTHER_CLASS, WRONG};
use crate::rules::window::Window;

/// How a run without a name is called.
pub const UNNAMED_RUN: &str = "(unnamed run)";

/// The log of one run. All vectors over samples have the same length and order, that of
/// `sample_ids`.
#[derive(Debug, Clone, PartialEq)]
pub struct RunLog {
    /// The name of the run; `None` for the one unnamed run.
    pub run: Option<String>,
    /// The samples, ascending.
    pub sample_ids: SampleIds,
    /// The class that the data set carries, where it is known: from its column, or the assigned
    /// label of a pass in which the sample is ordinary.
    pub given_labels: Vec<Option<u32>>,
    /// The class known to be right, where it is known; [`ANOTHER_CLASS`] where it is known that the given one
    /// is wrong, and no more.
    pub true_labels: Vec<Option<u32>>,
    /// The passes, ascending.
    pub passes: Vec<PassLog>,
    /// The name of each class by its index, without the extra class; empty where unknown.
    pub class_names: Vec<String>,
    /// The epochs that begin with a lower learning rate, ascending.
    pub learning_rate_drops: Vec<u32>,
    /// What the run says of its configuration (the metadata `aum.run`): a JSON object, or null.
    pub configuration: serde_json::Value,
    /// How many files the run was read from.
    pub file_count: usize,
    /// The file that the true labels are from, where they are not the log's own (see
    /// [`crate::logs::true_labels::table::TrueLabels`]).
    pub true_labels_from: Option<TrueLabelSource>,
    /// The files of held-out logits beside the log, in the order of their names.
    pub held_out: Vec<PathBuf>,
    /// Where the record of the run tells it, for each epoch, ascending, the share (0 to 1) of the samples that
    /// passes held out to which their networks gave the given labels after it; the mean over the passes.
    pub held_out_accuracies: Vec<(u32, f64)>,
    /// The rows that repeat a sample within its epoch.
    pub repeats: RepeatedRows,
    /// What leads from each sample back to its owner's data.
    pub origins: Origins,
}

/// One training with one set of threshold samples.
#[derive(Debug, Clone, PartialEq)]
pub struct PassLog {
    /// 1-based.
    pub pass: u32,
    /// The class that each sample is trained on; `None` for a sample that is not in this pass. An AUM
    /// table does not tell it: there, the given label stands for it.
    pub assigned_labels: Vec<Option<u32>>,
    /// Whether each sample serves as a threshold sample in this pass.
    pub is_threshold_sample: Vec<bool>,
    /// The recorded epochs, ascending; without their margins where only the sums were kept.
    pub epochs: Vec<EpochMargins>,
    /// What was kept instead of the margins; `None` where these are all there.
    pub sums: Option<MarginSums>,
    /// The accuracy on samples that are not trained on, 0 to 1, after each epoch in which the record of the run
    /// tells it, ascending by the epoch.
    pub held_out_accuracies: Vec<f64>,
}

/// The margins of one epoch of one pass.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochMargins {
    /// Its number in the log: from 0 or 1 on, or any that increase.
    pub epoch: u32,
    /// Per sample; NaN where it was not recorded in this epoch (margins themselves are finite). Empty
    /// where only the sums were kept.
    pub(crate) margins: Vec<f32>,
}

impl RunLog {
    /// The name of the run, or what an unnamed one is called.
    pub fn title(&self) -> &str {
        self.run.as_deref().unwrap_or(UNNAMED_RUN)
    }

    /// Whether it was read from an AUM table, which does not tell the epochs (see
    /// [`crate::logs::aum_tables::read_aum_tables`]).
    pub fn is_aum_table(&self) -> bool {
        self.passes.iter().all(|pass| pass.epochs.is_empty())
    }

    /// What a class is called: its name, or its index where it has none. [`ANOTHER_CLASS`] is called wrong.
    pub fn class_name(&self, class: u32) -> String {
        if class == ANOTHER_CLASS {
            return WRONG.to_owned();
        }
        let name = self
            .class_names
            .get(class as usize)
            .filter(|name| !name.trim().is_empty());
        name.cloned().unwrap_or_else(|| class.to_string())
    }

    /// The number of samples.
    pub fn sample_count(&self) -> usize {
        self.sample_ids.len()
    }

    /// The epochs that were recorded in any pass, ascending.
    pub fn recorded_epochs(&self) -> Vec<u32> {
        let epochs = self.passes.iter().flat_map(|pass| &pass.epochs);
        let mut recorded: Vec<u32> = epochs.map(|epoch| epoch.epoch).collect();
        recorded.sort_unstable();
        recorded.dedup();
        recorded
    }

    /// The number of classes without the extra class, where it can be told: from the class names, which other recorders
    /// write for the extra class too, else from the extra class, whose index it is where it is the last.
    pub fn class_count(&self) -> Option<usize> {
        if self.is_aum_table() {
            return None;
        }
        let extra_class = self.last_extra_class();
        match self.class_names.len() {
            0 => extra_class,
            names => extra_class
                .filter(|class| class + 1 == names)
                .or(Some(names)),
        }
    }

    /// The extra class of the threshold samples, where no sample was given it or one behind it.
    fn last_extra_class(&self) -> Option<usize> {
        let extra_class = self.passes.iter().find_map(|pass| {
            let sample = pass.is_threshold_sample.iter().position(|&is| is)?;
            pass.assigned_labels[sample]
        })?;
        let is_last = self
            .given_labels
            .iter()
            .flatten()
            .all(|given| *given < extra_class);
        usize::try_from(extra_class).ok().filter(|_| is_last)
    }
}

impl PassLog {
    /// The recorded epochs that count.
    pub fn epochs_within(&self, window: Window) -> impl Iterator<Item = &EpochMargins> {
        self.epochs
            .iter()
            .filter(move |epoch| window.contains(epoch.epoch))
    }

    /// The numbers of the recorded epochs, ascending.
    pub fn recorded_epochs(&self) -> impl Iterator<Item = u32> {
        self.epochs.iter().map(|epoch| epoch.epoch)
    }

    /// Marks the samples of the run that miss an epoch of `window` which others of this pass have.
    pub(crate) fn mark_gaps(&self, window: Window, has_gap: &mut [bool]) {
        if let Some(sums) = &self.sums {
            sums.mark_gaps(window, self.recorded_epochs(), has_gap);
        }
        for epoch in self.epochs_within(window) {
            for (has_gap, margin) in has_gap.iter_mut().zip(&epoch.margins) {
                *has_gap |= margin.is_nan();
            }
        }
    }

    /// Whether a sample of the run is in this pass and not a threshold sample.
    pub fn is_ordinary(&self, sample: usize) -> bool {
        self.assigned_labels[sample].is_some() && !self.is_threshold_sample[sample]
    }
}

impl EpochMargins {
    /// Takes the margins of an epoch, per sample; `None` where a sample was not recorded.
    pub fn new(epoch: u32, margins: &[Option<f32>]) -> Self {
        let margins = margins.iter().map(|margin| margin.unwrap_or(f32::NAN));
        Self {
            epoch,
            margins: margins.collect(),
        }
    }

    /// The margin of a sample, in logit units; `None` where it was not recorded.
    pub fn margin(&self, sample: usize) -> Option<f32> {
        self.margins
            .get(sample)
            .copied()
            .filter(|margin| !margin.is_nan())
    }
}
