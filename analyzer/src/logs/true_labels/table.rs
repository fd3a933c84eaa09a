//! A table of true labels in a file: a row for each sample that somebody looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use logformat::{Label, MislabeledColumn};

use crate::error::AnalyzerError;
use crate::logs::table_frame::{Frame, is_csv, is_table, refusal};
use crate::rules::evaluation::WRONG;

pub(crate) const SAMPLE_ID: &str = "sample_id";
pub(crate) const TRUE_LABEL: &str = "true_label";
/// The name of the class whose index stands beside it, as in tables of results.
pub(crate) const TRUE_CLASS: &str = "true_class";
/// What columns are called that say, where there are no true labels, whether the given one is wrong.
const MISLABELED: [&str; 4] = [
    "is_mislabeled",
    "mislabeled",
    "is_mislabelled",
    "mislabelled",
];

/// A table of true labels, before it is known which run and which classes they are of.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueLabels {
    pub(crate) path: PathBuf,
    /// The columns, as they stand there.
    pub(crate) names: Vec<String>,
    /// Those that may say which sample a row is about.
    pub(crate) keys: BTreeMap<String, KeyColumn>,
    /// The column that the labels are in.
    pub(crate) column: String,
    /// Of each row, as it stands there, or, where it says no more of the given label, [`WRONG`] or [`RIGHT`]; `None` for
    /// an empty one. Names of classes where they are there, since an index may be called as another class is.
    pub(crate) labels: Vec<Option<String>>,
    /// The indices that stand beside names; nothing where there are no names.
    pub(crate) indices: Vec<Option<String>>,
    /// Whether that is all that it says.
    pub(crate) are_marks: bool,
}

pub(crate) const RIGHT: &str = "right";

/// A column that may say which sample a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyColumn {
    pub(crate) texts: Vec<Option<String>>,
    /// Whether its type is that of integers; `None` in CSV, where everything is text.
    pub(crate) is_integer: Option<bool>,
}

impl TrueLabels {
    /// Reads a table of true labels, or with `mislabeled` one whose column of this name says which labels are wrong. So
    /// does a column `is_mislabeled` where there are no true labels.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] for a file that is not there or no table, and where it has no labels.
    pub fn read(path: &Path, mislabeled: Option<&MislabeledColumn>) -> Result<Self, AnalyzerError> {
        check_file(path)?;
        let table = Frame::read(path)?;
        table.check()?; // That labels by people have no checksum goes without saying.
        table.check_is_column(SAMPLE_ID)?;
        let names: Vec<String> = table.names().map(str::to_owned).collect();
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let marked = || {
            let name = MISLABELED.into_iter().find(|name| has(name))?;
            Some(MislabeledColumn {
                name: name.to_owned(),
                wrong: None,
            })
        };
        let marks = match mislabeled {
            None if has(TRUE_LABEL) || has(TRUE_CLASS) => None,
            None => marked(),
            Some(column) => Some(column.clone()),
        };
        let labels_are_in = match has(TRUE_CLASS) && !has(TRUE_LABEL) {
            true => TRUE_CLASS,
            false => TRUE_LABEL,
        };
        let column = marks
            .as_ref()
            .map_or(labels_are_in, |column| column.name.as_str());
        let labels = table.label_texts(column)?.ok_or_else(|| {
            let reason = format!(
                "there is no column {column}, but {}; a table of true labels has the columns sample_id and true_label, or is_mislabeled where it only says which labels are wrong",
                told(&names)
            );
            refusal(path, reason)
        })?;
        let mut keys = BTreeMap::new();
        for name in names.iter().filter(|name| *name != column) {
            // Whatever else is there need not be texts.
            if let Ok(Some(texts)) = table.texts(name) {
                // Floats may be whole numbers, which their texts tell as those of CSV do.
                let is_typed = !is_csv(path) && !table.is_float(name);
                let is_integer = is_typed.then(|| table.is_integer(name));
                keys.insert(name.clone(), KeyColumn { texts, is_integer });
            }
        }
        let labels: Vec<Option<String>> = labels.into_iter().map(|label| plain(&label?)).collect();
        let names_beside = match marks.is_none() && column == TRUE_LABEL {
            true => table.texts(TRUE_CLASS)?,
            false => None,
        };
        let (labels, indices) = match names_beside {
            None => (labels, Vec::new()),
            Some(names) => {
                let known = names.into_iter().zip(&labels);
                let known = known.map(|(name, label)| name.or_else(|| label.clone()));
                (known.collect(), labels)
            }
        };
        let labels_or_marks = match &marks {
            None => labels,
            Some(column) => marks_of(&labels, column).map_err(|(row, reason)| {
                refusal(
                    path,
                    format!("row {row}: the column {}: {reason}", column.name),
                )
            })?,
        };
        Ok(Self {
            path: path.to_owned(),
            column: column.to_owned(),
            labels: labels_or_marks,
            indices,
            are_marks: marks.is_some(),
            names,
            keys,
        })
    }

    pub(crate) fn refused(&self, reason: String) -> AnalyzerError {
        refusal(&self.path, reason)
    }
}

/// The columns, for people.
pub(crate) fn told(names: &[String]) -> String {
    let told = names.iter().map(|name| match name.as_str() {
        "" => "one without a name",
        name => name,
    });
    told.collect::<Vec<_>>().join(", ")
}

fn marks_of(
    labels: &[Option<String>],
    column: &MislabeledColumn,
) -> Result<Vec<Option<String>>, (usize, String)> {
    let labels = labels.iter().map(|label| label.as_deref().map(Label::Text));
    let marks = column.marks(labels)?.into_iter();
    let word = |is_wrong| if is_wrong { WRONG } else { RIGHT };
    Ok(marks.map(|mark| Some(word(mark?).to_owned())).collect())
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
