//! Labels from a file: what people or another model say about the training samples, one label a
//! sample in the order of the training set, and beside it what is known to be right.
//!
//! Parquet and CSV files have named columns; an NPY file is one column. A label is a whole number of
//! any width, the index of the class, or the name of the class.

mod classes;
mod csv;
mod npy;
mod parquet;
mod problem;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

pub use problem::LabelFileProblem;

use super::GivenLabels;
use crate::RecorderError;

/// One label as it stands in the file.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    /// Wide enough for every integer that a file can hold.
    Integer(i128),
    Text(String),
    Null,
}

/// Where labels are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFile {
    /// A Parquet, CSV or NPY file; the suffix says which.
    pub path: PathBuf,
    /// The column of the given labels; `None` for the only one there is.
    pub column: Option<String>,
    /// The column of the true labels, where they are known.
    pub true_column: Option<String>,
}

impl LabelFile {
    /// Reads the labels of a training set of so many samples with these classes.
    ///
    /// # Errors
    /// [`RecorderError::LabelFile`] with the column, the row and the reason.
    pub fn read(
        &self,
        samples: usize,
        class_names: &[String],
    ) -> Result<GivenLabels, RecorderError> {
        let read = |column: Option<&str>| {
            self.read_column(column, samples, class_names)
                .map_err(|problem| RecorderError::LabelFile {
                    path: self.path.clone(),
                    problem,
                })
        };
        Ok(GivenLabels {
            given: read(self.column.as_deref())?,
            truth: match &self.true_column {
                Some(column) => Some(read(Some(column))?),
                None => None,
            },
        })
    }

    fn read_column(
        &self,
        column: Option<&str>,
        samples: usize,
        class_names: &[String],
    ) -> Result<Vec<u32>, LabelFileProblem> {
        // The decoders of Parquet and NPY panic on some damaged files.
        let (column, cells) = catch_unwind(AssertUnwindSafe(|| self.read_cells(column)))
            .unwrap_or(Err(LabelFileProblem::Damaged))?;
        self.check_length(cells.len(), samples, &column)?;
        classes::from_cells(&cells, class_names).map_err(|(row, reason)| LabelFileProblem::Label {
            column,
            row: row + 1,
            sample: row,
            reason,
        })
    }

    fn suffix(&self) -> Option<String> {
        let suffix = self.path.extension()?;
        Some(suffix.to_string_lossy().to_lowercase())
    }

    fn check_length(
        &self,
        labels: usize,
        samples: usize,
        column: &str,
    ) -> Result<(), LabelFileProblem> {
        if labels == samples {
            return Ok(());
        }
        // Most likely a list of labels alone, whose first was taken for the name of the column.
        if self.suffix().as_deref() == Some("csv") && labels + 1 == samples {
            return Err(LabelFileProblem::NoHeader {
                labels,
                column: column.to_owned(),
                samples,
            });
        }
        Err(LabelFileProblem::Length { labels, samples })
    }

    /// The name and the cells of a column, or of the only one.
    fn read_cells(&self, column: Option<&str>) -> Result<(String, Vec<Cell>), LabelFileProblem> {
        match self.suffix().as_deref() {
            Some("parquet") => parquet::read_cells(&self.path, column),
            Some("csv") => csv::read_cells(&self.path, column),
            Some("npy") => npy::read_cells(&self.path, column),
            _ => Err(LabelFileProblem::Suffix),
        }
    }
}

/// The index of `wanted` among `columns`, or of the only one.
fn choose_column(columns: &[String], wanted: Option<&str>) -> Result<usize, LabelFileProblem> {
    match (wanted, columns) {
        (None, [_]) => Ok(0),
        (None, _) => Err(LabelFileProblem::ChooseColumn(columns.join(", "))),
        (Some(wanted), _) => columns
            .iter()
            .position(|column| column == wanted)
            .ok_or_else(|| LabelFileProblem::NoColumn {
                wanted: wanted.to_owned(),
                columns: columns.join(", "),
            }),
    }
}
