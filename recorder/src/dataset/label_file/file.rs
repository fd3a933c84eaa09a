//! A file of labels, and which of its columns are read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use crate::dataset::label_file::cells::Cell;
use crate::dataset::label_file::{classes, csv, npy, parquet};
use crate::dataset::samples::origins::Kept;
use crate::error::label_file::LabelFileProblem;
use crate::error::run::RecorderError;

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
    /// Reads the labels of a training set of so many samples with these classes. Where it is `kept` of a
    /// larger set, the file may have a label for each sample of that one.
    ///
    /// # Errors
    /// [`RecorderError::LabelFile`] with the column, the row and the reason.
    pub fn read(
        &self,
        samples: usize,
        kept: Option<&Kept>,
        class_names: &[String],
    ) -> Result<GivenLabels, RecorderError> {
        let read = |column: Option<&str>| {
            self.read_column(column, samples, kept, class_names)
                .map_err(|problem| self.error(problem))
        };
        Ok(GivenLabels {
            given: read(self.column.as_deref())?,
            truth: match &self.true_column {
                Some(column) => Some(read(Some(column))?),
                None => None,
            },
        })
    }

    /// The names of the classes that the file tells, for samples without labels of their own: whole
    /// numbers are class indices, and texts are names in the order of their sorting.
    ///
    /// # Errors
    /// [`RecorderError::LabelFile`] where it cannot be read, or has fewer than two classes.
    pub fn class_names(&self) -> Result<Vec<String>, RecorderError> {
        let columns = [
            Some(&self.column),
            self.true_column.is_some().then_some(&self.true_column),
        ];
        let mut cells = Vec::new();
        for column in columns.into_iter().flatten() {
            let read = self.read_decoded(column.as_deref());
            cells.extend(read.map_err(|problem| self.error(problem))?.1);
        }
        let names = classes::names(&cells);
        match names.len() {
            0 | 1 => Err(self.error(LabelFileProblem::OneClass)),
            _ => Ok(names),
        }
    }

    fn error(&self, problem: LabelFileProblem) -> RecorderError {
        RecorderError::LabelFile {
            path: self.path.clone(),
            problem,
        }
    }

    fn read_column(
        &self,
        column: Option<&str>,
        samples: usize,
        kept: Option<&Kept>,
        class_names: &[String],
    ) -> Result<Vec<u32>, LabelFileProblem> {
        let (column, cells) = self.read_decoded(column)?;
        let kept = kept.filter(|kept| kept.of == cells.len());
        let cells = match kept {
            Some(kept) => kept.places.iter().map(|&row| cells[row].clone()).collect(),
            None => cells,
        };
        self.check_length(cells.len(), samples, &column)?;
        classes::from_cells(&cells, class_names).map_err(|(sample, reason)| {
            LabelFileProblem::Label {
                column,
                row: 1 + kept.map_or(sample, |kept| kept.places[sample]),
                sample,
                reason,
            }
        })
    }

    fn read_decoded(&self, column: Option<&str>) -> Result<(String, Vec<Cell>), LabelFileProblem> {
        // The decoders of Parquet and NPY panic on some damaged files.
        catch_unwind(AssertUnwindSafe(|| self.read_cells(column)))
            .unwrap_or(Err(LabelFileProblem::Damaged))
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

/// The labels of the training samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenLabels {
    /// The label that each sample carries: the one under suspicion.
    pub given: Vec<u32>,
    /// The label known to be right, where that is known.
    pub truth: Option<Vec<u32>>,
}
