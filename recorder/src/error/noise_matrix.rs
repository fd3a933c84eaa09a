//! What can be wrong with a noise matrix.

/// What is wrong with a noise matrix; rows and columns count from 1, as the lines of a file do.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum MatrixProblem {
    #[error("the noise matrix cannot be read: {0}")]
    Unreadable(std::io::Error),
    #[error("row {row} has {entry:?} in column {column}, which is no number")]
    NoNumber {
        row: usize,
        column: usize,
        entry: String,
    },
    #[error("row {row} has {entry} in column {column}, but a probability lies between 0 and 1")]
    NoProbability {
        row: usize,
        column: usize,
        entry: f64,
    },
    #[error("row {row} has {columns} entries, but the data set has {classes} classes")]
    Columns {
        row: usize,
        columns: usize,
        classes: usize,
    },
    #[error("there are {rows} rows, but the data set has {classes} classes; a row is a true class")]
    Rows { rows: usize, classes: usize },
    #[error("row {row} sums to {sum}, but must sum to 1 (within 0.000001); divide it by its sum")]
    Sum { row: usize, sum: f64 },
}
