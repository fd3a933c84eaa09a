//! The words of `analyzer check`.

use std::path::PathBuf;

use clap::Args;

use super::shared::OutputArgs;

const EXAMPLES: &str = "\
Examples:
  Check all logs in a folder, such as after copying them:
    analyzer check logs

  Check the files of one's own training loop, and list what is wrong for a program:
    analyzer check 'my-logs/*.parquet' --format json";

/// Check whether files are sound logs, and say all that is wrong with them.
///
/// Reads every file whole: the rules of the format (columns, types, labels, NaN, a sample twice, a
/// label that changes), length and checksum where the run kept a record of them, missing passes,
/// epochs and samples, and margins and rival labels against the logits. Of each file the first wrong
/// value is told, of each run its gaps. Exit status 1 where something is wrong.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// Log files, folders (their *.parquet files), or quoted globs such as 'logs/*.parquet'; at s3://,
    /// gs:// or az:// too, where the analyzer was built with --features object-storage
    #[arg(value_name = "LOGS", required = true)]
    pub(crate) logs: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
