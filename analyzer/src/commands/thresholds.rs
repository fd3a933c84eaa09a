//! `analyzer thresholds`: what each percentile would flag, and how sure its threshold is.

use analyzer::{AumSettings, Percentile, RowParts, RunAums, sweep_report};
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::memory::MemoryArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::protocol::ProtocolArgs;
use crate::commands::options::verdict::analyzed;
use crate::commands::options::window::WindowArgs;

const EXAMPLES: &str = "\
Examples:
  See what every percentile from 90 to 100 would flag, in every run in logs/:
    analyzer thresholds logs

  A finer look at one run, for a spreadsheet:
    analyzer thresholds logs --run my-run --percentiles 97,98,99,99.5,99.9 -o sweep.csv";

/// Compare percentiles: thresholds, flagged shares and, with known labels, precision and recall.
///
/// For each percentile of the threshold samples' AUMs: the AUM threshold of each pass, how many
/// samples are flagged and, where true labels are known, precision, recall and F1, with the best F1
/// marked. How sure a threshold is, two things tell: how far it moves between passes, and its 95 %
/// interval (bootstrap over the threshold samples, up to 1,000 resamples of a fixed stream).
///
/// A percentile that was picked by its F1 was picked by looking at the truth: that is for analysis,
/// and says nothing about how well it would do elsewhere.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ThresholdsArgs {
    #[command(flatten)]
    logs: LogArgs,

    /// Percentiles to compare, in percent, with commas between them
    #[arg(
        long,
        value_name = "P,P,…",
        value_delimiter = ',',
        default_value = "90,91,92,93,94,95,96,97,98,99,100"
    )]
    percentiles: Vec<Percentile>,

    #[command(flatten)]
    window: WindowArgs,

    #[command(flatten)]
    memory: MemoryArgs,

    #[command(flatten)]
    protocol: ProtocolArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ThresholdsArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        let settings = AumSettings {
            protocol: self.protocol.protocol(),
            ..self.window.settings()
        };
        let logs = self.logs.read(self.memory.keep(&settings)?, &sink)?;
        let analyses = analyzed(&logs, &settings, &sink)?;
        let reports = analyses.iter().map(|(log, analysis)| {
            let run = RunAums::of_analysis(log, analysis);
            sweep_report(run, &self.percentiles, settings.protocol)
        });
        sink.reports(&reports.collect::<Vec<_>>())
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(self.logs.needing(RowParts::Margins))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}
