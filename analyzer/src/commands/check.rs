//! `analyzer check`: read the files whole, say all that is wrong, fail where something is.

use std::path::PathBuf;

use analyzer::{
    AumSettings, BesideNeeds, LogNeeds, Repeats, analyze, check_logs, log_doubts, soundness_report,
};
use anyhow::bail;
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::addresses::with_addresses;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::repeats::RepeatsArgs;

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
/// value is told, of each run its gaps. Exit status 1 where something is wrong. What is doubtful about
/// a sound log, such as threshold samples on their own labels or a network at chance, is noted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// Log files, folders (their *.parquet files), or quoted globs such as 'logs/*.parquet'; at s3://,
    /// gs:// or az:// too, where the analyzer was built with --features object-storage
    #[arg(value_name = "LOGS", required = true)]
    logs: Vec<PathBuf>,

    #[command(flatten)]
    repeats: RepeatsArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Command for CheckArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs)?;
        let (mut found, runs) = check_logs(&sink.files, self.repeats.rule());
        if found.repeated_rows > 0 && self.repeats.rule() == Repeats::Refuse {
            found.notes.push(
                "rows that repeat a sample, as where a sampler pads its batches, are read with --repeats first or mean"
                    .to_owned(),
            );
        }
        for problem in &mut found.problems {
            problem.place = with_addresses(&problem.place);
            problem.text = with_addresses(&problem.text);
        }
        let settings = AumSettings::default();
        for log in &runs {
            if let Ok(analysis) = analyze(log, &settings) {
                found.notes.extend(log_doubts(log, &analysis));
            }
        }
        sink.reports(&[soundness_report(&found)])?;
        match found.problems.len() {
            0 => Ok(()),
            1 => bail!("1 thing is wrong with the logs, see above"),
            count => bail!("{count} things are wrong with the logs, see above"),
        }
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(Needs {
            logs: &mut self.logs,
            of_logs: LogNeeds::Everything,
            beside: BesideNeeds::EVERYTHING,
        })
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}
