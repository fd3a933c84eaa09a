//! What is estimated of a run, as a report, and how probably each sample is mislabeled, as a table.

use serde_json::json;

use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings_used::settings_used;
use crate::logs::run_log::RunLog;
use crate::questions::estimate::estimated::Estimated;
use crate::questions::estimate::{Estimate, EstimateSettings};
use crate::questions::judged_samples::judged_samples;
use crate::results::findings::{Report, ReportTable, Setting, Subject};
use crate::results::tables::{ResultTable, Shown};
use crate::rules::evaluation::is_mislabeled;

/// What is estimated, and the `doubts` of it.
pub fn estimate_report(
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
            ReportTable::new(
                "noise_rate",
                "The estimated share of mislabeled samples:",
                noise_table(log, found),
            ),
            ReportTable::new(
                "passes",
                "By pass (a gap below 0.5 makes the estimate doubtful):",
                pass_table(found),
            ),
            ReportTable::new(
                "rules",
                "What to expect of each percentile, and (posterior) of a probability of 0.5 or more:",
                rule_table(found),
            ),
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
    let rate = [found.noise_rate].into_iter();
    let table = estimates(
        ResultTable::new(),
        "noise_rate",
        "Noise rate",
        Shown::Share,
        rate,
    );
    let labels = log.given_labels.iter().zip(&log.true_labels);
    let known = labels.filter_map(|(given, truth)| is_mislabeled(*given, *truth));
    let (mislabeled, right): (Vec<bool>, Vec<bool>) =
        known.partition(|is_mislabeled| *is_mislabeled);
    let known = mislabeled.len() + right.len();
    if known == 0 {
        return table;
    }
    let share = mislabeled.len() as f64 / known as f64;
    table.shares("true_noise_rate", "By the true labels", [share])
}

fn pass_table(found: &Estimate) -> ResultTable {
    let passes = || found.passes.iter();
    ResultTable::new()
        .numbers("pass", "Pass", passes().map(|pass| pass.pass))
        .counts(
            "threshold_samples",
            "Threshold samples",
            passes().map(|pass| pass.threshold_samples),
        )
        .shares(
            "noise_rate",
            "Noise rate",
            passes().map(|pass| pass.noise_rate),
        )
        .logits(
            "posterior_threshold",
            "AUM of probability 0.5",
            passes().map(|pass| pass.threshold),
        )
        .shares(
            "prefers_given",
            "Prefers given label",
            passes().map(|pass| pass.prefers_given),
        )
        .ratios("gap", "Gap", passes().map(|pass| pass.gap))
}

fn rule_table(found: &Estimate) -> ResultTable {
    let rules = || found.rules.iter();
    let name = rules().map(|rule| match rule.percentile {
        Some(percentile) => percentile.to_string(),
        None => "posterior".to_owned(),
    });
    let table = ResultTable::new().texts("rule", "Percentile", name).counts(
        "flagged",
        "Flagged",
        rules().map(|rule| rule.flagged),
    );
    let precisions = rules().map(|rule| rule.precision);
    let table = estimates(table, "precision", "Precision", Shown::Ratio, precisions);
    let recalls = rules().map(|rule| rule.recall);
    estimates(table, "recall", "Recall", Shown::Ratio, recalls)
}

/// Three columns: the estimates, and the two ends of their intervals.
fn estimates(
    table: ResultTable,
    name: &str,
    heading: &str,
    shown: Shown,
    found: impl Iterator<Item = Estimated> + Clone,
) -> ResultTable {
    table
        .floats(
            name,
            heading,
            found.clone().map(|found| found.estimate),
            shown,
        )
        .interval(name, "from", shown, found.map(|found| found.interval))
}

/// A row per judged sample, the most suspicious first.
pub fn probability_table(log: &RunLog, analysis: &RunAnalysis, found: &Estimate) -> ResultTable {
    let samples = || analysis.ranking().iter().copied();
    judged_samples(log, analysis)
        .logits(
            "aum",
            "AUM",
            samples().map(|sample| analysis.verdicts.get(sample).aum),
        )
        .ratios(
            "probability_mislabeled",
            "Probability",
            samples().map(|sample| found.probabilities[sample]),
        )
}
