//! A table of true labels in a file: a row for each sample that somebody looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::AnalyzerError;
use crate::logs::table_frame::{Frame, is_csv, refusal};

const SAMPLE_ID: &str = "sample_id";
const TRUE_LABEL: &str = "true_label";

/// A table of true labels, before it is known which run and which classes they are of.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueLabels {
    pub(crate) path: PathBuf,
    pub(crate) id_kind: IdKind,
    /// By sample id.
    pub(crate) labels: BTreeMap<String, Entry>,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// From 0, without a header.
    pub(crate) row: usize,
    /// As it stands there; `None` for an empty one.
    pub(crate) label: Option<String>,
}

/// What the type of the column of ids says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdKind {
    Integers,
    Texts,
    /// Nothing: in CSV everything is text.
    Unknown,
}

impl TrueLabels {
    /// Reads a table of true labels.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] for a file that is not there or no table, for a missing column or id, and
    /// for a sample with two labels.
    pub fn read(path: &Path) -> Result<Self, AnalyzerError> {
        check_file(path)?;
        let table = Frame::read(path)?;
        let ids = column(&table, SAMPLE_ID)?;
        let labels = column(&table, TRUE_LABEL)?;
        let mut found = BTreeMap::<String, Entry>::new();
        for (row, (id, label)) in ids.into_iter().zip(labels).enumerate() {
            let id = id.ok_or_else(|| table.value(row, SAMPLE_ID, "is empty"))?;
            let label = label.as_deref().and_then(plain);
            let entry = found.entry(id).or_insert(Entry { row, label: None });
            match (&entry.label, label) {
                (Some(known), Some(label)) if *known != label => {
                    return Err(twice(&table, row, entry.row, known, &label));
                }
                (None, Some(label)) => {
                    *entry = Entry {
                        row,
                        label: Some(label),
                    }
                }
                _ => {}
            }
        }
        Ok(Self {
            path: path.to_owned(),
            id_kind: match (is_csv(path), table.is_integer(SAMPLE_ID)) {
                (true, _) => IdKind::Unknown,
                (false, true) => IdKind::Integers,
                (false, false) => IdKind::Texts,
            },
            labels: found,
        })
    }

    pub(crate) fn refused(&self, reason: String) -> AnalyzerError {
        refusal(&self.path, reason)
    }
}

fn check_file(path: &Path) -> Result<(), AnalyzerError> {
    let refused = |reason: &str| Err(refusal(path, reason.to_owned()));
    if !path.exists() {
        return Err(AnalyzerError::NoTrueLabelTable {
            path: path.to_owned(),
        });
    }
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    if !is_csv(path) && !suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("parquet")) {
        return refused(
            "is no table of true labels by its name; they are read from .csv and .parquet files",
        );
    }
    Ok(())
}

fn column(table: &Frame<'_>, name: &str) -> Result<Vec<Option<String>>, AnalyzerError> {
    table.texts(name)?.ok_or_else(|| {
        let names: Vec<&str> = table.names().collect();
        let reason = format!(
            "there is no column {name}, but {}; a table of true labels has the columns sample_id and true_label",
            names.join(", ")
        );
        refusal(table.path(), reason)
    })
}

/// A label without the decimal point that whole numbers get in tables with empty fields, as pandas
/// writes them; `None` for NaN, which stands for an empty field there.
fn plain(label: &str) -> Option<String> {
    if label.eq_ignore_ascii_case("nan") {
        return None;
    }
    let whole = label
        .strip_suffix(".0")
        .filter(|whole| whole.parse::<i64>().is_ok());
    Some(whole.unwrap_or(label).to_owned())
}

fn twice(table: &Frame<'_>, row: usize, before: usize, known: &str, label: &str) -> AnalyzerError {
    table.value(
        row,
        TRUE_LABEL,
        &format!(
            "is {label:?}, but {known:?} in row {before} for the same sample; leave one of the two out"
        ),
    )
}
