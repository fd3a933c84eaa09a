//! What can be wrong with a file of labels, each with the way out.

/// What is wrong with a file of labels; rows count from 1, a header line not counted.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum LabelFileProblem {
    #[error("the labels cannot be read: {0}")]
    Unreadable(String),
    #[error("the file is damaged and cannot be decoded; make it again")]
    Damaged,
    #[error("the suffix is not one of a file of labels; .parquet, .csv and .npy are read")]
    Suffix,
    #[error("there is no column {wanted}, but {columns}")]
    NoColumn { wanted: String, columns: String },
    #[error("there are the columns {0}; choose one by --label-column")]
    ChooseColumn(String),
    #[error(
        "there are {labels} labels below its first line, {column:?}, which names the columns, but the training set has {samples} samples; where that line is a label, put a line `label` before it"
    )]
    NoHeader {
        labels: usize,
        column: String,
        samples: usize,
    },
    #[error(
        "the file holds one array without column names, so there is no column {0}; leave --label-column out, and for true labels beside the given ones write Parquet or CSV"
    )]
    NpyColumn(String),
    #[error("the array has the shape {0}, but labels are an array of one dimension")]
    NpyShape(String),
    #[error("the array is of {0}, but labels are whole numbers or class names")]
    NpyType(String),
    #[error("column {column} has the type {found}, but labels are whole numbers or class names")]
    Type { column: String, found: String },
    #[error(
        "there are {labels} labels, but the training set has {samples} samples; one label a sample, in the order of the training set"
    )]
    Length { labels: usize, samples: usize },
    #[error(
        "all labels are the same, but a classifier needs two classes; is this the right file and column?"
    )]
    OneClass,
    #[error("{}row {row} (sample {sample}): {reason}", in_column(column))]
    Label {
        column: String,
        row: usize,
        sample: usize,
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
