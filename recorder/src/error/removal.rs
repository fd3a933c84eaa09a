//! Why it cannot be told which samples a final training is to leave out, or what it would leave.

/// What is wrong with a list of samples, or with what it leaves.
#[derive(Debug, thiserror::Error)]
pub enum RemovalProblem {
    /// A table has no column that is needed.
    #[error("there is no column {wanted} among {columns}; {way_out}")]
    NoColumn {
        /// The column.
        wanted: &'static str,
        /// Those that are there.
        columns: String,
        /// What to give.
        way_out: &'static str,
    },
    /// An id is no number.
    #[error("{place}: {found:?} is no sample id; ids are whole numbers, as in the log")]
    NoId {
        /// Row, from 0, or line, from 1.
        place: String,
        /// What stands there.
        found: String,
    },
    /// There is no sample at a place.
    #[error(
        "row {in_list}: there is no training sample in row {row} of {file}; leave it out, or name files and rows as the tables of the analyzer do"
    )]
    NoSampleAt {
        /// From 0, the header not counted.
        in_list: usize,
        /// The file.
        file: String,
        /// The row there.
        row: String,
    },
    /// An id is none of the data's owner, though others are.
    #[error(
        "there is no training sample whose {column} is {id:?}; leave it out, or give the file of these data"
    )]
    UnknownOwnId {
        /// What stands there.
        id: String,
        /// The column of their ids.
        column: String,
    },
    /// Ids may be those of the log or of the data's owner.
    #[error(
        "its numbers are ids of the log and values of {column}, too, of other samples; name the samples by their ids in the log, which an AUM table has beside yours, in a .csv file whose first line says sample_id"
    )]
    TwoMeanings {
        /// The column of the owner's ids.
        column: String,
    },
    /// An id is that of no training sample.
    #[error(
        "there is no training sample {id} ({unknown} of the {listed} ids are unknown, those here go from {first} to {last}); is it a list for another data set or `data_seed`?"
    )]
    UnknownId {
        /// The first unknown one.
        id: i64,
        /// How many are unknown.
        unknown: usize,
        /// How many the list has.
        listed: usize,
        /// The least id here.
        first: i64,
        /// The greatest id here.
        last: i64,
    },
    /// A sample is listed twice.
    #[error("sample {id} is listed twice; leave one of the two out")]
    Twice {
        /// Its id.
        id: i64,
    },
    /// A table that should have all samples has not.
    #[error(
        "it has {listed} samples, but the training set {samples}; is it the table of another data set, `subset` or `validation`?"
    )]
    OtherCount {
        /// How many it has.
        listed: usize,
        /// How many there are.
        samples: usize,
    },
    /// Samples have other given labels in a table than here.
    #[error(
        "sample {id} has the given label {listed} there, but {here} here ({different} of {compared} differ); it is of another data set, noise, `data_seed` or order of rows"
    )]
    OtherLabels {
        /// The first that differs.
        id: i64,
        /// Its label in the table.
        listed: i64,
        /// Its label here.
        here: u32,
        /// How many differ.
        different: usize,
        /// How many were compared.
        compared: usize,
    },
    /// Samples come from other rows in a table than here.
    #[error(
        "sample {id} is {listed} there, but {here} here ({different} of {compared} differ); it is of other data, or of another order of rows"
    )]
    OtherPlaces {
        /// The first that differs.
        id: i64,
        /// Its file and row in the table.
        listed: String,
        /// Its file and row here.
        here: String,
        /// How many differ.
        different: usize,
        /// How many were compared.
        compared: usize,
    },
    /// A table has several runs.
    #[error("it has the runs {0}; write the table of one of them, or name it by `like`")]
    SeveralRuns(String),
    /// A table has not the run that is asked for.
    #[error("it has no row of the run {run}, but of {found}")]
    NoSuchRun {
        /// The run.
        run: String,
        /// Those that are there.
        found: String,
    },
    /// A cell has a value that is not known.
    #[error("row {row}, column {column}: {found:?} is none of {known}")]
    UnknownValue {
        /// From 0, the header not counted.
        row: usize,
        /// The column.
        column: &'static str,
        /// What stands there.
        found: String,
        /// What can stand there.
        known: &'static str,
    },
    /// A label is that of no class.
    #[error("{}: {reason}", crate::error::label_file::place("", *row, None))]
    Label {
        /// From 0, the header not counted; `None` where it is about all labels.
        row: Option<usize>,
        /// Why.
        reason: String,
    },
    /// A file of labels in place of a table, a decoder, or the system refuses.
    #[error(transparent)]
    Unreadable(#[from] crate::error::label_file::LabelFileProblem),
}

/// Why a final training cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum FinalTrainingError {
    /// A list of samples cannot be used.
    #[error("{}: {problem}", path.display())]
    List {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        problem: RemovalProblem,
    },
    /// A class would have no samples.
    #[error(
        "{what} leaves no sample of class {class} ({class_name}), which the network could then never learn"
    )]
    EmptiedClass {
        /// What leaves samples out, for people.
        what: String,
        /// The index of the class.
        class: usize,
        /// Its name.
        class_name: String,
    },
    /// Nobody knows which labels are wrong.
    #[error(
        "it is not known which labels are wrong, so they cannot be left out; put noise in, or give the true labels"
    )]
    UnknownTruth,
    /// More samples are to be left out than there are.
    #[error("{asked} samples are to be left out at random, but there are {samples}")]
    TooMany {
        /// How many are to be left out.
        asked: usize,
        /// How many there are.
        samples: usize,
    },
    /// The labels are not those of the run that is followed.
    #[error(
        "the labels drawn now are not those of the run {run}: its data have changed, or were read by another version; give its options yourself in place of `like`"
    )]
    OtherLabels {
        /// The run.
        run: String,
    },
    /// A training of this name is there.
    #[error("{}: a training of this name is already there", path.display())]
    Exists {
        /// Its record.
        path: std::path::PathBuf,
    },
    /// Its record cannot be read or written.
    #[error("{}: the record of the training {reason}", path.display())]
    Record {
        /// Its record.
        path: std::path::PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The network cannot be written.
    #[error("{}: it cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A saved network cannot be used.
    #[error("{}: {reason}", path.display())]
    Model {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        reason: String,
    },
}
