//! Whether files of a test part have labels at all: those of benchmarks are often kept back, and stand as nulls,
//! as -1 or not at all.

use std::path::{Path, PathBuf};

use arrow_array::{Array, ArrayRef};

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::parquet_file::{ParquetFile, stored_labels};
use crate::error::dataset::DatasetError;

/// Whether any row of any Parquet file has a label that is no null, not negative and not empty; other files are
/// taken to have some.
pub(crate) fn have_labels(files: &[PathBuf], column: Option<&str>) -> Result<bool, DatasetError> {
    for path in files {
        let is_parquet = path
            .extension()
            .is_some_and(|suffix| suffix.eq_ignore_ascii_case("parquet"));
        if !is_parquet || has_labels(path, column)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_labels(path: &Path, column: Option<&str>) -> Result<bool, DatasetError> {
    let file = ParquetFile::open(path)?;
    let Ok(label) = file.label_column(column) else {
        return Ok(false);
    };
    let mut has_labels = false;
    file.for_batches(&[&label], |_, batch| {
        let labels = batch.column_by_name(&label);
        has_labels = has_labels || labels.is_some_and(|labels| any_label(labels, path));
        Ok(())
    })?;
    Ok(has_labels)
}

fn any_label(column: &ArrayRef, path: &Path) -> bool {
    let mut rows = (0..column.len()).filter(|&row| column.is_valid(row));
    rows.any(|row| match stored_labels(&column.slice(row, 1), path, 0) {
        Ok(labels) => labels.any(),
        // What is wrong with it is told when it is read.
        Err(_) => true,
    })
}

impl StoredLabels {
    /// Whether one of them is a label: neither negative nor empty.
    pub(crate) fn any(&self) -> bool {
        match self {
            StoredLabels::Indices(labels) => labels.iter().any(|&label| label >= 0),
            StoredLabels::Names(labels) => labels
                .iter()
                .any(|label| !label.is_empty() && label != "-1"),
        }
    }
}
