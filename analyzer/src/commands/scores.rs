//! `analyzer scores`: the statistics that others use, beside the AUM.

use analyzer::{Keep, Report, ResultTable, RowParts, sample_scores, scores_report, scores_table};
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::borrowed;
use crate::commands::options::window::WindowArgs;

const EXAMPLES: &str = "\
Examples:
  How well the AUM and other statistics tell mislabeled samples apart, where the truth is known:
    analyzer scores logs

  Write all scores of all samples, over every recorded epoch:
    analyzer scores logs --epochs .. -o scores.parquet";

/// Compute the statistics that others use to find mislabeled samples, beside the AUM.
///
/// From the margins: the last margin; correctness, the share of epochs in which the given label has
/// the largest logit (data maps, Swayamdipta et al. 2020); forgetting events, how often a sample goes
/// from right to wrong, with one that is never right counted in every epoch (Toneva et al. 2019).
/// From the logits: confidence and variability, mean and standard deviation of the given label's
/// probability (Swayamdipta et al. 2020); EL2N, the mean length of the error vector (Paul et al.
/// 2021, there at one early epoch); the mean loss. All over the epochs that count and the passes in
/// which a sample is no threshold sample; probabilities are over all outputs, the extra class
/// included, as in training.
///
/// AUROC is the probability that a mislabeled sample is more suspicious than one that is not.
///
/// The table of -o, and of --format csv, has a row per sample.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ScoresArgs {
    #[command(flatten)]
    logs: LogArgs,

    #[command(flatten)]
    window: WindowArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ScoresArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        let logs = self.logs.read(Keep::Margins, &sink)?;
        let analyses = self.window.analyzed(&logs)?;
        let runs = borrowed(&analyses);
        let scores = sample_scores(&sink.files, &runs)?;
        let found = || runs.iter().zip(&scores);
        let reports: Vec<Report> = found()
            .map(|((log, analysis), scores)| scores_report(log, analysis, scores))
            .collect();
        sink.reports_beside(&reports, || {
            ResultTable::of_runs(
                found()
                    .map(|((log, analysis), scores)| (*log, scores_table(log, analysis, scores))),
            )
        })
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(self.logs.needing(RowParts::Logits))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}
