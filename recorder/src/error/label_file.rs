//! What can be wrong with a file of labels, each with the way out.

/// What is wrong with a file of labels; rows count from 1, a header line not counted.
#[derive(Debug, thiserror::Error)]
pub enum LabelFileProblem {
    /// The system, or a decoder, cannot read the file.
    #[error("the labels cannot be read: {0}")]
    Unreadable(String),
    /// The decoder of the file panics.
    #[error("the file is damaged and cannot be decoded; make it again")]
    Damaged,
    /// The name of the file does not tell its format.
    #[error("the suffix is not one of a file of labels; .parquet, .csv and .npy are read")]
    Suffix,
    /// A column is asked for that is not there.
    #[error("there is no column {wanted}, but {columns}")]
    NoColumn {
        /// The column.
        wanted: String,
        /// Those that are there.
        columns: String,
    },
    /// There are several columns.
    #[error("there are the columns {0}")]
    ChooseColumn(String),
    /// The first label of a list may have been taken for the name of the column.
    #[error(
        "there are {labels} labels below its first line, {column:?}, which names the columns, but the training set has {samples} samples; where that line is a label, put a line `label` before it"
    )]
    NoHeader {
        /// How many labels are below it.
        labels: usize,
        /// The first line.
        column: String,
        /// How many training samples there are.
        samples: usize,
    },
    /// A column of an array is asked for by its name.
    #[error("the file holds one array without column names, so there is no column {0}")]
    NpyColumn(String),
    /// An array is no list.
    #[error("the array has the shape {0}, but labels are an array of one dimension")]
    NpyShape(String),
    /// An array holds no labels.
    #[error("the array is of {0}, but labels are whole numbers or class names")]
    NpyType(String),
    /// A column holds no labels.
    #[error("column {column} has the type {found}, but labels are whole numbers or class names")]
    Type {
        /// The column.
        column: String,
        /// The type of what it holds.
        found: String,
    },
    /// There is not one label a sample.
    #[error(
        "there are {labels} labels, but the training set has {samples} samples; one label a sample, in the order of the training set"
    )]
    Length {
        /// How many labels there are.
        labels: usize,
        /// How many training samples there are.
        samples: usize,
    },
    /// There is nothing to tell apart.
    #[error(
        "all labels are the same, but a classifier needs two classes; is this the right file and column?"
    )]
    OneClass,
    /// A label is that of no class.
    #[error("{}row {row} (sample {sample}): {reason}", in_column(column))]
    Label {
        /// Its column; empty in an array.
        column: String,
        /// Its row, from 1.
        row: usize,
        /// The training sample, from 0.
        sample: usize,
        /// Why, for people.
        reason: String,
    },
}

impl LabelFileProblem {
    pub(crate) fn unreadable(error: &impl ToString) -> Self {
        let text = error.to_string();
        LabelFileProblem::Unreadable(text.lines().next().unwrap_or_default().to_owned())
    }
}

/// An NPY file has no column to name.
fn in_column(column: &str) -> String {
    match column {
        "" => String::new(),
        column => format!("column {column}, "),
    }
}
