//! What can be wrong with a log: one variant a reason, each saying where and what to do about it.

use std::path::PathBuf;

/// Why rows of several parts are refused, and the way out.
pub const ONE_PART_ALONE: &str = "only samples that are trained on have an AUM, so leave the rows of the others out, or this column where all of them were trained on";

/// Why a log could not be written or read.
///
/// The text of each variant is one line and leaves the text of its source out: print the chain
/// (`{:#}` of `anyhow`) to see both.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    // Reading: the file as a whole.
    /// The file cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file has no byte.
    #[error("{path}: is empty (0 bytes); delete it, or write it again")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file has no row.
    #[error("{path}: has no rows; delete it, or write it again")]
    NoRows {
        /// The file.
        path: PathBuf,
    },
    /// The file is of another kind.
    #[error("{path}: is not a Parquet file; give the *.parquet files of a run")]
    NotParquet {
        /// The file.
        path: PathBuf,
    },
    /// The end of the file is missing.
    #[error(
        "{path}: is truncated: it begins as Parquet but its footer is missing; copy it again, or record that epoch again"
    )]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// The file contradicts itself.
    #[error(
        "{path}: is damaged and cannot be decoded ({reason}); copy it again, or record that epoch again"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file is of a version to come.
    #[error(
        "{path}: has format version {found}, newer than {newest}, the newest that this build reads; update the analyzer"
    )]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// What is there.
        found: String,
        /// The newest version that is known.
        newest: u32,
    },
    /// The file's version is no number.
    #[error(
        "{path}: has format version {found:?}, which is no number; write {newest}, or leave the metadata out"
    )]
    BadVersion {
        /// The file.
        path: PathBuf,
        /// What is there.
        found: String,
        /// The newest version that is known.
        newest: u32,
    },

    /// What the file has is allowed in Parquet, and not built in here.
    #[error("{path}: {reason}, which this build does not read; write the file with {instead}")]
    NotRead {
        /// The file.
        path: PathBuf,
        /// What it has.
        reason: String,
        /// What to write instead.
        instead: &'static str,
    },

    /// A hive partition says no pass or epoch.
    #[error(
        "{path}: the folder {folder} gives no whole number from {least} on; rename it, such as to epoch=3"
    )]
    Partition {
        /// The file.
        path: PathBuf,
        /// The folder, such as `epoch=last`.
        folder: String,
        /// The least number that it may give.
        least: u32,
    },

    // Reading: columns.
    /// A column of the format is there more than once.
    #[error(
        "{path}: has {count} columns called {column}, and which one is meant cannot be told; leave all but one out, or name the others otherwise"
    )]
    RepeatedColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// How often it is there.
        count: usize,
    },
    /// A column says that the rows are of several parts of a data set.
    #[error("{path}: some rows have {column} {first}, others {second}: {ONE_PART_ALONE}")]
    SeveralParts {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// What it says of some rows.
        first: String,
        /// What it says of others.
        second: String,
    },
    /// A column is in pandas' metadata alone.
    #[error(
        "{path}: the column {column} is an index of pandas that is no column of the file; write it with df.reset_index().to_parquet(…)"
    )]
    IndexOfPandas {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// A column that every log has is not there.
    #[error(
        "{path}: is Parquet but not an AUM log: it has no column {column}; see FORMAT.md for the columns"
    )]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The missing column.
        column: &'static str,
    },
    /// The file has neither of the columns that margins come from.
    #[error(
        "{path}: has neither a column margin nor a column logits, so there is nothing to compute an AUM from; log one of them"
    )]
    NoMargins {
        /// The file.
        path: PathBuf,
    },
    /// A column has a type that cannot hold its values.
    #[error(
        "{path}: column {column} is {found}, but must be {expected}; cast it and write the file again"
    )]
    WrongType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// What is there.
        found: String,
        /// What should be there.
        expected: &'static str,
    },

    // Reading: values. Rows count from 0, as Polars, pandas and DuckDB count them.
    /// A value is none that its column may have.
    #[error("{path}: row {row}, column {column}: {reason}")]
    Value {
        /// The file.
        path: PathBuf,
        /// The row, from 0.
        row: usize,
        /// The column.
        column: &'static str,
        /// What is wrong.
        reason: String,
    },

    // Reading: the sample table.
    /// A sample table has not the columns that it should.
    #[error(
        "{path}: is not a sample table: its column {column} {reason}; see FORMAT.md for its columns"
    )]
    SampleTable {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// What is wrong.
        reason: String,
    },

    // Writing.
    /// A file cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Rows cannot be encoded as Parquet.
    #[error("cannot encode {path}")]
    Encode {
        /// The file.
        path: PathBuf,
        /// What the encoder says.
        source: parquet::errors::ParquetError,
    },
    /// The file would be replaced.
    #[error("{path}: is already there, and a log is never overwritten; give the run another name")]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// The folder has a run of this name.
    #[error(
        "{folder}: a run named {run} is already logged there ({epoch_files} epoch files); give this run another name, or replace the old one"
    )]
    RunExists {
        /// The folder.
        folder: PathBuf,
        /// The name of the run.
        run: String,
        /// How many of its files are there.
        epoch_files: usize,
    },
    /// A run has another writer.
    #[error(
        "{folder}: another program records the run {run} now; wait until it ends, or give this run another name"
    )]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// The name of the run.
        run: String,
    },
    /// A rank has another writer.
    #[error(
        "{folder}: another program is rank {rank} of the run {run} now; give each rank a number of its own"
    )]
    RankInUse {
        /// The folder of the ranks.
        folder: PathBuf,
        /// The name of the run.
        run: String,
        /// The rank.
        rank: u32,
    },
    /// There is no such rank.
    #[error(
        "there is no rank {rank} of {world_size}; ranks are numbered from 0 to below their number"
    )]
    RankNumber {
        /// The rank.
        rank: u32,
        /// How many ranks there are.
        world_size: u32,
    },
    /// An epoch cannot be put together yet, or, where a rank has died, ever.
    #[error(
        "run {run}, pass {pass}: epoch {epoch} lacks the logits of {missing} of {world_size} ranks: {ranks}; the epochs before it are whole, and what others have of it stays in {shards}",
        missing = ranks.split(", ").count()
    )]
    RanksMissing {
        /// The name of the run.
        run: String,
        /// The pass.
        pass: u32,
        /// The epoch.
        epoch: u32,
        /// The ranks, and what became of each.
        ranks: String,
        /// How many ranks there are.
        world_size: u32,
        /// The folder of the ranks.
        shards: PathBuf,
        /// Whether one of them has died, so that there is nothing to wait for.
        has_died: bool,
    },
    /// Ranks do not train on the same samples.
    #[error(
        "{path}: this rank has other samples, labels or outputs than rank 0; give every rank those of the whole data set, in one order"
    )]
    OtherSamples {
        /// The shard.
        path: PathBuf,
    },
    /// The folder was moved away while the run was written.
    #[error(
        "{folder}: the folder of the run {run} is no longer the one that this program began to write to; put it back, and go on from the last epoch"
    )]
    Moved {
        /// The folder.
        folder: PathBuf,
        /// The name of the run.
        run: String,
    },
    /// A run was to go on that was never begun.
    #[error("{path}: is not there, so there is no run to go on with; begin it without resuming")]
    NoRunRecord {
        /// The file.
        path: PathBuf,
    },
    /// The name of a run does not go into file names.
    #[error("the run name {name:?} {reason}; use letters, digits, '.', '_', '-', '+' and '='")]
    RunName {
        /// The name.
        name: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The name of a model does not go into file names.
    #[error(
        "the model name {0:?} cannot be part of a file's; use lower-case letters, digits and '-'"
    )]
    ModelName(String),
    /// What is said of the samples of a pass contradicts itself.
    #[error("{0}")]
    Samples(String),
    /// The outputs for a sample cannot be logged.
    #[error("sample {sample_id}: {reason}")]
    Record {
        /// The sample.
        sample_id: String,
        /// What is wrong.
        reason: String,
    },
    /// Epochs are written by a thread of their own, which is gone.
    #[error("the log's writing thread stopped unexpectedly")]
    WriterStopped,
}
