//! `analyzer sql`: look at the columns of the logs, print the query.

use std::path::{Path, PathBuf};

use analyzer::{
    AumQuery, Dialect, EpochRange, FirstEpoch, MarginSource, Percentile, QueryColumns,
    default_epochs, log_files, query_source,
};
use clap::Args;
use program::{Word, WrongUse, words};

use crate::commands::command::{Command, Needs};
use crate::commands::options::window::WindowArgs;

const DIALECTS: &[Word<Dialect>] = &[
    ("duckdb", Dialect::DuckDb, "SQL for DuckDB"),
    ("spark", Dialect::Spark, "SQL for Apache Spark"),
    ("polars", Dialect::Polars, "Python code for Polars"),
];

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
/// Python script. Files on this machine are looked at for their columns, first epoch and
/// learning-rate drops; addresses such as s3://… are taken to have those of the recorder's logs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SqlArgs {
    /// Log files, folders or quoted globs, as the engine will find them
    #[arg(value_name = "LOGS", required = true)]
    logs: Vec<PathBuf>,

    /// The engine
    #[arg(long, value_parser = words(DIALECTS))]
    dialect: Dialect,

    /// Percentile of the threshold samples' AUMs below which a sample is flagged, in percent: above
    /// 0, up to 100
    #[arg(long, value_name = "P", default_value_t, allow_negative_numbers = true)]
    percentile: Percentile,

    #[command(flatten)]
    window: WindowArgs,

    /// Compute the margins from the logits even where the log has a column of margins
    #[arg(long)]
    from_logits: bool,
}

impl Command for SqlArgs {
    fn run(&self) -> anyhow::Result<()> {
        let source = if self.from_logits {
            MarginSource::Logits
        } else {
            MarginSource::Log
        };
        let are_remote = self.logs.iter().all(|log| is_remote(log));
        let (columns, first_epoch, drops) = if are_remote {
            let columns = QueryColumns {
                margin: !self.from_logits,
                ..QueryColumns::all()
            };
            (columns, None, Vec::new())
        } else {
            QueryColumns::of_files(&log_files(&self.logs)?, source)?
        };
        if self.window.until_best() {
            return Err(WrongUse(
                "--epochs best needs the record of a run, which no query reads; give the epochs as A..B".to_owned(),
            )
            .into());
        }
        let query = AumQuery {
            sources: self.logs.iter().map(|log| query_source(log)).collect(),
            columns,
            epochs: epochs(self.window.epochs(), first_epoch, &drops),
            percentile: self.percentile,
        };
        Ok(program::print(query.text(self.dialect).as_bytes())?)
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        None
    }
}

/// Where the first epoch is not known, epochs are numbered as the recorder does it.
fn epochs(asked_for: Option<EpochRange>, first_epoch: Option<u32>, drops: &[u32]) -> EpochRange {
    let first = first_epoch.unwrap_or(1);
    asked_for.unwrap_or_else(|| default_epochs(first, drops, FirstEpoch::LeftOut))
}

/// An address such as `s3://bucket/logs`, which this program does not read.
fn is_remote(path: &Path) -> bool {
    path.to_str().is_some_and(|path| path.contains("://"))
}
