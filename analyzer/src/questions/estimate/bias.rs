//! Where an estimate is probably wrong, and in which direction, as far as the log shows it.
//!
//! Too high: the network underfits, or has memorised, so that clean samples are as low as threshold samples. Too low, a
//! lower bound: the noise is a pattern that the network learns, so that mislabeled samples lie above
//! threshold samples; then the flagged samples of a class have mostly one rival, where mistakes at
//! random have many. (With two classes there is one rival whatever the noise, and nothing is said.)

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::notes::counted;
use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::configuration::logged_noise;
use crate::logs::run_log::RunLog;
use crate::logs::ways_out::OTHER_PASSES;
use crate::questions::confusions::Suggestion;
use crate::questions::doubts::learning::Learned;
use crate::questions::estimate::passes::{Pass, PassEstimate, SMALLEST_SOUND_GAP};
use crate::questions::estimate::together::knows_the_classes;
use crate::questions::estimate::{Estimate, fit};
use crate::results::text::percent;
use crate::rules::threshold::FEW_THRESHOLD_SAMPLES;
use crate::rules::verdict::PassAums;

/// With fewer flagged samples that have a rival, nothing is said of a pattern.
const FEWEST_WITH_RIVAL: usize = 50;
/// Two flagged samples of a class have the same rival more often than this where one rival is more
/// common than all others together (chosen for this meaning, not on results). Mistakes at random among
/// ten classes come to a ninth.
const SAME_RIVAL: f64 = 0.5;

/// What makes the verdicts by probability doubtful: a line each. The rivals are not looked at.
pub(crate) fn posterior_doubts(log: &RunLog, analysis: &RunAnalysis) -> Vec<String> {
    let passes = analysis.aums.iter().map(Pass::new);
    let passes: Vec<Pass> = passes.collect();
    let fits = fit(&passes, &vec![1; log.sample_count()]);
    let fitted = passes.iter().zip(&fits);
    let estimates = fitted.filter_map(|(pass, fit)| Some(pass.estimate(fit.as_ref()?)));
    doubts(log, analysis, &estimates.collect::<Vec<_>>(), None)
}

/// What makes an estimate doubtful: a line each. `flagged` are the flagged samples with what the
/// network prefers to their labels, where the log tells it.
pub fn estimate_doubts(
    log: &RunLog,
    analysis: &RunAnalysis,
    found: &Estimate,
    flagged: Option<&[Suggestion]>,
) -> Vec<String> {
    let mut lines: Vec<String> = no_number(found).into_iter().collect();
    lines.extend(doubts(log, analysis, &found.passes, flagged));
    lines.extend(found.passes.iter().filter_map(few_threshold_samples));
    lines.extend(disagreement(found));
    lines
}

fn doubts(
    log: &RunLog,
    analysis: &RunAnalysis,
    passes: &[PassEstimate],
    flagged: Option<&[Suggestion]>,
) -> Vec<String> {
    let rivals = flagged.and_then(|flagged| same_rival(log, flagged));
    let pattern = pattern(log, rivals);
    let aums = &analysis.aums;
    let collapsed = |pass: &PassEstimate| {
        let aums = aums.iter().find(|aums| aums.pass == pass.pass)?;
        collapse(log, aums, pass)
    };
    let is_unclear = |pass: &&PassEstimate| {
        let is_sound = pass.gap.is_some_and(|gap| gap >= SMALLEST_SOUND_GAP);
        !is_sound && collapsed(pass).is_none()
    };
    let unclear: Vec<u32> = passes
        .iter()
        .filter(is_unclear)
        .map(|pass| pass.pass)
        .collect();
    let way_out = Learned::way_out(log, analysis);
    let overlap = overlap(&unclear, pattern.is_some(), rivals.is_some(), way_out);
    let collapses = passes.iter().filter_map(collapsed);
    collapses.chain(overlap).chain(pattern).collect()
}

/// Why no number is told.
fn no_number(found: &Estimate) -> Option<String> {
    let counts = found.counts?;
    let range = found.noise_rate.interval?;
    if found.noise_rate.estimate.is_some() {
        return None;
    }
    let agreeing = counts.disagreeing.estimate.map(|share| 1.0 - share);
    Some(format!(
        "the noise rate cannot be estimated, it may be {} to {}: of {}, models find {} of the given labels the likeliest, {}",
        percent(Some(range.low)),
        percent(Some(range.high)),
        match counts.are_all {
            true => "samples that they were not trained on",
            false => "the threshold samples, whose labels they were not trained on",
        },
        percent(agreeing),
        match knows_the_classes(&counts) {
            true => "and do not tell whether the others are wrong or hard to tell",
            false => "too few to tell wrong labels from what was not learned",
        }
    ))
}

/// A pass that learned no more than which label is the commonest.
fn collapse(log: &RunLog, aums: &PassAums, pass: &PassEstimate) -> Option<String> {
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    for (sample, label) in log.given_labels.iter().enumerate() {
        if aums.judged_aum(sample).is_some() {
            *counts.entry((*label)?).or_default() += 1;
        }
    }
    let all: u32 = counts.values().sum();
    let commonest = f64::from(*counts.values().max()?) / f64::from(all);
    (counts.len() > 1 && pass.prefers_given <= commonest).then(|| {
        format!(
            "pass {} learned nothing: over the epochs the network prefers the given label of {} of the samples, as always naming the commonest label would; choose {OTHER_PASSES}, or record it with another learning rate",
            pass.pass,
            percent(Some(pass.prefers_given))
        )
    })
}

/// In these passes, clean samples as low as threshold samples, or mislabeled ones as high as clean ones.
fn overlap(passes: &[u32], has_pattern: bool, knows_rivals: bool, way_out: &str) -> Option<String> {
    let named = match passes {
        [] => return None,
        [pass] => format!("pass {pass}"),
        [first, .., last] if passes.len() == 2 => format!("passes {first} and {last}"),
        passes => format!("{} passes", passes.len()),
    };
    let high =
        format!("too high where the network learned too little, or labels by heart ({way_out})");
    let direction = match (has_pattern, knows_rivals) {
        (true, _) => {
            "too low where the noise has a pattern that the network learns, as here".to_owned()
        }
        (false, true) => {
            format!("{high}, which is likely here, since the mistakes have no clear pattern")
        }
        (false, false) => format!("{high}, too low where the noise has a pattern that it learns"),
    };
    Some(format!(
        "{named}: there is no clear gap between the AUMs of the threshold samples and of those that would be clean, so what is estimated by the AUMs may be far off: {direction}"
    ))
}

/// The noise has a pattern, by what the log says of it or by the rivals of the flagged samples.
fn pattern(log: &RunLog, rivals: Option<f64>) -> Option<String> {
    let consequence = "which the network learns: mislabeled samples then lie above threshold samples, so that the noise rate by the AUMs, the probabilities and the expected precision are lower bounds, and the expected recall is too high";
    if let Some((kind @ ("flip" | "cifar10-pairs"), rate)) = logged_noise(&log.configuration)
        && rate > 0.0
    {
        let rate = percent(Some(rate));
        return Some(format!(
            "the log has {kind} noise of {rate}, a pattern {consequence}"
        ));
    }
    let same = rivals.filter(|&same| same > SAME_RIVAL)?;
    Some(format!(
        "most flagged samples of a class have one rival (two of them the same in {} of cases), so the noise has a pattern, {consequence}",
        percent(Some(same))
    ))
}

/// How often two flagged samples with the same given label have the same rival, 0 to 1; `None` for
/// two classes, and for few samples.
fn same_rival(log: &RunLog, flagged: &[Suggestion]) -> Option<f64> {
    let classes: BTreeSet<u32> = log.given_labels.iter().flatten().copied().collect();
    let mut by_class: BTreeMap<u32, BTreeMap<u32, u32>> = BTreeMap::new();
    let mut count = 0;
    for suggestion in flagged {
        let given = log.given_labels[suggestion.sample];
        if let (Some(given), Some(rival)) = (given, suggestion.suggested_label) {
            *by_class.entry(given).or_default().entry(rival).or_default() += 1;
            count += 1;
        }
    }
    let pairs = |count: u32| f64::from(count) * (f64::from(count) - 1.0);
    let all: f64 = by_class
        .values()
        .map(|rivals| pairs(rivals.values().sum()))
        .sum();
    let same = by_class.values().flat_map(BTreeMap::values);
    let same: f64 = same.map(|&count| pairs(count)).sum();
    (classes.len() > 2 && count >= FEWEST_WITH_RIVAL && all > 0.0).then(|| same / all)
}

fn few_threshold_samples(pass: &PassEstimate) -> Option<String> {
    (pass.threshold_samples < FEW_THRESHOLD_SAMPLES).then(|| {
        format!(
            "pass {}: only {} to compare the others with, so the estimate is a rough one; record with {FEW_THRESHOLD_SAMPLES} or more",
            pass.pass,
            counted(pass.threshold_samples, "threshold sample")
        )
    })
}

/// Passes that contradict each other, so that their mean does not stand alone.
fn disagreement(found: &Estimate) -> Option<String> {
    let [lowest, highest] = found.disagreement()?;
    Some(format!(
        "the passes do not agree: {} in pass {} and {} in pass {}, of the same labels, so do not rely on their mean; probably one underfits (look at the gaps): choose {OTHER_PASSES}",
        percent(Some(lowest.noise_rate)),
        lowest.pass,
        percent(Some(highest.noise_rate)),
        highest.pass
    ))
}
