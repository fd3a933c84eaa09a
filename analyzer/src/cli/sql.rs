//! The words of `analyzer sql`.

use std::path::PathBuf;

use analyzer::{Dialect, Percentile};
use clap::{Args, ValueEnum};

use super::shared::WindowArgs;

const EXAMPLES: &str = "\
Examples:
  Compute the AUM table with DuckDB:
    analyzer sql logs --dialect duckdb | duckdb -csv > aum.csv && analyzer evaluate aum.csv

  Print the query for Spark and logs in object storage, which are not looked at:
    analyzer sql 's3://bucket/logs/*.parquet' --dialect spark --percentile 98 --epochs 2..60";

/// Print the query that computes AUMs, thresholds and flagged samples in another engine.
///
/// For logs that lie where an engine runs already, such as those of many machines in object storage:
/// the query runs there, and the small table of AUMs comes back. On one machine `analyzer aum` takes
/// a fraction of the time, and checks what it reads, which a query does not: a label that changes, a
/// sample that is there twice, NaN. It reads object storage too (analyzer aum s3://bucket/logs/, where it
/// was built with --features object-storage), of logs with margins a few percent of their bytes: take
/// that as long as these few percent may leave the storage and come through one network connection in
/// the time you have, and the cluster where they may not, or where margins have to be computed from logits.
///
/// The small table is read again by aum, thresholds, evaluate, estimate, compare and the plots that need
/// no curves: analyzer thresholds aum.csv. Other percentiles and protocols need no new query; another
/// window does.
///
/// The result has a row per run, pass and sample: its AUM in the pass and the threshold of the pass,
/// and over all passes that judge it, its AUM and whether it is flagged. For Polars the query is a
/// Python script. Files on this machine are looked at for their columns and learning-rate drops;
/// addresses such as s3://… are taken to have the columns of the recorder's logs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SqlArgs {
    /// Log files, folders or quoted globs, as the engine will find them
    #[arg(value_name = "LOGS", required = true)]
    pub(crate) logs: Vec<PathBuf>,

    /// The engine
    #[arg(long, value_enum)]
    pub(crate) dialect: DialectWord,

    /// Percentile of the threshold samples' AUMs below which a sample is flagged, in percent: above
    /// 0, up to 100
    #[arg(long, value_name = "P", default_value_t, allow_negative_numbers = true)]
    pub(crate) percentile: Percentile,

    #[command(flatten)]
    pub(crate) window: WindowArgs,

    /// Compute the margins from the logits even where the log has a column of margins
    #[arg(long)]
    pub(crate) from_logits: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DialectWord {
    /// SQL for DuckDB
    Duckdb,
    /// SQL for Apache Spark
    Spark,
    /// Python code for Polars
    Polars,
}

impl DialectWord {
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            DialectWord::Duckdb => Dialect::DuckDb,
            DialectWord::Spark => Dialect::Spark,
            DialectWord::Polars => Dialect::Polars,
        }
    }
}
