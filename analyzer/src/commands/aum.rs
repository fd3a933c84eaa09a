//! `analyzer aum`: find the logs, read them, analyze run by run, say what was found.

use analyzer::{
    RowParts, RunSummary, aum_table, protocol_differences, render_summaries, results_by_class,
};
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::memory::MemoryArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::{VerdictArgs, analyzed, borrowed};
use crate::commands::way_out::with_options;

const EXAMPLES: &str = "\
Examples:
  Flag the suspicious samples of every run in logs/, and see the 20 worst:
    analyzer aum logs --bottom 20

  Write all AUMs and verdicts of one run to a table, flagging fewer samples and leaving out the
  last epochs:
    analyzer aum logs --run my-run --percentile 98 --epochs 2..15 -o aum.csv";

/// Compute every sample's AUM, the AUM threshold and the flagged samples.
///
/// A sample's AUM is the mean, over the epochs, of the logit of its label minus the largest other
/// logit. A low one says that the network, led by similar samples, keeps preferring another class.
/// The threshold is a high percentile of the AUMs of the threshold samples, which were given a
/// label that does not exist; samples below it are flagged. With known true labels, precision,
/// recall and F1 of the flagged samples are shown.
///
/// The table of -o, and of --format csv, has a row per sample. As .parquet it has a checksum, which is compared
/// where the table is read again; CSV, which is there to be edited, has none.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AumArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    /// How many of the samples with the lowest AUMs to list
    #[arg(long, value_name = "N", default_value_t = 10)]
    bottom: usize,

    /// Add a table with a row for each given class
    #[arg(long)]
    per_class: bool,

    #[command(flatten)]
    memory: MemoryArgs,

    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Command for AumArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        let keep = self.memory.keep(&self.verdict.settings())?;
        let logs = self.logs.read(keep, &sink)?;
        let settings = self.verdict.settings();
        let analyses = analyzed(&logs, &settings, &sink)?;
        let mut summaries = Vec::new();
        for (log, analysis) in &analyses {
            let mut summary = RunSummary::new(log, analysis, &settings, self.bottom);
            let notes = summary.notes.iter();
            summary.notes = notes.map(|note| with_options(note)).collect();
            summary.other_protocols = protocol_differences(log, &analysis.verdicts, &settings)?;
            summary.by_class = self
                .per_class
                .then(|| results_by_class(&log.given_labels, &log.true_labels, &analysis.verdicts))
                .map(|table| table.with_class_names(&log.class_names));
            summaries.push(summary);
        }
        let text = || render_summaries(&summaries);
        sink.results(text, &summaries, || aum_table(&borrowed(&analyses)))
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        let needs = self.logs.needing(RowParts::Margins);
        Some(needs.judged_by(&self.verdict))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}
