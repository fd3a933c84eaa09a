//! `analyzer confusions`: the systematic mistakes, and a corrected label for each flagged sample.

use std::path::{PathBuf, absolute};

use analyzer::{
    Keep, ResultTable, RowParts, TableFile, confusions_report, suggestion_table, suggestions,
};
use anyhow::bail;
use clap::Args;
use program::WrongUse;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::{VerdictArgs, analyzed, borrowed};

const EXAMPLES: &str = "\
Examples:
  Which classes are taken for which, with three samples of each to look at:
    analyzer confusions logs --examples 3

  Write a corrected label for each flagged sample of one run, for people to check:
    analyzer confusions logs --run my-run --suggest corrections.csv";

/// Count the systematic mistakes: flagged samples by given class and the class the network prefers.
///
/// In each epoch of the window in which a flagged sample's margin is negative, the network prefers
/// another class (the log's column rival_label, or from the logits). The class preferred most often,
/// over all passes that judge the sample, is suggested instead of the given label; its support is
/// the share of these epochs that prefer it. With known true labels, it is told how often the
/// suggestion is right.
///
/// The table of -o, and of --format csv, has a row per pair of classes; that of --suggest a row per
/// flagged sample.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ConfusionsArgs {
    #[command(flatten)]
    logs: LogArgs,

    /// How many samples to name for each pair of classes, the lowest AUM first
    #[arg(long, value_name = "N", default_value_t = 5)]
    examples: usize,

    /// Write the flagged samples with the suggested label and its support to this .csv, .parquet
    /// or .json file
    #[arg(long, value_name = "FILE", group = "written")]
    suggest: Option<TableFile>,

    #[command(flatten)]
    verdict: VerdictArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ConfusionsArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        if let Some(file) = &self.suggest {
            let read = sink.files.iter().chain(&self.logs.true_labels);
            let read: Vec<PathBuf> = read.cloned().collect();
            file.check(&read, self.output.overwrite)?;
            check_apart(file, self.output.file())?;
        }
        let logs = self.logs.read(Keep::Margins, &sink)?;
        let settings = self.verdict.settings();
        let analyses = analyzed(&logs, &settings, &sink)?;
        let runs = borrowed(&analyses);
        let found = suggestions(&sink.files, &runs)?;
        let found = || runs.iter().zip(&found);
        if let Some(file) = &self.suggest {
            let tables = found()
                .map(|((log, analysis), found)| (*log, suggestion_table(log, analysis, found)));
            sink.write_to(file, &ResultTable::of_runs(tables))?;
        }
        let reports = found().map(|((log, analysis), found)| {
            confusions_report(log, analysis, &settings, found, self.examples)
        });
        sink.reports(&reports.collect::<Vec<_>>())
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        let needs = self.logs.needing(RowParts::RivalLabels);
        Some(needs.judged_by(&self.verdict))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}

/// Two tables in one file would leave only the later one.
fn check_apart(suggestions: &TableFile, confusions: Option<&TableFile>) -> anyhow::Result<()> {
    let path = suggestions.path();
    let place = absolute(path)?;
    if let Some(other) = confusions
        && absolute(other.path())? == place
    {
        let path = path.display();
        bail!(WrongUse(format!(
            "{path}: is the file of both --suggest and -o; give one of them another name"
        )));
    }
    Ok(())
}
