//! What can be wrong with a log: one variant a reason, each saying where and what to do about it.

use std::path::PathBuf;

/// Why a log could not be written or read.
///
/// The text of each variant is one line and leaves the text of its source out: print the chain
/// (`{:#}` of `anyhow`) to see both.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages say what the fields are
pub enum LogError {
    // Reading: the file as a whole.
    #[error("{path}: cannot be read")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path}: is empty (0 bytes); delete it, or write it again")]
    Empty { path: PathBuf },
    #[error("{path}: has no rows; delete it, or write it again")]
    NoRows { path: PathBuf },
    #[error("{path}: is not a Parquet file; give the *.parquet files of a run")]
    NotParquet { path: PathBuf },
    #[error(
        "{path}: is truncated: it begins as Parquet but its footer is missing; copy it again, or record that epoch again"
    )]
    Truncated { path: PathBuf },
    #[error(
        "{path}: is damaged and cannot be decoded ({reason}); copy it again, or record that epoch again"
    )]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "{path}: has format version {found}, newer than {newest}, the newest that this build reads; update the analyzer"
    )]
    NewerVersion {
        path: PathBuf,
        found: String,
        newest: u32,
    },
    #[error(
        "{path}: has format version {found:?}, which is no number; write {newest}, or leave the metadata out"
    )]
    BadVersion {
        path: PathBuf,
        found: String,
        newest: u32,
    },

    // Reading: columns.
    #[error(
        "{path}: is Parquet but not an AUM log: it has no column {column}; see FORMAT.md for the columns"
    )]
    MissingColumn { path: PathBuf, column: &'static str },
    #[error(
        "{path}: has neither a column margin nor a column logits, so there is nothing to compute an AUM from; log one of them"
    )]
    NoMargins { path: PathBuf },
    #[error(
        "{path}: column {column} is {found}, but must be {expected}; cast it and write the file again"
    )]
    WrongType {
        path: PathBuf,
        column: &'static str,
        found: String,
        expected: &'static str,
    },

    // Reading: values. Rows count from 0, as Polars, pandas and DuckDB count them.
    #[error("{path}: row {row}, column {column}: {reason}")]
    Value {
        path: PathBuf,
        row: usize,
        column: &'static str,
        reason: String,
    },

    // Reading: the sample table.
    #[error(
        "{path}: is not a sample table: its column {column} {reason}; see FORMAT.md for its columns"
    )]
    SampleTable {
        path: PathBuf,
        column: &'static str,
        reason: String,
    },

    // Writing.
    #[error("cannot write {path}")]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot encode {path}")]
    Encode {
        path: PathBuf,
        source: parquet::errors::ParquetError,
    },
    #[error("{path}: is already there, and a log is never overwritten; give the run another name")]
    FileExists { path: PathBuf },
    #[error(
        "{folder}: a run named {run} is already logged there ({epoch_files} epoch files); give this run another name, or replace the old one"
    )]
    RunExists {
        folder: PathBuf,
        run: String,
        epoch_files: usize,
    },
    #[error("{path}: is not there, so there is no run to go on with; begin it without resuming")]
    NoRunRecord { path: PathBuf },
    #[error("the run name {name:?} {reason}; use letters, digits, '.', '_', '-', '+' and '='")]
    RunName { name: String, reason: &'static str },
    #[error(
        "the model name {0:?} cannot be part of a file's; use lower-case letters, digits and '-'"
    )]
    ModelName(String),
    #[error("{0}")]
    Samples(String),
    #[error("sample {sample_id}: {reason}")]
    Record { sample_id: String, reason: String },
    #[error("the log's writing thread stopped unexpectedly")]
    WriterStopped,
}
