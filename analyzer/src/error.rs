//! What can keep the analyzer from an answer: one variant a reason, each saying where and what to
//! do about it.

use std::path::{Path, PathBuf};

use logformat::{LogError, PartName};

/// Why logs could not be found, put together, analyzed, or a table not written. The library knows no
/// command line: which of its flags is the way out, the program adds.
///
/// The text of each variant is one line and leaves the text of its source out: print the chain
/// (`{:#}` of `anyhow`) to see both.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzerError {
    /// One file is at fault.
    #[error(transparent)]
    Log(#[from] LogError),

    // Finding the logs.
    /// Nothing is there.
    #[error(
        "{path}: there is no such file or folder; give log files, a folder of logs, or a quoted glob such as 'logs/*.parquet'"
    )]
    NoSuchPath {
        /// What was asked for.
        path: PathBuf,
    },
    /// The folder has no log.
    #[error(
        "{path}: the folder holds no *.parquet files; record a run into it, or give the folder that holds the logs"
    )]
    NoLogsInFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The folder has no log, but one in it has.
    #[error(
        "{path}: the folder holds no *.parquet files, but {below} does; give that, or all such folders as '{pattern}'"
    )]
    LogsBelow {
        /// The folder.
        path: PathBuf,
        /// The folder in it.
        below: PathBuf,
        /// A glob for the files of all folders in it.
        pattern: String,
    },
    /// The folder of a run's own files, beside which its logs lie.
    #[error(
        "{path}: the folder holds the configuration of a run; its logs lie beside it, so give '{pattern}'"
    )]
    RunFolder {
        /// The folder.
        path: PathBuf,
        /// A glob for the logs beside it.
        pattern: String,
    },
    /// No file is called as the glob asks.
    #[error("{pattern}: no log matches; check the folder and the name, or record a run first")]
    NoMatch {
        /// The glob.
        pattern: String,
    },
    /// The glob cannot be understood.
    #[error("{pattern}: is no valid glob ({reason}); give for example 'logs/*.parquet'")]
    BadGlob {
        /// The glob.
        pattern: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Logs in object storage cannot be had.
    #[error("{address}: {reason}")]
    ObjectStorage {
        /// The address of the logs.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// A file or folder cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },

    /// A query cannot name the columns of both files.
    #[error(
        "{path}: has other columns than {other_path}, but a query names the same ones for all files; give files of one kind"
    )]
    ColumnsDiffer {
        /// The file.
        path: PathBuf,
        /// The file that it contradicts.
        other_path: PathBuf,
    },

    // Putting files together.
    /// A sample has two rows in one epoch of one pass.
    #[error(
        "{path}: sample {sample_id} is recorded a second time in pass {pass}, epoch {epoch} (first in {first_in}); {}",
        match PartName::are_two(path, Path::new(first_in)) {
            true => "as they are called, one file is of training and the other is not: only samples that are trained on have an AUM, so give the files of training alone",
            false => "leave one of the two out, or, if these are different runs, give each its own name in the column run",
        }
    )]
    RecordedTwice {
        /// The file.
        path: PathBuf,
        /// The sample.
        sample_id: String,
        /// The pass, from 1.
        pass: u32,
        /// The epoch.
        epoch: u32,
        /// The file, or files, with the first of the two.
        first_in: String,
    },
    /// A row says of a sample that it is mislabeled, or not, and has a true label that says the opposite.
    #[error(
        "{path}: sample {sample_id} is {}mislabeled by the column is_mislabeled, but its true label says the opposite; leave one of the two columns out",
        if *is_mislabeled { "" } else { "not " }
    )]
    MarkContradicts {
        /// The file.
        path: PathBuf,
        /// The sample.
        sample_id: String,
        /// What the column says.
        is_mislabeled: bool,
    },
    /// A sample is trained on different labels within a pass.
    #[error(
        "{path}: sample {sample_id} has label {label}, but {other_label} in epoch {other_epoch}; labels must not change within a pass, so leave out the files that do not belong to it, or record the run again"
    )]
    AssignedLabelChanges {
        /// The file.
        path: PathBuf,
        /// The sample.
        sample_id: String,
        /// The label in this file.
        label: u32,
        /// The label before.
        other_label: u32,
        /// An epoch that has it so.
        other_epoch: u32,
    },
    /// A sample is a threshold sample in a part of a pass only.
    #[error(
        "{path}: sample {sample_id} is {} threshold sample, but {} one in epoch {other_epoch}; threshold samples must not change within a pass, so leave out the files that do not belong to it, or record the run again",
        if *.is_threshold_sample { "a" } else { "no" }, if *.is_threshold_sample { "not" } else { "is" }
    )]
    ThresholdMarkChanges {
        /// The file.
        path: PathBuf,
        /// The sample.
        sample_id: String,
        /// What this file says.
        is_threshold_sample: bool,
        /// An epoch that says the opposite.
        other_epoch: u32,
    },
    /// An ordinary sample is not trained on its given label.
    #[error(
        "{path}: sample {sample_id} has assigned label {assigned_label} and given label {given_label}, but is no threshold sample; the two labels differ for threshold samples only, so mark those in the column is_threshold_sample"
    )]
    AssignedIsNotGiven {
        /// The file.
        path: PathBuf,
        /// The sample.
        sample_id: String,
        /// The class that it is trained on.
        assigned_label: u32,
        /// The class that the data set carries.
        given_label: u32,
    },
    /// A sample has different given, or true, labels within a run.
    #[error(
        "{path}: sample {sample_id} has {kind} label {label}, but {other_label} in {other_path}; a run has one {kind} label for each sample, so if these are different runs, give each its own name in the column run"
    )]
    LabelDiffers {
        /// The file.
        path: PathBuf,
        /// The sample.
        sample_id: String,
        /// `given` or `true`.
        kind: &'static str,
        /// The label in this file.
        label: u32,
        /// The label before.
        other_label: u32,
        /// The file that it contradicts.
        other_path: PathBuf,
    },
    /// A run has integers and texts as sample ids.
    #[error(
        "{path}: the sample ids are {found}, but {expected} in {other_path}; a run uses one kind, so cast the column sample_id in one of them"
    )]
    MixedSampleIds {
        /// The file.
        path: PathBuf,
        /// The kind of ids in it.
        found: &'static str,
        /// The kind of ids before.
        expected: &'static str,
        /// The file that it contradicts.
        other_path: PathBuf,
    },
    /// The number of classes changes within a pass.
    #[error(
        "{path}: the rows have {found} logits, but {expected} in {other_path}; a pass has one number of classes, so leave out the files that do not belong to it"
    )]
    LogitCountChanges {
        /// The file.
        path: PathBuf,
        /// How many logits its rows have.
        found: usize,
        /// How many logits the rows before have.
        expected: usize,
        /// The file that it contradicts.
        other_path: PathBuf,
    },

    // Adding margins up.
    /// Sums of margins were to be kept, which are added up in the order of the epochs, and the files have another.
    #[error("{path}: rows of epoch {epoch} come after those of epoch {other_epoch}")]
    EpochsOutOfOrder {
        /// The file.
        path: PathBuf,
        /// The epoch.
        epoch: u32,
        /// A later epoch, whose rows came before.
        other_epoch: u32,
    },
    /// Sums of margins were to be kept, and only a later file tells where the default window ends.
    #[error(
        "{path}: says that the learning rate drops at epoch {epoch}, which the files before it do not"
    )]
    LateLearningRateDrop {
        /// The file.
        path: PathBuf,
        /// Where the learning rate drops.
        epoch: u32,
    },

    // Tables that are read: AUMs, true labels.
    /// A table that is read (AUMs, true labels) is not what it should be.
    #[error("{path}: {reason}")]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The table of true labels is not there.
    #[error("{path}: there is no such file")]
    NoTrueLabelTable {
        /// The file.
        path: PathBuf,
    },
    /// A table of true labels has none for the samples of a run.
    #[error("{path}: {reason}")]
    NoCommonSamples {
        /// The file.
        path: PathBuf,
        /// The ids that both have instead.
        reason: String,
    },
    /// An AUM table was given where the margins of every epoch are needed.
    #[error(
        "{path}: is an AUM table, which has no curves, and this needs the margins of every epoch; give the logs that the table was computed from"
    )]
    NoCurves {
        /// The file.
        path: PathBuf,
    },
    /// An AUM table was given where logits are asked for.
    #[error("{path}: is an AUM table, which has no logits")]
    NoLogits {
        /// The file.
        path: PathBuf,
    },
    /// Epochs were asked for of an AUM table.
    #[error("run {run}: an AUM table does not tell the epochs")]
    TableHasNoEpochs {
        /// The name of the run.
        run: String,
        /// What was asked for.
        requested: String,
    },

    // Choosing among them.
    /// A run was asked for that the logs do not have.
    #[error("there is no run {run} in the logs; they have {found}")]
    NoSuchRun {
        /// The name asked for.
        run: String,
        /// The names there are.
        found: String,
    },
    /// The logs have several runs, where one is needed.
    #[error("the logs hold {count} runs, {found}, and this is of one")]
    SeveralRuns {
        /// How many.
        count: usize,
        /// The names of the first of them.
        found: String,
    },
    /// A pass was asked for that the run does not have.
    #[error("run {run}: there is no pass {pass}; it has {found}")]
    NoSuchPass {
        /// The name of the run.
        run: String,
        /// The number asked for.
        pass: u32,
        /// The numbers there are.
        found: String,
    },

    // Analyzing.
    /// None of the epochs asked for was recorded.
    #[error(
        "run {run}: no epoch within {requested} was recorded; the log has epochs {first} to {last}"
    )]
    NoEpochInWindow {
        /// The name of the run.
        run: String,
        /// What was asked for.
        requested: String,
        /// The first recorded epoch.
        first: u32,
        /// The last recorded epoch.
        last: u32,
    },

    /// The epoch of the highest held-out accuracy was asked for, and nothing was held out.
    #[error(
        "run {run}: which epoch is best cannot be told, since its record has no accuracy on held-out given labels; recording with folds leaves it"
    )]
    NoHeldOutAccuracies {
        /// The name of the run.
        run: String,
    },

    /// Held-out logits were asked for that the run does not have.
    #[error(
        "run {run}: there are no held-out logits beside its log; recording features, or with folds, leaves them"
    )]
    NoHeldOutLogits {
        /// The name of the run.
        run: String,
    },
    /// Held-out logits do not fit the log that they lie beside.
    #[error(
        "{path}: these held-out logits are not those of the log: the file {reason}; record the run again"
    )]
    HeldOutLogits {
        /// The file.
        path: PathBuf,
        /// What differs.
        reason: String,
    },

    // Plotting.
    /// A sample was asked for that the run does not have.
    #[error(
        "run {run}: there is no sample {sample_id}; give the id of one of its samples, such as {first}"
    )]
    NoSuchSample {
        /// The name of the run.
        run: String,
        /// The id asked for.
        sample_id: String,
        /// The id of a sample that the run has.
        first: String,
    },

    /// The run lacks what the plot shows.
    #[error("run {run}: there is no {kind} plot to draw, since {reason}")]
    NothingToPlot {
        /// The name of the run.
        run: String,
        /// The name of the plot.
        kind: &'static str,
        /// What the run lacks.
        reason: &'static str,
    },
    /// The log does not tell which class the network prefers.
    #[error(
        "{path}: has neither the column rival_label nor logits, so what the network prefers is unknown; record either of them"
    )]
    NoRivalLabels {
        /// The file.
        path: PathBuf,
    },

    // Exporting.
    /// The run lacks what another tool needs.
    #[error("run {run}: {reason}")]
    NothingToExport {
        /// The name of the run.
        run: String,
        /// What it lacks, and what to do about it.
        reason: String,
    },

    // Writing a table.
    /// A file would be replaced, which was not asked for.
    #[error("{path}: is already there")]
    TableExists {
        /// The file.
        path: PathBuf,
    },
    /// A file that is read would be replaced.
    #[error("{path}: is one of the files that are read; write to another file")]
    TableIsLog {
        /// The file.
        path: PathBuf,
    },
    /// The folder to write into is not there.
    #[error("{path}: there is no folder {folder}; make it first, or give another place")]
    NoFolderForTable {
        /// The file.
        path: PathBuf,
        /// The folder that is not there.
        folder: PathBuf,
    },
    /// A folder was given in place of a file to write.
    #[error("{path}: is a folder; give the name of a file to write, such as aum.csv")]
    TableIsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("{path}: cannot be written")]
    WriteTable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// What is to be written does not go into the format of the file.
    #[error("{path}: cannot be encoded ({reason})")]
    EncodeTable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}
