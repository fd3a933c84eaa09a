//! What is estimated of a run, as a report, and how probably each sample is mislabeled, as a table.

use serde_json::json;

use crate::analysis::notes::counted;
use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings_used::settings_used;
use crate::logs::run_log::RunLog;
use crate::questions::estimate::estimated::Estimated;
use crate::questions::estimate::label_counts::LabelCounts;
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
                "counts",
                count_caption(found.counts.as_ref()),
                count_table(found),
            ),
            ReportTable::new(
                "passes",
                "By pass, from the AUMs (a gap below 0.5 makes these doubtful):",
                pass_table(found),
            ),
            ReportTable::new(
                "rules",
                "What to expect of each percentile, and (posterior) of a probability of 0.5 or more:",
                rule_table(found),
            ),
        ],
        notes: notes(found, doubts),
        class_names: log.class_names.clone(),
    }
}

/// The doubts first: with them the numbers may say nothing.
fn notes(found: &Estimate, doubts: &[String]) -> Vec<String> {
    let range = "the range of the noise rate begins with the labels that are wrong at random, or by a table of classes, and ends with all that models which were not trained on them do not find the likeliest; between them lie wrong labels that follow what is hard to tell, and right ones that are hard to tell";
    let range = found.counts.map(|_| range.to_owned());
    let bias = "what is estimated by the AUMs is right where mislabeled samples have those of threshold samples; the noise rate by them is too high where the network underfits, since clean samples are then as low, and too low, a lower bound, where the noise has a pattern that the network learns, as where one class is often given for one other; the intervals tell of chance alone";
    doubts
        .iter()
        .cloned()
        .chain(range)
        .chain([bias.to_owned()])
        .collect()
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

fn count_caption(counts: Option<&LabelCounts>) -> String {
    match counts {
        None => {
            "By the AUMs of all samples; the log tells nothing of labels that were not trained on:"
                .to_owned()
        }
        Some(counts) if counts.are_all => {
            "By the AUMs, and by models that were not trained on the labels of the samples:"
                .to_owned()
        }
        Some(counts) => format!(
            "By the AUMs, and by what the network says of {}, whose labels it was not trained on:",
            counted(counts.samples, "threshold sample")
        ),
    }
}

/// A row for each way to count.
fn count_table(found: &Estimate) -> ResultTable {
    let counts = found.counts.iter().flat_map(|counts| {
        [
            ("at_random", counts.at_random),
            ("by_table", counts.by_table),
            ("confident_learning", counts.confident),
            ("disagreeing", counts.disagreeing),
        ]
    });
    let rows: Vec<(&str, Estimated)> = [("aums", found.by_aums)]
        .into_iter()
        .chain(counts)
        .collect();
    let names = rows.iter().map(|(name, _)| (*name).to_owned());
    let table = ResultTable::new().texts("count", "Count", names);
    let shares = rows.iter().map(|(_, share)| *share);
    estimates(table, "share", "Wrong labels", Shown::Share, shares)
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
