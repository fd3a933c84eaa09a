//! Some rows of one file that belong together, and the words for what is wrong with one of them.

use std::collections::BTreeSet;
use std::iter::repeat_n;
use std::ops::Range;
use std::path::{Path, PathBuf};

use logformat::RowBatch;

use crate::error::AnalyzerError;
use crate::logs::assembly::known_labels::OtherLabel;
use crate::rules::evaluation::{ANOTHER_CLASS, is_mislabeled};

/// Some rows of one file that belong to one epoch of one pass of one run.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) batch: &'a RowBatch,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) file: u32,
    pub(crate) files: &'a [PathBuf],
}

impl<'a> Rows<'a> {
    /// The rows from `start` to the last that belongs to the same run, pass and epoch.
    pub(crate) fn of_one_epoch(
        batch: &'a RowBatch,
        start: usize,
        file: u32,
        files: &'a [PathBuf],
    ) -> Self {
        let ends = [
            batch.epochs.end_of_equal(start),
            batch.passes.end_of_equal(start),
        ];
        Self {
            batch,
            start,
            end: ends.into_iter().fold(end_of_run(batch, start), usize::min),
            file,
            files,
        }
    }

    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    pub(crate) fn path(&self) -> &Path {
        &self.files[self.file as usize]
    }

    pub(crate) fn pass(&self) -> u32 {
        self.batch.passes[self.start]
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.batch.epochs[self.start]
    }

    pub(crate) fn sample_id(&self, row: usize) -> String {
        let id = self.batch.sample_ids.get(row);
        id.map_or_else(String::new, |id| id.to_string())
    }

    /// Where a sample that is there twice was read first, of the files with rows of its epoch.
    pub(crate) fn first_in(&self, files: &[u32]) -> String {
        match files {
            [] | [_] => "the same file".to_owned(),
            [other, _] => self.files[*other as usize].display().to_string(),
            [first, .., _] => format!(
                "{} or another of its {} files",
                self.files[*first as usize].display(),
                files.len()
            ),
        }
    }

    /// The given labels. That of an ordinary sample is the one assigned to it; that of a threshold
    /// sample is known from its column alone.
    pub(crate) fn given_labels(&self) -> impl Iterator<Item = Option<u32>> {
        let (given, assigned) = match &self.batch.given_labels {
            Some(given) => (&given[self.range()], 0..0),
            None => (&[][..], self.range()),
        };
        let labels = self.batch.assigned_labels[assigned.clone()].iter();
        let marks = &self.batch.is_threshold_sample[assigned];
        let of_ordinary = labels
            .zip(marks)
            .map(|(&label, &is)| (!is).then_some(label));
        given.iter().copied().map(Some).chain(of_ordinary)
    }

    /// The true labels. Where a row has none but is known to be right or wrong, it is the given one, or
    /// another.
    pub(crate) fn true_labels(&self) -> impl Iterator<Item = Option<u32>> {
        let known = match &self.batch.true_labels {
            Some(labels) => &labels[self.range()],
            None => &[],
        };
        let unknown = self.range().len() - known.len();
        let known = known.iter().copied().chain(repeat_n(None, unknown));
        let (marked, marks) = match &self.batch.is_mislabeled {
            Some(marks) => (self.range().len(), &marks[self.range()]),
            None => (0, &[][..]),
        };
        let unmarked = self.range().len() - marked;
        let marks = marks.iter().copied().chain(repeat_n(None, unmarked));
        let given = self.given_labels();
        let rows = known.zip(marks).zip(given);
        rows.map(|((known, mark), given)| match (known, mark) {
            (None, Some(true)) => Some(ANOTHER_CLASS),
            (None, Some(false)) => given,
            (known, _) => known,
        })
    }

    /// Refuses a row whose true label is its given one, and which is said to be mislabeled all the same, or the
    /// other way round.
    pub(crate) fn check_marks(&self) -> Result<(), AnalyzerError> {
        let (Some(marks), Some(truth)) = (&self.batch.is_mislabeled, &self.batch.true_labels)
        else {
            return Ok(());
        };
        let rows = self.range().zip(self.given_labels());
        let contradicts = |(row, given): &(usize, Option<u32>)| {
            let mislabeled = is_mislabeled(*given, truth[*row]);
            mislabeled.is_some_and(|is| marks[*row].is_some_and(|mark| mark != is))
        };
        match rows.into_iter().find(contradicts) {
            None => Ok(()),
            Some((row, _)) => Err(AnalyzerError::MarkContradicts {
                path: self.path().to_owned(),
                sample_id: self.sample_id(row),
                is_mislabeled: marks[row] == Some(true),
            }),
        }
    }

    /// Refuses an ordinary sample that is not trained on its given label.
    pub(crate) fn check_given_are_assigned(&self) -> Result<(), AnalyzerError> {
        let Some(given) = &self.batch.given_labels else {
            return Ok(());
        };
        let given = &given[self.range()];
        let labels = given.iter().zip(&self.batch.assigned_labels[self.range()]);
        let marks = &self.batch.is_threshold_sample[self.range()];
        let mut labels = labels.zip(marks);
        let Some(row) = labels.position(|((given, assigned), is)| given != assigned && !is) else {
            return Ok(());
        };
        let row = self.start + row;
        Err(AnalyzerError::AssignedIsNotGiven {
            path: self.path().to_owned(),
            sample_id: self.sample_id(row),
            assigned_label: self.batch.assigned_labels[row],
            given_label: given[row - self.start],
        })
    }

    pub(crate) fn label_differs(&self, kind: &'static str, found: OtherLabel) -> AnalyzerError {
        AnalyzerError::LabelDiffers {
            path: self.path().to_owned(),
            sample_id: self.sample_id(self.start + found.row),
            kind,
            label: found.label,
            other_label: found.known,
            other_path: self.files[found.known_from as usize].clone(),
        }
    }
}

/// The run of a row; an empty name is none.
pub(crate) fn run_name(batch: &RowBatch, row: usize) -> Option<&str> {
    let name = batch.runs.as_ref().and_then(|runs| runs.get(row));
    name.map(AsRef::as_ref)
        .filter(|name: &&str| !name.is_empty())
}

/// The names of the runs in a batch.
pub(crate) fn runs_of(batch: &RowBatch) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut start = 0;
    while start < batch.epochs.len() {
        names.extend(run_name(batch, start));
        start = end_of_run(batch, start);
    }
    names
}

/// The first row after `start` that belongs to another run.
fn end_of_run(batch: &RowBatch, start: usize) -> usize {
    let runs = batch.runs.as_ref();
    runs.map_or(batch.epochs.len(), |runs| runs.end_of_equal(start))
}
