//! `analyzer thresholds`: what each percentile would flag, and how sure its threshold is.

use analyzer::{
    AumSettings, Percentile, Report, ReportTable, RunAums, Subject, best_f1, protocol_setting,
    sweep_tables, threshold_sweep,
};
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::{LogArgs, MARGINS};
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
        let keep = self.memory.keep(self.window.epochs());
        let logs = self.logs.read(keep, &sink)?;
        let settings = AumSettings {
            epochs: self.window.epochs(),
            protocol: self.protocol.protocol(),
            ..AumSettings::default()
        };
        let mut reports = Vec::new();
        for (log, _) in analyzed(&logs, &settings, &sink)? {
            reports.push(report(RunAums::of_log(log, &settings)?, self, &settings));
        }
        sink.reports(&reports)
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(self.logs.needing(MARGINS))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}

fn report(run: RunAums, args: &ThresholdsArgs, settings: &AumSettings) -> Report {
    let rows = threshold_sweep(&run, &args.percentiles, settings.protocol);
    let [sweep, stability] = sweep_tables(&run, &rows);
    let mut used = run.settings;
    used.push(protocol_setting(settings.protocol));
    let mut notes = Vec::new();
    if rows.iter().all(|row| row.flagged.is_none()) {
        notes.push("there are no threshold samples, so no percentile of them: record with threshold samples".to_owned());
    }
    if let Some(best) = best_f1(&rows) {
        notes.push(format!(
            "the best F1 is that of percentile {}, which the true labels picked: that is for analysis, not for choosing a percentile",
            rows[best].percentile
        ));
    }
    Report {
        subject: Subject::Run(run.run),
        settings: used,
        tables: vec![
            ReportTable {
                name: "percentiles",
                caption: "What each percentile flags:".to_owned(),
                table: sweep,
            },
            ReportTable {
                name: "stability",
                caption: "How sure each threshold is (95 % bootstrap interval; how far passes lie apart):"
                    .to_owned(),
                table: stability,
            },
        ],
        notes,
        class_names: run.class_names,
    }
}
