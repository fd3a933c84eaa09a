//! What plots are drawn from, beside the AUMs: the class that the network prefers, the scores of others, and
//! the pictures from the sample table that lies beside the logs.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;

use logformat::{SampleEntry, parse_epoch_file_name};

use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::logs::sample_table::sample_entries;
use crate::plots::groups::knows_mislabeled;
use crate::plots::run_view::RunView;
use crate::questions::confusions::{Confusion, Suggestion, confusions, suggestions_for};
use crate::questions::scores::combined::{ScoreVector, sample_scores};

/// A run, and its files for what only some plots need; each thing is read when it is asked for, and what
/// several need once.
pub struct PlottedRun<'a> {
    pub(crate) files: Vec<PathBuf>,
    /// The run, and what was found in it.
    pub view: RunView<'a>,
    /// How many of the lowest AUMs are shown as pictures.
    pub(crate) count: usize,
    suggestions: OnceCell<Vec<Suggestion>>,
    warning: RefCell<Option<String>>,
}

impl<'a> PlottedRun<'a> {
    /// `files` are all that were read, and `count` how many of the lowest AUMs are shown as pictures.
    pub fn new(files: &[PathBuf], view: RunView<'a>, count: usize) -> Self {
        Self {
            files: files_of(files, view.log),
            view,
            count,
            suggestions: OnceCell::new(),
            warning: RefCell::default(),
        }
    }

    /// Why no pictures are shown of what was drawn so far, where their table is damaged.
    pub fn warning(&self) -> Option<String> {
        self.warning.borrow().clone()
    }

    /// What the network prefers for the flagged samples and for those with the lowest AUMs, the lowest
    /// first; nothing where the log has neither rival labels nor logits.
    ///
    /// # Errors
    /// Those of reading.
    pub fn suggestions(&self) -> Result<&[Suggestion], AnalyzerError> {
        if self.suggestions.get().is_none() {
            let found = self.read_suggestions()?;
            return Ok(self.suggestions.get_or_init(|| found));
        }
        Ok(self.suggestions.get().map_or(&[], Vec::as_slice))
    }

    fn read_suggestions(&self) -> Result<Vec<Suggestion>, AnalyzerError> {
        let ranked = self.view.analysis.ranking().iter().copied().enumerate();
        let wanted: Vec<usize> = ranked
            .filter(|&(rank, sample)| rank < self.count || self.is_flagged(sample))
            .map(|(_, sample)| sample)
            .collect();
        let run = [(self.view.log, self.view.analysis)];
        match suggestions_for(&self.files, &run, &[wanted]) {
            Ok(found) => Ok(found.into_iter().flatten().collect()),
            Err(AnalyzerError::NoRivalLabels { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn is_flagged(&self, sample: usize) -> bool {
        self.view.analysis.verdicts.get(sample).flagged == Some(true)
    }

    /// The systematic mistakes among the flagged samples.
    ///
    /// # Errors
    /// Those of reading.
    pub fn confusions(&self) -> Result<Vec<Confusion>, AnalyzerError> {
        let all = self.suggestions()?.iter();
        let flagged = all.filter(|found| self.is_flagged(found.sample));
        let flagged: Vec<Suggestion> = flagged.copied().collect();
        Ok(confusions(self.view.log, self.view.analysis, &flagged))
    }

    /// The scores of others; none where no mislabeled sample is known to measure them by, or only the
    /// AUMs are there.
    ///
    /// # Errors
    /// Those of reading.
    pub fn scores(&self) -> Result<Vec<ScoreVector>, AnalyzerError> {
        let log = self.view.log;
        let has_curves = log.passes.iter().all(|pass| pass.sums.is_none());
        if !has_curves || !knows_mislabeled(log) {
            return Ok(Vec::new());
        }
        let run = [(self.view.log, self.view.analysis)];
        let scores = sample_scores(&self.files, &run)?;
        Ok(scores.into_iter().flatten().collect())
    }

    /// The PNG files of the samples with the lowest AUMs, by their positions; none where the run has no
    /// sample table beside its logs.
    pub(crate) fn pictures(&self) -> BTreeMap<usize, Vec<u8>> {
        let entries = self.sample_entries(&self.view.analysis.lowest(self.count));
        let entries = entries.into_iter();
        entries
            .filter_map(|(sample, entry)| Some((sample, entry.png?)))
            .collect()
    }

    /// What the sample table has of these samples, by their positions; nothing where the run has none beside
    /// its logs, or it is damaged (see [`PlottedRun::warning`]).
    pub(crate) fn sample_entries(&self, samples: &[usize]) -> BTreeMap<usize, SampleEntry> {
        sample_entries(self.view.log, samples).unwrap_or_else(|warning| {
            *self.warning.borrow_mut() = Some(warning);
            BTreeMap::new()
        })
    }
}

/// The files of a run, so that those of others need not be read again: told by their names, where
/// these account for all that the run was read from; else all.
fn files_of(files: &[PathBuf], log: &RunLog) -> Vec<PathBuf> {
    let is_named = |file: &&PathBuf| {
        let run = log.run.as_deref()?;
        parse_epoch_file_name(run, file.file_name()?.to_str()?)
    };
    let named = files.iter().filter(|file| is_named(file).is_some());
    let named: Vec<PathBuf> = named.cloned().collect();
    if named.len() == log.file_count {
        named
    } else {
        files.to_vec()
    }
}
