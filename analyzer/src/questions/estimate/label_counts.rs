//! How many labels are wrong, counted on samples whose labels the models were not trained on, in ways that rest on
//! different assumptions.
//!
//! *At random*: whether a model that has not seen the label of a sample finds it as improbable as any other label. Of a
//! label that is wrong at random, its log probability less the largest other one is distributed as that of the
//! labels that the sample was not given, which are known. Right labels are hardly ever below the median of these, so
//! the share of the given labels there, over that of the others, is the share that is wrong at random, as in mixture
//! proportion estimation (Blanchard, Lee and Scott, *Journal of Machine Learning Research* 11, 2010). Where r is this
//! ratio and C the number of classes, the share is r / (1 + r / (C − 1)), for one of the other labels of a mislabeled
//! sample is right. Labels that are wrong by a pattern are not as improbable, and are not counted: it is a lower bound.
//!
//! *By a table*: the noise model of the combined rule, in which each class has a row of labels that are given for
//! it. *By confident learning*: the confident joint. *Disagreeing*: labels that are not the likeliest; with the wrong
//! ones these are the right ones that are hard to tell, so that it is an upper bound.

use std::path::PathBuf;

use crate::analysis::run_analysis::RunAnalysis;
use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::questions::estimate::estimated::Estimated;
use crate::questions::estimate::unseen_labels::{UnseenLabels, unseen_labels};
use crate::questions::uncertainty::interval::{
    Interval, measured_in_resamples, middle_interval, wilson_interval,
};
use crate::rules::held_out::confident_learning::{HeldOutProbabilities, highest_other, log_margin};
use crate::rules::held_out::noise_model::PooledEvidence;

/// Each sample is asked for so many of the labels that it was not given: more classes say no more.
const MOST_OTHERS: usize = 10;

/// The share of wrong labels, 0 to 1, in each way, with 95 % intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelCounts {
    /// On how many samples they rest.
    pub samples: usize,
    /// Whether these are all samples, held out; else the threshold samples of all passes.
    pub are_all: bool,
    /// Of the labels that are wrong at random: a lower bound.
    pub at_random: Estimated,
    /// By a table of which class is given for which.
    pub by_table: Estimated,
    /// By confident learning.
    pub confident: Estimated,
    /// Of the labels that are not the likeliest: an upper bound.
    pub disagreeing: Estimated,
}

/// Of each run; `None` where its log tells nothing of unseen labels. Reads `files`, those of the runs, a second time.
///
/// # Errors
/// Those of reading.
pub fn label_counts(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> Result<Vec<Option<LabelCounts>>, AnalyzerError> {
    let unseen = unseen_labels(files, runs)?.into_iter();
    Ok(unseen
        .map(|unseen| Some(LabelCounts::of(&unseen?)))
        .collect())
}

impl LabelCounts {
    pub(crate) fn of(unseen: &UnseenLabels) -> Self {
        let UnseenLabels {
            models,
            given,
            classes,
            are_all,
        } = unseen;
        let pooled = PooledEvidence::of(models, given, *classes);
        let probabilities = HeldOutProbabilities {
            rows: &pooled.probabilities,
            classes: *classes,
            given,
        };
        let samples = given.len();
        let expected = pooled
            .log_odds
            .iter()
            .map(|odds| 1.0 / (1.0 + (-odds).exp()));
        let joint = probabilities.joint();
        let right: f64 = joint.iter().step_by(classes + 1).sum();
        let rows = pooled.probabilities.chunks_exact(*classes).zip(given);
        let disagrees = |(row, label): &(&[f64], &u32)| {
            highest_other(row, **label as usize) > row[**label as usize]
        };
        let disagreeing = rows.filter(disagrees).count();
        let share = |share: f64| Estimated {
            estimate: Some(share),
            interval: wilson_interval((share * samples as f64).round() as usize, samples),
        };
        Self {
            samples,
            are_all: *are_all,
            at_random: at_random(probabilities),
            by_table: share(expected.sum::<f64>() / samples as f64),
            confident: share(1.0 - right / joint.iter().sum::<f64>()),
            disagreeing: share(disagreeing as f64 / samples as f64),
        }
    }
}

/// See the head of this file. Some right labels are improbable as well, the fewer the lower one looks: so the lower end
/// is the lower one of those below the median and below the lower quartile.
fn at_random(probabilities: HeldOutProbabilities<'_>) -> Estimated {
    let HeldOutProbabilities {
        rows,
        classes,
        given,
    } = probabilities;
    let others = (classes - 1).min(MOST_OTHERS);
    // Evenly among the classes, whatever their number.
    let shifts = (0..others).map(|other| 1 + other * (classes - 1) / others);
    let margins = rows.chunks_exact(classes).zip(given).map(|(row, &label)| {
        let label = label as usize;
        let shifted = shifts.clone().map(|shift| (label + shift) % classes);
        let of_others = shifted.map(|other| log_margin(row, other)).collect();
        (log_margin(row, label), of_others)
    });
    let margins: Vec<(f64, Vec<f64>)> = margins.collect();
    let mut of_others: Vec<f64> = margins
        .iter()
        .flat_map(|(_, others)| others)
        .copied()
        .collect();
    of_others.sort_unstable_by(f64::total_cmp);
    let [half, quarter] =
        [2, 4].map(|part| below(&margins, of_others[of_others.len() / part], classes));
    Estimated {
        interval: half.interval.map(|interval| Interval {
            low: quarter
                .interval
                .map_or(interval.low, |quarter| quarter.low.min(interval.low)),
            ..interval
        }),
        ..half
    }
}

/// The share that is wrong at random, of the labels whose margins are `cut` or less: those of each sample's given label
/// and of its others.
fn below(margins: &[(f64, Vec<f64>)], cut: f64, classes: usize) -> Estimated {
    let share = |of_given: f64, of_others: f64| {
        let ratio = of_given / of_others;
        (ratio / (1.0 + ratio / (classes - 1) as f64)).min(1.0)
    };
    // Of each sample: whether its label is that improbable, and which share of the others is.
    let of_sample = |(given, of_others): &(f64, Vec<f64>)| {
        let others = of_others.iter().filter(|&&other| other <= cut).count();
        let given = f64::from(u8::from(*given <= cut));
        (given, others as f64 / of_others.len() as f64)
    };
    let below: Vec<(f64, f64)> = margins.iter().map(of_sample).collect();
    let sum = |of: fn(&(f64, f64)) -> f64| below.iter().map(of).sum::<f64>();
    let (of_given, of_others) = (sum(|below| below.0), sum(|below| below.1));
    // Resamples of none are none, and Wilson's interval takes the others for known: the wider of both.
    let resampled = measured_in_resamples(below.len(), |weights| {
        let (mut of_given, mut of_others) = (0.0, 0.0);
        for (&weight, below) in weights.iter().zip(&below) {
            of_given += f64::from(weight) * below.0;
            of_others += f64::from(weight) * below.1;
        }
        (of_others > 0.0).then(|| share(of_given, of_others))
    });
    let interval = wilson_interval(of_given as usize, below.len()).map(|wilson| {
        let end = |end: f64| share(end * below.len() as f64, of_others);
        let wilson = Interval {
            low: end(wilson.low),
            high: end(wilson.high),
        };
        let resampled = middle_interval(resampled.into_iter().flatten().collect());
        resampled.map_or(wilson, |resampled| wilson.hull(resampled))
    });
    Estimated {
        estimate: Some(share(of_given, of_others)),
        interval,
    }
}

#[cfg(test)]
mod tests;
