//! `analyzer estimate`: what can be said of a run without any known truth.

use std::path::PathBuf;

use analyzer::{
    AnalyzerError, AumSettings, Cells, Estimate, EstimateSettings, Estimated, Percentile, Report,
    ReportTable, ResultTable, RunAnalysis, RunLog, Setting, Subject, Suggestion, analyze, estimate,
    estimate_doubts, is_mislabeled, settings_used, suggestions,
};
use clap::Args;
use serde_json::json;

use crate::commands::command::{Command, Needs};
use crate::commands::judged_samples::judged_samples;
use crate::commands::options::logs::{LogArgs, RIVAL_LABELS};
use crate::commands::options::memory::MemoryArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::window::WindowArgs;

const EXAMPLES: &str = "\
Examples:
  How many labels of a data set are wrong, and what to expect of each percentile:
    analyzer estimate logs

  Write how probably each sample is mislabeled, for one run and two percentiles:
    analyzer estimate logs --run my-run --percentile 95 --percentile 99 -o probabilities.csv";

/// Estimate the noise rate, and the precision and recall to expect, without any known truth.
///
/// The threshold samples show how mislabeled samples behave. So the AUMs of the ordinary samples
/// are a mixture of theirs and of clean ones: the noise rate is the largest share of the threshold
/// samples' distribution that fits under that of the ordinary samples from the left (mixture
/// proportion estimation: Blanchard, Lee and Scott 2010; Scott 2015). How probably a sample is
/// mislabeled is that share times the ratio of the two densities, which falls as the AUM rises
/// (isotonic: Grenander 1956). The intervals hold 95 % of what other samples would give
/// (bootstrap), and nothing more.
///
/// All this is biased where mislabeled samples do not behave as threshold samples do. Too high:
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
        let keep = self.memory.keep(self.window.epochs());
        let logs = self.logs.read(keep, &sink)?;
        let settings = self.settings();
        let window = AumSettings {
            epochs: self.window.epochs(),
            ..AumSettings::default()
        };
        let analyses = logs.runs.iter();
        let analyses = analyses.map(|log| Ok((log, analyze(log, &window)?)));
        let analyses: Vec<_> = analyses.collect::<Result<_, AnalyzerError>>()?;
        let rivals = rivals(&sink.files, &analyses)?;
        let mut reports = Vec::new();
        let mut tables = Vec::new();
        for (number, (log, analysis)) in analyses.iter().enumerate() {
            let found = estimated(log, analysis, &settings)?;
            let flagged = rivals.as_ref().map(|runs| &*runs[number]);
            let doubts = estimate_doubts(log, analysis, &found, flagged);
            let place = |doubt| format!("run {}: {doubt}", log.title());
            sink.warn(doubts.iter().map(place));
            reports.push(report(log, analysis, &settings, &found, &doubts));
            tables.push((log, probability_table(log, analysis, &found)));
        }
        let text = || {
            let texts: Vec<String> = reports.iter().map(Report::render).collect();
            texts.join("\n")
        };
        sink.results(text, &reports, || {
            ResultTable::of_runs(
                tables
                    .iter()
                    .map(|(log, table)| (log.run.as_deref(), table)),
            )
        })
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(self.logs.needing(RIVAL_LABELS))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}

fn estimated(
    log: &RunLog,
    analysis: &RunAnalysis,
    settings: &EstimateSettings,
) -> anyhow::Result<Estimate> {
    estimate(log, analysis, settings).ok_or_else(|| {
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
    analyses: &[(&RunLog, RunAnalysis)],
) -> anyhow::Result<Option<Vec<Vec<Suggestion>>>> {
    let runs = analyses.iter().map(|(log, found)| (*log, found));
    let runs: Vec<(&RunLog, &RunAnalysis)> = runs.collect();
    if runs.iter().any(|(log, _)| log.is_aum_table()) {
        return Ok(None);
    }
    match suggestions(files, &runs) {
        Ok(found) => Ok(Some(found)),
        Err(AnalyzerError::NoRivalLabels { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn report(
    log: &RunLog,
    analysis: &RunAnalysis,
    settings: &EstimateSettings,
    found: &Estimate,
    doubts: &[String],
) -> Report {
    let mut used = settings_used(log, analysis.window, None);
    used.push(Setting {
        key: "resamples",
        value: json!({ "count": settings.resamples, "seed": settings.seed }),
        label: "Intervals",
        text: format!(
            "95 %, from {} draws with seed {}",
            settings.resamples, settings.seed
        ),
    });
    Report {
        subject: Subject::Run(log.run.clone()),
        settings: used,
        tables: vec![
            ReportTable {
                name: "noise_rate",
                caption: "The estimated share of mislabeled samples:".to_owned(),
                table: noise_table(log, found),
            },
            ReportTable {
                name: "passes",
                caption: "By pass (a gap below 0.5 makes the estimate doubtful):".to_owned(),
                table: pass_table(found),
            },
            ReportTable {
                name: "rules",
                caption: "What to expect of each percentile, and (posterior) of a probability of 0.5 or more:".to_owned(),
                table: rule_table(found),
            },
        ],
        notes: notes(doubts),
        class_names: log.class_names.clone(),
    }
}

/// The doubts first: with them the numbers may say nothing.
fn notes(doubts: &[String]) -> Vec<String> {
    let bias = "the estimates are right where mislabeled samples have the AUMs of threshold samples; the noise rate is too high where the network underfits, since clean samples are then as low, and too low, a lower bound, where the noise has a pattern that the network learns, as where one class is often given for one other; the intervals tell of chance alone";
    doubts.iter().cloned().chain([bias.to_owned()]).collect()
}

fn noise_table(log: &RunLog, found: &Estimate) -> ResultTable {
    let table = with_interval(
        ResultTable::new(),
        "noise_rate",
        "Noise rate",
        &[found.noise_rate],
        Cells::shares,
    );
    let (mut mislabeled, mut known) = (0_u32, 0_u32);
    for (given, truth) in log.given_labels.iter().zip(&log.true_labels) {
        if let Some(is_mislabeled) = is_mislabeled(*given, *truth) {
            mislabeled += u32::from(is_mislabeled);
            known += 1;
        }
    }
    if known == 0 {
        return table;
    }
    let share = f64::from(mislabeled) / f64::from(known);
    table.with(
        "true_noise_rate",
        "By the true labels",
        Cells::shares([Some(share)]),
    )
}

fn pass_table(found: &Estimate) -> ResultTable {
    let passes = || found.passes.iter();
    ResultTable::new()
        .with(
            "pass",
            "Pass",
            Cells::numbers(passes().map(|pass| pass.pass)),
        )
        .with(
            "threshold_samples",
            "Threshold samples",
            Cells::counts(passes().map(|pass| Some(pass.threshold_samples))),
        )
        .with(
            "noise_rate",
            "Noise rate",
            Cells::shares(passes().map(|pass| Some(pass.noise_rate))),
        )
        .with(
            "posterior_threshold",
            "AUM of probability 0.5",
            Cells::logits(passes().map(|pass| pass.threshold)),
        )
        .with(
            "prefers_given",
            "Prefers given label",
            Cells::shares(passes().map(|pass| Some(pass.prefers_given))),
        )
        .with("gap", "Gap", Cells::ratios(passes().map(|pass| pass.gap)))
}

fn rule_table(found: &Estimate) -> ResultTable {
    let rules = || found.rules.iter();
    let name = rules().map(|rule| match rule.percentile {
        Some(percentile) => percentile.to_string(),
        None => "posterior".to_owned(),
    });
    let table = ResultTable::new()
        .with("rule", "Percentile", Cells::texts(name))
        .with(
            "flagged",
            "Flagged",
            Cells::counts(rules().map(|rule| Some(rule.flagged))),
        );
    let precisions: Vec<Estimated> = rules().map(|rule| rule.precision).collect();
    let recalls: Vec<Estimated> = rules().map(|rule| rule.recall).collect();
    let table = with_interval(table, "precision", "Precision", &precisions, Cells::ratios);
    with_interval(table, "recall", "Recall", &recalls, Cells::ratios)
}

/// Three columns: the estimate, and the two ends of its interval.
fn with_interval(
    table: ResultTable,
    name: &str,
    heading: &str,
    estimates: &[Estimated],
    cells: fn(Vec<Option<f64>>) -> Cells,
) -> ResultTable {
    let column = |end: fn(&Estimated) -> Option<f64>| cells(estimates.iter().map(end).collect());
    table
        .with(name, heading, column(|found| found.estimate))
        .with(
            format!("{name}_low"),
            "from",
            column(|found| found.interval.map(|interval| interval.low)),
        )
        .with(
            format!("{name}_high"),
            "to",
            column(|found| found.interval.map(|interval| interval.high)),
        )
}

/// A row per judged sample, the most suspicious first.
fn probability_table(log: &RunLog, analysis: &RunAnalysis, found: &Estimate) -> ResultTable {
    let samples = || analysis.ranking().iter().copied();
    judged_samples(log, analysis)
        .with(
            "aum",
            "AUM",
            Cells::logits(samples().map(|sample| analysis.verdicts.get(sample).aum)),
        )
        .with(
            "probability_mislabeled",
            "Probability",
            Cells::ratios(samples().map(|sample| found.probabilities[sample])),
        )
}
