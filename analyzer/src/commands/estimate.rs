//! `analyzer estimate`: what can be said of a run without any known truth.

use std::path::PathBuf;

use analyzer::{
    AnalyzerError, Estimate, EstimateSettings, LabelCounts, Percentile, ResultTable, RowParts,
    RunAnalysis, RunLog, Suggestion, estimate, estimate_doubts, estimate_report, label_counts,
    probability_table, suggestions,
};
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::memory::MemoryArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::borrowed;
use crate::commands::options::window::WindowArgs;

const EXAMPLES: &str = "\
Examples:
  How many labels of a data set are wrong, and what to expect of each percentile:
    analyzer estimate logs

  Write how probably each sample is mislabeled, for one run and two percentiles:
    analyzer estimate logs --run my-run --percentile 95 --percentile 99 -o probabilities.csv";

/// Estimate the noise rate, and the precision and recall to expect, without any known truth.
///
/// How many labels are wrong is counted in several ways, on labels that were not trained on: those of all
/// samples by held-out logits, where the run has them, or else those of the threshold samples by the logits of
/// the network. At random: how many labels are as improbable as labels drawn at random would be, a lower bound.
/// By a table of which class is given for which, and by confident learning. And how many are not the likeliest, an
/// upper bound. The noise rate is that of the first where labels are wrong at random, and that of the next two where
/// the table says that they are not; its range goes from the lower to the upper bound. Where that is long, no number
/// is told.
///
/// The AUMs count as well: the threshold samples show how mislabeled samples behave, so that those of ordinary samples
/// are a mixture of theirs and of clean ones: the noise rate is the largest share of the threshold
/// samples' distribution that fits under that of the ordinary samples from the left (mixture
/// proportion estimation: Blanchard, Lee and Scott 2010; Scott 2015). How probably a sample is
/// mislabeled is that share times the ratio of the two densities, which falls as the AUM rises
/// (isotonic: Grenander 1956). The intervals hold 95 % of what other samples would give
/// (bootstrap), and nothing more.
///
/// What rests on AUMs, precision and recall too, is biased where mislabeled samples do not behave as threshold samples do. Too high:
/// the network underfits, so clean samples have AUMs as low as theirs. Too low, a lower bound: the
/// noise has a pattern that the network learns, as when each class is often given for one other
/// (the expected recall is then too high). Both leave no gap between threshold and clean samples.
///
/// Warned of are: no such gap; flagged samples of a class that have mostly one rival, or noise of
/// that kind named in the log; a pass that learned nothing; few threshold samples; passes whose
/// estimates are more than 10 percentage points apart. No warning is no proof.
///
/// The table of -o, and of --format csv, has a row per sample with its probability.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EstimateArgs {
    #[command(flatten)]
    logs: LogArgs,

    #[command(flatten)]
    window: WindowArgs,

    #[command(flatten)]
    memory: MemoryArgs,

    /// Percentiles to estimate precision and recall for, in percent; give it again for several
    /// [default: 90 to 100]
    #[arg(long = "percentile", value_name = "P", allow_negative_numbers = true)]
    percentiles: Vec<Percentile>,

    /// How many times to draw the samples anew for the intervals
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    resamples: u32,

    /// Seed of these draws
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,

    #[command(flatten)]
    output: OutputArgs,
}

impl EstimateArgs {
    pub(crate) fn settings(&self) -> EstimateSettings {
        let by_default = || (90..=100).filter_map(|p| Percentile::new(f64::from(p)).ok());
        EstimateSettings {
            percentiles: if self.percentiles.is_empty() {
                by_default().collect()
            } else {
                self.percentiles.clone()
            },
            resamples: self.resamples,
            seed: self.seed,
        }
    }
}

impl Command for EstimateArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        let keep = self.memory.keep(&self.window.settings())?;
        let logs = self.logs.read(keep, &sink)?;
        let settings = self.settings();
        let analyses = self.window.analyzed(&logs)?;
        let runs = borrowed(&analyses);
        let rivals = rivals(&sink.files, &runs)?;
        let counts = label_counts(&sink.files, &runs)?;
        let mut reports = Vec::new();
        let mut tables = Vec::new();
        for (number, (log, analysis)) in runs.into_iter().enumerate() {
            let found = estimated(log, analysis, &settings, counts[number])?;
            let flagged = rivals.as_ref().map(|runs| &*runs[number]);
            let doubts = estimate_doubts(log, analysis, &found, flagged);
            if sink.prints_csv() {
                // Elsewhere they are among the notes.
                let place = |doubt| format!("run {}: {doubt}", log.title());
                sink.warn(doubts.iter().map(place));
            }
            reports.push(estimate_report(log, analysis, &settings, &found, &doubts));
            tables.push((log, probability_table(log, analysis, &found)));
        }
        sink.reports_beside(&reports, || ResultTable::of_runs(tables))
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(self.logs.needing(RowParts::Logits))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}

fn estimated(
    log: &RunLog,
    analysis: &RunAnalysis,
    settings: &EstimateSettings,
    counts: Option<LabelCounts>,
) -> anyhow::Result<Estimate> {
    estimate(log, analysis, settings, counts).ok_or_else(|| {
        anyhow::anyhow!(
            "run {}: there are no threshold samples to compare the others with; record with threshold samples, or leave the run out (--run)",
            log.title()
        )
    })
}

/// What the network prefers to the labels of each run's flagged samples; `None` where the logs do not
/// tell it.
fn rivals(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> anyhow::Result<Option<Vec<Vec<Suggestion>>>> {
    if runs.iter().any(|(log, _)| log.is_aum_table()) {
        return Ok(None);
    }
    match suggestions(files, runs) {
        Ok(found) => Ok(Some(found)),
        Err(AnalyzerError::NoRivalLabels { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
