//! Some rows of one file that belong together, and the words for what is wrong with one of them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use logformat::RowBatch;

use super::known_labels::KnownLabel;
use crate::AnalyzerError;

/// Some rows of one file that belong to one epoch of one pass of one run.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) batch: &'a RowBatch,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) file: u32,
    pub(super) files: &'a [PathBuf],
}

impl<'a> Rows<'a> {
    /// The rows from `start` to the last that belongs to the same run, pass and epoch.
    pub(super) fn of_one_epoch(
        batch: &'a RowBatch,
        start: usize,
        file: u32,
        files: &'a [PathBuf],
    ) -> Self {
        let end = end_of_run(batch, start);
        let end = end_of_equal(&batch.epochs, start, end);
        Self {
            batch,
            start,
            end: end_of_equal(&batch.passes, start, end),
            file,
            files,
        }
    }

    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    pub(super) fn path(&self) -> &Path {
        &self.files[self.file as usize]
    }

    pub(super) fn pass(&self) -> u32 {
        self.batch.passes[self.start]
    }

    pub(super) fn epoch(&self) -> u32 {
        self.batch.epochs[self.start]
    }

    pub(super) fn sample_id(&self, row: usize) -> String {
        let id = self.batch.sample_ids.get(row);
        id.map_or_else(String::new, |id| id.to_string())
    }

    /// Where a sample that is there twice was read first, of the files with rows of its epoch.
    pub(super) fn first_in(&self, files: &[u32]) -> String {
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

    pub(super) fn label_differs(
        &self,
        row: usize,
        kind: &'static str,
        label: u32,
        known: KnownLabel,
    ) -> AnalyzerError {
        AnalyzerError::LabelDiffers {
            path: self.path().to_owned(),
            sample_id: self.sample_id(row),
            kind,
            label,
            other_label: known.label,
            other_path: self.files[known.file as usize].clone(),
        }
    }
}

/// The run of a row; an empty name is none.
pub(crate) fn run_name(batch: &RowBatch, row: usize) -> Option<&str> {
    let name = batch.runs.as_ref().and_then(|runs| runs.get(row));
    name.filter(|name| !name.is_empty())
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

fn end_of_equal(values: &[u32], start: usize, end: usize) -> usize {
    /// Compared at once: nearly all values are equal.
    const BLOCK: usize = 256;
    let first = values[start];
    let differ = |block: &[u32]| {
        block
            .iter()
            .fold(false, |any, &value| any | (value != first))
    };
    let blocks = values[start..end].chunks(BLOCK);
    let equal = start + BLOCK * blocks.take_while(|block| !differ(block)).count();
    let equal = equal.min(end);
    let other = values[equal..end].iter().position(|&value| value != first);
    other.map_or(end, |rows| equal + rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_end_at_the_first_other_one_or_where_asked() {
        for other in [1, 255, 256, 257, 700] {
            let mut values = vec![7; 701];
            values[other] = 8;
            assert_eq!(end_of_equal(&values, 0, 701), other);
            assert_eq!(end_of_equal(&values, 0, other), other);
            assert_eq!(end_of_equal(&values, other, 701), other + 1);
        }
        assert_eq!(end_of_equal(&[7; 600], 3, 600), 600);
    }
}
