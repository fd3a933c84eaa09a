//! What can be wrong with a file of labels, each with the way out.

use crate::error::text_file::TextProblem;

/// What is wrong with a file of labels; rows count from 0, a header line not counted.
#[derive(Debug, thiserror::Error)]
pub enum LabelFileProblem {
    /// The system, or a decoder, cannot read the file.
    #[error("the labels cannot be read: {0}")]
    Unreadable(String),
    /// The decoder of the file panics.
    #[error("the file is damaged and cannot be decoded; make it again")]
    Damaged,
    /// A table has another checksum than the one that was written with it.
    #[error(
        "the table is damaged or was changed: its checksum is not the one of what was written; copy it again, or compute it from the logs again"
    )]
    Checksum,
    /// A decision of a report cannot be used.
    #[error("{}: {reason}", place("", *row, None))]
    Decision {
        /// From 0, the header not counted; `None` where it is about all of them.
        row: Option<usize>,
        /// Why, for people.
        reason: String,
    },
    /// The name of the file does not tell its format.
    #[error("the suffix is not one of a file of labels; .parquet, .csv, .tsv and .npy are read")]
    Suffix,
    /// A folder is no file of labels.
    #[error(
        "is a folder, but what is known of the labels is read from one table; give that as the data, or the labels with what is known of them as a file of their own"
    )]
    Folder,
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
        "there are {labels} labels below its first line, {column:?}, which names the columns, but the training set has {samples} samples; where that line is a label, put a line that says label before it"
    )]
    NoHeader {
        /// How many labels are below it.
        labels: usize,
        /// The first line.
        column: String,
        /// How many training samples there are.
        samples: usize,
    },
    /// The files of the data are in the order of their names as texts, and that of their numbers is another.
    #[error(
        "its labels would be taken in the order of the samples, but the files of the data are read in the order of their names, {first} before {second}; number them with zeros (02 before 10), or give labels with the ids of the samples"
    )]
    FilesByName {
        /// A file.
        first: String,
        /// The next one, whose number is lower.
        second: String,
    },
    /// Numbers are names of classes, and the column of a table of results has their indices.
    #[error(
        "column {column} has indices of classes, whose names are in column {beside}, and numbers are names here; take {beside} in its place"
    )]
    IndicesBesideNames {
        /// The column of indices.
        column: String,
        /// That of names.
        beside: String,
    },
    /// A column of an array is asked for by its name.
    #[error("the file holds one array without column names, so there is no column {0}")]
    NpyColumn(String),
    /// An array is no list.
    #[error("the array has the shape {0}, but labels are an array of one dimension")]
    NpyShape(String),
    /// An array holds no labels.
    #[error(
        "the array is of {0}, but labels are whole numbers or class names; in numpy, `astype(str)` makes such of objects"
    )]
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
    #[error("{}: {reason}", place(column, *row, *sample))]
    Label {
        /// Its column; empty in an array.
        column: String,
        /// Its row, from 0; `None` where it is about all of them.
        row: Option<usize>,
        /// The training sample, from 0; `None` where it is not known which one it is about.
        sample: Option<usize>,
        /// Why, for people.
        reason: String,
    },
    /// A column of numbers has something else.
    #[error("column {column} has {found}, but it should hold numbers")]
    NoNumbers {
        /// The column.
        column: String,
        /// What it holds: a type, or the text of a cell.
        found: String,
    },
    /// A label is a number that is not whole.
    #[error(
        "there is a label {0}, but labels are whole numbers, booleans or names; is this the right column?"
    )]
    NotWhole(f64),
    /// It is not clear which of two columns is meant.
    #[error("two columns are called {0}; give them different names")]
    TwoColumns(String),
    /// A file of text is none, or no table.
    #[error(transparent)]
    Text(#[from] TextProblem),
    /// Two rows are about one sample.
    #[error(
        "column {column} has {key:?} in row {first} and in row {second}; leave one of them out"
    )]
    KeyTwice {
        /// The column of ids or file names.
        column: String,
        /// The id or file name.
        key: String,
        /// The first row, from 0.
        first: usize,
        /// The second row, from 0.
        second: usize,
    },
    /// Rows have ids of something else.
    #[error(
        "column {column} has other ids, such as {example}, than the training samples, 0 to {last}; give their ids, or leave the column out where the labels are in the order of the samples"
    )]
    OtherIds {
        /// The column of ids.
        column: String,
        /// One of them.
        example: String,
        /// The last id of the samples.
        last: usize,
    },
    /// A column that nobody named counts the samples otherwise than the rows do.
    #[error(
        "column {0} counts the samples in another order than the rows, which may be what the rows are of, or left from before they were shuffled; call it sample_id where it says whose label a row has, or leave it out where the labels are in the order of the samples"
    )]
    OtherOrder(String),
    /// The data have a column of the file in another order.
    #[error(
        "column {0} is one of the data, too, and has its values in another order there, so that the labels would be those of others; name it as that of your ids by `id_column`, or bring the rows into the order of the data"
    )]
    SharedColumn(String),
    /// The file has the ids of the data under another name and in another order.
    #[error(
        "column {column} has the values of column {of_data} of the data, in another order, so that the labels would be those of others; name that of the data by `id_column`, or bring the rows into the order of the data"
    )]
    SharedIds {
        /// The column of the file.
        column: String,
        /// That of the data.
        of_data: String,
    },
    /// Ids may be those of the data's owner, or the numbers of the samples.
    #[error(
        "column {column} has the ids of column {own} of the data, but they are numbers of other samples, too; call it {own} where it has those ids, or leave `id_column` out where it has the numbers of the samples"
    )]
    TwoMeanings {
        /// The column of the file.
        column: String,
        /// That of the data.
        own: String,
    },
    /// Rows name files of something else.
    #[error(
        "column {column} names other files, such as {example}, than the training samples, such as {file}; give their names, or leave the column out where the labels are in the order of the samples"
    )]
    OtherFiles {
        /// The column of file names.
        column: String,
        /// One of them.
        example: String,
        /// The file of a sample.
        file: String,
    },
    /// The file of a sample is in no row.
    #[error(
        "column {column} names {found} of the {samples} training samples, but not {file}; every training sample needs a label, so complete the file, or leave the others out of the data"
    )]
    NoRowOf {
        /// The column of file names.
        column: String,
        /// The file of the sample.
        file: String,
        /// How many samples it names.
        found: usize,
        /// How many samples there are.
        samples: usize,
    },
    /// The files of several samples end in one name.
    #[error(
        "column {column}: several training samples end in {name:?}; give more of their folders"
    )]
    TwoFiles {
        /// The column of file names.
        column: String,
        /// The name.
        name: String,
    },
}

impl LabelFileProblem {
    pub(crate) fn unreadable(error: &impl ToString) -> Self {
        let text = error.to_string();
        LabelFileProblem::Unreadable(text.lines().next().unwrap_or_default().to_owned())
    }
}

/// Where a reason holds: in a column, which an NPY file has no name for, and a row, or of all labels.
pub(crate) fn place(column: &str, row: Option<usize>, sample: Option<usize>) -> String {
    let column = (!column.is_empty()).then(|| format!("column {column}"));
    let sample = sample.map_or_else(String::new, |sample| format!(" (sample {sample})"));
    let row = row.map(|row| format!("row {row}{sample}"));
    let place: Vec<String> = [column, row].into_iter().flatten().collect();
    match place.is_empty() {
        true => "the labels".to_owned(),
        false => place.join(", "),
    }
}
