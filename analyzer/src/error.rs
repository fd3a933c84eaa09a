//! What can keep the analyzer from an answer: one variant a reason, each saying where and what to
//! do about it.

use std::path::PathBuf;

use logformat::LogError;

/// Why logs could not be found, put together, analyzed, or a table not written.
///
/// The text of each variant is one line and leaves the text of its source out: print the chain
/// (`{:#}` of `anyhow`) to see both.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages say what the fields are
pub enum AnalyzerError {
    /// One file is at fault.
    #[error(transparent)]
    Log(#[from] LogError),

    // Finding the logs.
    #[error(
        "{path}: there is no such file or folder; give log files, a folder of logs, or a quoted glob such as 'logs/*.parquet'"
    )]
    NoSuchPath { path: PathBuf },
    #[error(
        "{path}: the folder holds no *.parquet files; record a run into it, or give the folder that holds the logs"
    )]
    NoLogsInFolder { path: PathBuf },
    #[error(
        "{path}: the folder holds the configuration of a run; its logs lie beside it, so give '{pattern}'"
    )]
    RunFolder { path: PathBuf, pattern: String },
    #[error("{pattern}: no log matches; check the folder and the name, or record a run first")]
    NoMatch { pattern: String },
    #[error("{pattern}: is no valid glob ({reason}); give for example 'logs/*.parquet'")]
    BadGlob {
        pattern: String,
        reason: &'static str,
    },
    #[error("{address}: {reason}")]
    ObjectStorage { address: String, reason: String },
    #[error("{path}: cannot be read")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },

    #[error(
        "{path}: has other columns than {other_path}, but a query names the same ones for all files; give files of one kind"
    )]
    ColumnsDiffer { path: PathBuf, other_path: PathBuf },

    // Putting files together.
    #[error(
        "{path}: sample {sample_id} is recorded a second time in pass {pass}, epoch {epoch} (first in {first_in}); leave one of the two out, or, if these are different runs, give each its own name in the column run"
    )]
    RecordedTwice {
        path: PathBuf,
        sample_id: String,
        pass: u32,
        epoch: u32,
        first_in: String,
    },
    #[error(
        "{path}: sample {sample_id} has label {label}, but {other_label} in epoch {other_epoch}; labels must not change within a pass, so leave out the files that do not belong to it, or record the run again"
    )]
    AssignedLabelChanges {
        path: PathBuf,
        sample_id: String,
        label: u32,
        other_label: u32,
        other_epoch: u32,
    },
    #[error(
        "{path}: sample {sample_id} is {} threshold sample, but {} one in epoch {other_epoch}; threshold samples must not change within a pass, so leave out the files that do not belong to it, or record the run again",
        if *.is_threshold_sample { "a" } else { "no" }, if *.is_threshold_sample { "not" } else { "is" }
    )]
    ThresholdMarkChanges {
        path: PathBuf,
        sample_id: String,
        is_threshold_sample: bool,
        other_epoch: u32,
    },
    #[error(
        "{path}: sample {sample_id} has assigned label {assigned_label} and given label {given_label}, but is no threshold sample; the two labels differ for threshold samples only, so mark those in the column is_threshold_sample"
    )]
    AssignedIsNotGiven {
        path: PathBuf,
        sample_id: String,
        assigned_label: u32,
        given_label: u32,
    },
    #[error(
        "{path}: sample {sample_id} has {kind} label {label}, but {other_label} in {other_path}; a run has one {kind} label for each sample, so if these are different runs, give each its own name in the column run"
    )]
    LabelDiffers {
        path: PathBuf,
        sample_id: String,
        kind: &'static str,
        label: u32,
        other_label: u32,
        other_path: PathBuf,
    },
    #[error(
        "{path}: the sample ids are {found}, but {expected} in {other_path}; a run uses one kind, so cast the column sample_id in one of them"
    )]
    MixedSampleIds {
        path: PathBuf,
        found: &'static str,
        expected: &'static str,
        other_path: PathBuf,
    },
    #[error(
        "{path}: the rows have {found} logits, but {expected} in {other_path}; a pass has one number of classes, so leave out the files that do not belong to it"
    )]
    LogitCountChanges {
        path: PathBuf,
        found: usize,
        expected: usize,
        other_path: PathBuf,
    },

    // Adding margins up.
    #[error(
        "{path}: rows of epoch {epoch} come after those of epoch {other_epoch}, but --low-memory adds margins up in the order of the epochs; leave it out, or sort the files and their rows by epoch"
    )]
    EpochsOutOfOrder {
        path: PathBuf,
        epoch: u32,
        other_epoch: u32,
    },
    #[error(
        "{path}: says that the learning rate drops at epoch {epoch}, which the files before it do not, but --low-memory has to know beforehand; give the epochs that count as --epochs A..B, or leave --low-memory out"
    )]
    LateLearningRateDrop { path: PathBuf, epoch: u32 },

    // Tables that are read: AUMs, true labels.
    #[error("{path}: {reason}")]
    Table { path: PathBuf, reason: String },
    #[error(
        "{path}: is an AUM table, which has no curves, and this needs the margins of every epoch; give the logs that the table was computed from"
    )]
    NoCurves { path: PathBuf },
    #[error(
        "{path}: is an AUM table, which has no logits; give --from-logits with the logs that the table was computed from"
    )]
    NoLogits { path: PathBuf },
    #[error(
        "run {run}: an AUM table does not tell the epochs, so --epochs {requested} cannot be chosen any more; give the logs that it was computed from"
    )]
    TableHasNoEpochs { run: String, requested: String },

    // Choosing among them.
    #[error("there is no run {run} in the logs; they have {found}, so give one of these to --run")]
    NoSuchRun { run: String, found: String },
    #[error(
        "run {run}: there is no pass {pass}; it has {found}, so give one of these to --pass, or other runs to --run"
    )]
    NoSuchPass {
        run: String,
        pass: u32,
        found: String,
    },

    // Analyzing.
    #[error(
        "run {run}: no epoch within --epochs {requested} was recorded; the log has epochs {first} to {last}"
    )]
    NoEpochInWindow {
        run: String,
        requested: String,
        first: u32,
        last: u32,
    },

    // Plotting.
    #[error(
        "run {run}: there is no sample {sample_id}; give the id of one of its samples, such as {first}, to --sample"
    )]
    NoSuchSample {
        run: String,
        sample_id: String,
        first: String,
    },

    #[error("run {run}: there is no {kind} plot to draw, since {reason}")]
    NothingToPlot {
        run: String,
        kind: &'static str,
        reason: &'static str,
    },
    #[error(
        "{path}: has neither the column rival_label nor logits, so what the network prefers is unknown; record either of them"
    )]
    NoRivalLabels { path: PathBuf },

    // Writing a table.
    #[error("{path}: is already there; give another name, or add --overwrite to replace it")]
    TableExists { path: PathBuf },
    #[error("{path}: is one of the files that are read; write to another file")]
    TableIsLog { path: PathBuf },
    #[error("{path}: there is no folder {folder}; make it first, or give another place")]
    NoFolderForTable { path: PathBuf, folder: PathBuf },
    #[error("{path}: is a folder; give the name of a file to write, such as aum.csv")]
    TableIsFolder { path: PathBuf },
    #[error("{path}: cannot be written")]
    WriteTable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path}: cannot be encoded ({reason})")]
    EncodeTable { path: PathBuf, reason: String },
}
