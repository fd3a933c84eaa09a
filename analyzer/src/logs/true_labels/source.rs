//! Where true labels come from that are not the log's own, and how many there are.

use std::path::Path;

use serde::Serialize;

/// A file of true labels, and what it has for one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueLabelSource {
    /// The file, as it was named.
    pub file: String,
    /// The columns that say which sample a row is about: `sample_id`, that of the owner's ids, `file and
    /// row`, or `file`.
    pub joined_by: String,
    /// How many samples of the run have a label there.
    pub labels: usize,
    /// How many samples of the run are there without a label.
    pub without_label: usize,
    /// How many samples of the run are to be removed by it, since no label is right: theirs are wrong.
    #[serde(skip_serializing_if = "is_zero")]
    pub removed: usize,
    /// How many samples of the run are not there.
    pub not_in_file: usize,
    /// How many samples that are there are none of the run.
    pub not_in_run: usize,
    /// The first row, from 0, about one of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_not_in_run: Option<usize>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl TrueLabelSource {
    /// Nothing yet of this file.
    pub(crate) fn of(path: &Path, joined_by: String) -> Self {
        Self {
            file: path.display().to_string(),
            joined_by,
            labels: 0,
            without_label: 0,
            removed: 0,
            not_in_file: 0,
            not_in_run: 0,
            first_not_in_run: None,
        }
    }
}
