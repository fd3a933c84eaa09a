//! Whether files of a test part have labels at all: those of benchmarks are often kept back, and stand as nulls,
//! as -1 or not at all.

use std::path::{Path, PathBuf};

use arrow_array::{Array, ArrayRef};
use csv::ByteRecord;
use logformat::Label;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::label_column::called_label;
use crate::dataset::files::parquet_file::{ParquetFile, stored_labels};
use crate::dataset::files::text_table::TextTable;
use crate::error::dataset::DatasetError;
use crate::error::text_file::TextProblem;

/// Of a table of text, read at once.
const ROWS: usize = 8192;

/// Whether any row of any table has a label that is no null, not -1 and not empty; files that are no tables are taken
/// to have some.
pub(crate) fn have_labels(files: &[PathBuf], column: Option<&str>) -> Result<bool, DatasetError> {
    for path in files {
        let suffix = path.extension().unwrap_or_default();
        let has_labels = match suffix.to_string_lossy().to_lowercase().as_str() {
            "parquet" => has_labels(path, column)?,
            "csv" | "tsv" => text_has_labels(path, column)
                .map_err(|problem| DatasetError::text(path, problem))?,
            _ => true,
        };
        if has_labels {
            return Ok(true);
        }
    }
    Ok(false)
}

fn text_has_labels(path: &Path, column: Option<&str>) -> Result<bool, TextProblem> {
    let mut table = TextTable::open(path)?;
    let names: Vec<&str> = table.header.iter().map(String::as_str).collect();
    let label = column.or_else(|| called_label(&names));
    let Some(at) = label.and_then(|label| names.iter().position(|name| *name == label)) else {
        return Ok(false);
    };
    loop {
        let rows = table.rows(ROWS)?;
        let label = |row: &ByteRecord| {
            let label = row.get(at).unwrap_or_default();
            is_label(&String::from_utf8_lossy(label))
        };
        if rows.is_empty() || rows.iter().any(label) {
            return Ok(!rows.is_empty());
        }
    }
}

/// Whether a text is the label of a sample, and no mark that there is none.
pub(crate) fn is_label(text: &str) -> bool {
    let label = Label::Text(text);
    !label.says_missing() && label.number() != Some(-1)
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
            StoredLabels::Names(labels) => labels.iter().any(|label| is_label(label)),
        }
    }
}
