//! `analyzer runs`: which runs there are, to choose one by its name.

use std::path::PathBuf;

use analyzer::{BesideNeeds, LogNeeds, RowParts, list_runs, run_list_report};
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::output::{OutputArgs, Sink};

const EXAMPLES: &str = "\
Examples:
  See which runs are in a folder, and name one of them to another command:
    analyzer runs logs

  For a program, one run a line:
    analyzer runs 'logs/*.parquet' --format csv";

/// List the runs that logs hold: data, samples, classes, passes, epochs, known true labels.
///
/// It is cheap: of the recorder's runs one file of each pass is read, and the names of the others tell their
/// epochs; of other logs, the labels and margins. What is wrong with the rest, check says.
///
/// The table of -o, and of --format csv, has a row per run.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RunsArgs {
    /// Log files, folders (their *.parquet files), quoted globs such as 'logs/*.parquet', or AUM tables; at
    /// s3://, gs:// or az:// too, where the analyzer was built with --features object-storage
    #[arg(value_name = "LOGS", required = true)]
    logs: Vec<PathBuf>,

    #[command(flatten)]
    output: OutputArgs,
}

impl Command for RunsArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs)?;
        let (runs, warnings) = list_runs(&sink.files)?;
        sink.warn(warnings);
        sink.reports(&[run_list_report(&runs)])
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(Needs {
            logs: &mut self.logs,
            of_logs: LogNeeds::Columns(RowParts::Margins.columns(false)),
            beside: BesideNeeds::default(),
        })
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}
