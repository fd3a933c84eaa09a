//! Puts the rows of many files together to one log per run, and refuses what contradicts itself
//! between rows or files: the same sample twice in an epoch, a label that changes, ids of two kinds.
//!
//! Within one file, `logformat` has checked every value already.

pub(crate) mod accepted;
pub(crate) mod known_labels;
pub(crate) mod pass;
pub(crate) mod positions;
pub(crate) mod rows;
pub(crate) mod sample_index;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use logformat::{PartName, Repeats, RowBatch, RunDescription, SampleIds};
use serde_json::Value;

use crate::error::AnalyzerError;
use crate::logs::assembly::accepted::AcceptedRows;
use crate::logs::assembly::known_labels::KnownLabels;
use crate::logs::assembly::pass::PassAssembly;
use crate::logs::assembly::positions::Positions;
use crate::logs::assembly::rows::{Rows, run_name};
use crate::logs::assembly::sample_index::SampleIndex;
use crate::logs::origins::Origins;
use crate::logs::read_settings::Keep;
use crate::logs::repeats::RepeatedRows;
use crate::logs::run_log::RunLog;

/// Collects batches of rows, file by file.
#[derive(Debug)]
pub(crate) struct Assembly<'a> {
    files: &'a [PathBuf],
    keep: Keep,
    repeats: Repeats,
    /// Of the file whose rows are taken up.
    learning_rate_drops: Vec<u32>,
    /// The files whose rows say of which part of a data set they are.
    parts: BTreeMap<u32, PartName>,
    runs: BTreeMap<Option<String>, RunAssembly>,
}

impl<'a> Assembly<'a> {
    pub(crate) fn new(files: &'a [PathBuf], keep: Keep, repeats: Repeats) -> Self {
        Self {
            files,
            keep,
            repeats,
            learning_rate_drops: Vec::new(),
            parts: BTreeMap::new(),
            runs: BTreeMap::new(),
        }
    }

    /// Rows of another file follow, which says that the learning rate drops at these epochs.
    pub(crate) fn begin_file(&mut self, learning_rate_drops: Vec<u32>) {
        self.learning_rate_drops = learning_rate_drops;
    }

    /// Takes up some rows of the file with the number `file`.
    pub(crate) fn add(&mut self, file: u32, batch: &RowBatch) -> Result<(), AnalyzerError> {
        let mut start = 0;
        while start < batch.epochs.len() {
            let rows = Rows::of_one_epoch(batch, start, file, self.files);
            self.runs
                .entry(run_name(batch, start).map(str::to_owned))
                .or_insert_with(|| RunAssembly::new(&batch.sample_ids, self.keep, self.repeats))
                .add(rows, &self.learning_rate_drops)?;
            start = rows.end;
        }
        Ok(())
    }

    /// Takes up what a file says of the runs in it; the first file that names the classes
    /// counts, and the first with a configuration.
    pub(crate) fn describe(
        &mut self,
        file: u32,
        description: &RunDescription,
        part: Option<PartName>,
    ) {
        self.parts.extend(part.map(|part| (file, part)));
        for run in self.runs.values_mut() {
            if run.files.last() == Some(&file) {
                if run.class_names.is_empty() {
                    run.class_names.clone_from(&description.class_names);
                }
                if run.configuration.is_null() {
                    run.configuration.clone_from(&description.configuration);
                }
            }
        }
    }

    /// Of each run whose files are of several parts of a data set, by what their rows say or they are called, a line
    /// that says so: loops log their validation, too.
    pub(crate) fn several_parts(&self) -> Vec<String> {
        let runs = self.runs.values().filter(|run| run.files.len() > 1);
        runs.filter_map(|run| self.parts_of(run)).collect()
    }

    fn parts_of(&self, run: &RunAssembly) -> Option<String> {
        let paths = run
            .files
            .iter()
            .map(|&file| (file, &*self.files[file as usize]));
        let mut root = self.files[*run.files.first()? as usize].parent()?;
        while !paths.clone().all(|(_, path)| path.starts_with(root)) {
            root = root.parent()?;
        }
        let part = |(file, path): &(u32, &Path)| {
            let below = path.strip_prefix(root).unwrap_or(path);
            self.parts
                .get(file)
                .copied()
                .or_else(|| PartName::of_path(below))
        };
        let (_, train) = paths
            .clone()
            .find(|file| part(file) == Some(PartName::Train))?;
        let (_, other) = paths
            .clone()
            .find(|file| part(file).is_some_and(|part| part != PartName::Train))?;
        Some(format!(
            "{}: is called or marked as no part for training, but read as of one run with {}: a sample that is not trained on has no AUM, so give the files of training alone",
            other.display(),
            train.display()
        ))
    }

    /// Of each pass with rows that repeat a sample of their epoch, the refusal of the first of them, and
    /// how many there are.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = (&AnalyzerError, usize)> {
        let passes = self.runs.values().flat_map(|run| run.passes.values());
        passes.filter_map(PassAssembly::repeated)
    }

    /// The runs by name, the unnamed one first.
    pub(crate) fn finish(self) -> Vec<RunLog> {
        let runs = self.runs.into_iter();
        runs.map(|(name, run)| run.finish(name)).collect()
    }
}

#[derive(Debug)]
struct RunAssembly {
    keep: Keep,
    repeats: Repeats,
    index: SampleIndex,
    given_labels: KnownLabels,
    true_labels: KnownLabels,
    passes: BTreeMap<u32, PassAssembly>,
    accepted: AcceptedRows,
    files: Vec<u32>,
    class_names: Vec<String>,
    learning_rate_drops: BTreeSet<u32>,
    configuration: Value,
}

impl RunAssembly {
    fn new(ids: &SampleIds, keep: Keep, repeats: Repeats) -> Self {
        Self {
            keep,
            repeats,
            index: SampleIndex::of_kind(ids),
            given_labels: KnownLabels::default(),
            true_labels: KnownLabels::default(),
            passes: BTreeMap::new(),
            accepted: AcceptedRows::default(),
            files: Vec::new(),
            class_names: Vec::new(),
            learning_rate_drops: BTreeSet::new(),
            configuration: Value::Null,
        }
    }

    fn add(&mut self, rows: Rows<'_>, drops: &[u32]) -> Result<(), AnalyzerError> {
        if self.files.last() != Some(&rows.file) {
            self.files.push(rows.file);
            self.add_drops(drops, rows.path())?;
        }
        let pass = self.passes.entry(rows.pass());
        let pass = pass.or_insert_with(|| PassAssembly::new(self.keep, self.repeats));
        let asked_for = self.keep.epochs();
        pass.sum_epochs_before(
            rows.epoch(),
            rows.path(),
            asked_for,
            &self.learning_rate_drops,
        )?;
        if let Some(positions) = self.accepted.positions(rows) {
            return pass.add_again(rows, &positions, self.index.len());
        }
        let positions = self
            .index
            .positions(&rows.batch.sample_ids, rows.range())
            .map_err(|kinds| AnalyzerError::MixedSampleIds {
                path: rows.path().to_owned(),
                found: kinds.found,
                expected: kinds.expected,
                other_path: rows.files[self.files[0] as usize].clone(),
            })?;
        pass.add(rows, &positions, self.index.len())?;
        self.add_labels(rows, &positions)?;
        self.accepted.remember(rows, positions);
        Ok(())
    }

    /// Sums over the default window depend on the drops.
    fn add_drops(&mut self, drops: &[u32], path: &Path) -> Result<(), AnalyzerError> {
        let mut drops_here = drops.iter();
        let new = drops_here.find(|&epoch| !self.learning_rate_drops.contains(epoch));
        let is_late = || self.passes.values().any(PassAssembly::has_summed);
        if let (Some(&epoch), None) = (new, self.keep.epochs())
            && is_late()
        {
            return Err(AnalyzerError::LateLearningRateDrop {
                path: path.to_owned(),
                epoch,
            });
        }
        self.learning_rate_drops.extend(drops);
        Ok(())
    }

    fn add_labels(&mut self, rows: Rows<'_>, positions: &Positions) -> Result<(), AnalyzerError> {
        rows.check_given_are_assigned()?;
        rows.check_marks()?;
        self.given_labels
            .add(positions, rows.given_labels(), self.index.len(), rows.file)
            .map_err(|found| rows.label_differs("given", found))?;
        self.true_labels
            .add(positions, rows.true_labels(), self.index.len(), rows.file)
            .map_err(|found| rows.label_differs("true", found))
    }

    fn finish(mut self, run: Option<String>) -> RunLog {
        let (sample_ids, order) = self.index.into_ascending();
        let mut repeats = RepeatedRows::new(self.repeats);
        for (&number, pass) in &mut self.passes {
            repeats.add(number, pass.settle(), &order);
        }
        let passes = self.passes.into_iter();
        RunLog {
            run,
            given_labels: self.given_labels.into_labels(&order),
            true_labels: self.true_labels.into_labels(&order),
            passes: passes
                .map(|(number, pass)| {
                    pass.finish(
                        number,
                        &order,
                        self.keep.epochs(),
                        &self.learning_rate_drops,
                    )
                })
                .collect(),
            sample_ids,
            class_names: self.class_names,
            learning_rate_drops: self.learning_rate_drops.into_iter().collect(),
            configuration: self.configuration,
            file_count: self.files.len(),
            true_labels_from: None,
            held_out: Vec::new(),
            held_out_accuracies: Vec::new(),
            repeats,
            origins: Origins::default(),
        }
    }
}
