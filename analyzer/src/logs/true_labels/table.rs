//! A table of true labels in a file: a row for each sample that somebody looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::AnalyzerError;
use crate::logs::table_frame::{Frame, is_csv, is_table, refusal};

pub(crate) const TRUE_LABEL: &str = "true_label";

/// A table of true labels, before it is known which run and which classes they are of.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueLabels {
    pub(crate) path: PathBuf,
    /// The columns, as they stand there.
    pub(crate) names: Vec<String>,
    /// Those that may say which sample a row is about.
    pub(crate) keys: BTreeMap<String, KeyColumn>,
    /// Of each row, as it stands there; `None` for an empty one.
    pub(crate) labels: Vec<Option<String>>,
}

/// A column that may say which sample a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyColumn {
    pub(crate) texts: Vec<Option<String>>,
    /// Whether its type is that of integers; `None` in CSV, where everything is text.
    pub(crate) is_integer: Option<bool>,
}

impl TrueLabels {
    /// Reads a table of true labels.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] for a file that is not there or no table, and where it has no labels.
    pub fn read(path: &Path) -> Result<Self, AnalyzerError> {
        check_file(path)?;
        let table = Frame::read(path)?;
        table.check()?; // That labels by people have no checksum goes without saying.
        let names: Vec<String> = table.names().map(str::to_owned).collect();
        let labels = table.texts(TRUE_LABEL)?.ok_or_else(|| {
            let reason = format!(
                "there is no column {TRUE_LABEL}, but {}; a table of true labels has the columns sample_id and true_label",
                names.join(", ")
            );
            refusal(path, reason)
        })?;
        let mut keys = BTreeMap::new();
        for name in names.iter().filter(|name| *name != TRUE_LABEL) {
            // Whatever else is there need not be texts.
            if let Ok(Some(texts)) = table.texts(name) {
                let is_integer = (!is_csv(path)).then(|| table.is_integer(name));
                keys.insert(name.clone(), KeyColumn { texts, is_integer });
            }
        }
        Ok(Self {
            path: path.to_owned(),
            labels: labels.into_iter().map(|label| plain(&label?)).collect(),
            names,
            keys,
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
    if !is_table(path) {
        return refused(
            "is no table of true labels by its name; they are read from .csv, .tsv and .parquet files",
        );
    }
    Ok(())
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
