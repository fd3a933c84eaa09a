//! What can be wrong with a noise matrix.

use crate::error::text_file::TextProblem;

/// What is wrong with a noise matrix; rows and columns count from 0, as the classes do that they are of.
#[derive(Debug, thiserror::Error)]
pub enum MatrixProblem {
    /// The file is none of text.
    #[error("the noise matrix: {0}")]
    Text(TextProblem),
    /// An entry is no number.
    #[error(
        "row {row} has {entry:?} in column {column}, which is no number; a matrix has no names of classes, but numbers alone, in the order of the classes"
    )]
    NoNumber {
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
        /// The entry.
        entry: String,
    },
    /// An entry is no probability.
    #[error(
        "row {row} has {entry} in column {column}, but a probability lies between 0 and 1; leave out names of columns and rows, and divide counts and percentages by the sum of their row"
    )]
    NoProbability {
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
        /// The entry.
        entry: f64,
    },
    /// A row is too short or too long.
    #[error("row {row} has {columns} entries, but the data set has {classes} classes")]
    Columns {
        /// The row, from 0.
        row: usize,
        /// How many entries it has.
        columns: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// There are too few rows, or too many.
    #[error("there are {rows} rows, but the data set has {classes} classes; a row is a true class")]
    Rows {
        /// How many there are.
        rows: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A row is no distribution.
    #[error("row {row} sums to {sum}, but must sum to 1 (within 0.000001); divide it by its sum")]
    Sum {
        /// The row, from 0.
        row: usize,
        /// The sum of its entries.
        sum: f64,
    },
}
