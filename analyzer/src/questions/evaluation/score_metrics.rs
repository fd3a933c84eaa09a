//! How well a score ranks mislabeled samples above the others, whatever the score: AUROC, average
//! precision, precision among the first k. A higher score means more suspicious; for AUM the score
//! is −AUM.
//!
//! Ties are handled as scikit-learn's `roc_auc_score` and `average_precision_score` do: AUROC counts
//! a tied pair half, and average precision, Σ (Rₙ − Rₙ₋₁) · Pₙ, goes from one distinct score to the
//! next.

use crate::questions::uncertainty::interval::{
    Interval, measured_in_resamples, middle_interval, wilson_interval,
};
use crate::rules::evaluation::{Evaluation, share};

/// Scores in their order, the most suspicious first; equal scores in the order that they came in.
#[derive(Debug, Clone)]
pub struct RankedScores {
    /// Where each of them stood before.
    order: Vec<usize>,
    pub(crate) mislabeled: Vec<bool>,
    /// Whether the next score is another one.
    pub(crate) ends_tie: Vec<bool>,
}

/// AUROC and average precision of one ranking; `None` where there are no mislabeled samples, or for
/// AUROC no others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankingQuality {
    /// The chance that a mislabeled sample ranks above one that is not, ties half; 0 to 1.
    pub auroc: Option<f64>,
    /// The mean precision at the ranks of the mislabeled samples; 0 to 1.
    pub average_precision: Option<f64>,
}

impl RankedScores {
    /// Ranks `scores`; whether each sample is mislabeled stands in `mislabeled`, of the same length.
    pub fn new(scores: &[f64], mislabeled: &[bool]) -> Self {
        let mut order: Vec<usize> = (0..scores.len().min(mislabeled.len())).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        let ends_tie = (0..order.len()).map(|rank| {
            let next = order.get(rank + 1).map(|&next| scores[next]);
            next != Some(scores[order[rank]])
        });
        Self {
            ends_tie: ends_tie.collect(),
            mislabeled: order.iter().map(|&sample| mislabeled[sample]).collect(),
            order,
        }
    }

    /// The quality of the ranking.
    pub fn quality(&self) -> RankingQuality {
        self.weighted_quality(|_| 1)
    }

    /// How many of the first `count` are mislabeled; `None` where there are fewer samples.
    pub fn mislabeled_among_first(&self, count: usize) -> Option<usize> {
        let first = self.mislabeled.get(..count)?;
        Some(first.iter().filter(|&&mislabeled| mislabeled).count())
    }

    /// The quality where the sample that stood at `place` counts `weight(place)` times.
    pub(crate) fn weighted_quality(&self, weight: impl Fn(usize) -> u32) -> RankingQuality {
        // Up to this distinct score, and within the current tie.
        let (mut found, mut others) = (0_u64, 0_u64);
        let (mut tied_found, mut tied_others) = (0_u64, 0_u64);
        let (mut pairs, mut precisions) = (0.0, 0.0);
        for (rank, &place) in self.order.iter().enumerate() {
            let weight = u64::from(weight(place));
            if self.mislabeled[rank] {
                tied_found += weight;
            } else {
                tied_others += weight;
            }
            if self.ends_tie[rank] {
                // Each of the others is below the ones found so far, and level with the tied.
                pairs += tied_others as f64 * (found as f64 + 0.5 * tied_found as f64);
                found += tied_found;
                others += tied_others;
                if tied_found > 0 {
                    precisions += tied_found as f64 * (found as f64 / (found + others) as f64);
                }
                (tied_found, tied_others) = (0, 0);
            }
        }
        let share = |sum: f64, count: f64| (count > 0.0).then(|| sum / count);
        RankingQuality {
            auroc: share(pairs, found as f64 * others as f64),
            average_precision: share(precisions, found as f64),
        }
    }
}

/// Average precision of `scores`; `None` without mislabeled samples.
///
/// ```
/// // 1 at the first rank, 2/3 at the third.
/// let found = analyzer::average_precision(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]);
/// assert!((found.expect("two") - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
/// ```
pub fn average_precision(scores: &[f64], mislabeled: &[bool]) -> Option<f64> {
    RankedScores::new(scores, mislabeled)
        .quality()
        .average_precision
}

/// One measure of how good a score is.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreMetric {
    /// `precision`, `recall`, `f1`, `auroc`, `average_precision`, or `precision_at_` and a number.
    pub name: String,
    /// 0 to 1; `None` where it is not defined.
    pub value: Option<f64>,
    /// The 95 % confidence interval.
    pub interval: Option<Interval>,
    /// How the interval was made: `wilson` or `bootstrap`.
    pub interval_by: &'static str,
}

/// Everything that is measured of a score: precision, recall and F1 of the verdicts where there are
/// any, AUROC, average precision, and the precision among the first of each number in `at` that
/// there are samples for. The slices have the same length.
///
/// Intervals of precision, recall and precision at k are Wilson's; those of F1, AUROC and average
/// precision come from a bootstrap over the samples.
pub fn score_metrics(
    scores: &[f64],
    mislabeled: &[bool],
    flagged: Option<&[bool]>,
    at: &[usize],
) -> Vec<ScoreMetric> {
    let ranked = RankedScores::new(scores, mislabeled);
    let found = evaluation(mislabeled, flagged, |_| 1);
    let quality = ranked.quality();
    let intervals = bootstrap(&ranked, mislabeled, flagged);
    let resampled = |name: &str, value, interval| ScoreMetric {
        name: name.to_owned(),
        value,
        interval,
        interval_by: "bootstrap",
    };
    let mut metrics = Vec::new();
    if flagged.is_some() {
        metrics.push(counted(
            "precision",
            found.flagged_mislabeled,
            found.flagged,
        ));
        metrics.push(counted(
            "recall",
            found.flagged_mislabeled,
            found.mislabeled,
        ));
        metrics.push(resampled("f1", found.f1(), intervals[0]));
    }
    metrics.push(resampled("auroc", quality.auroc, intervals[1]));
    let precision = quality.average_precision;
    metrics.push(resampled("average_precision", precision, intervals[2]));
    metrics.extend(at.iter().filter_map(|&count| {
        let part = ranked.mislabeled_among_first(count)?;
        Some(counted(&format!("precision_at_{count}"), part, count))
    }));
    metrics
}

fn counted(name: &str, part: usize, whole: usize) -> ScoreMetric {
    ScoreMetric {
        name: name.to_owned(),
        value: share(part, whole),
        interval: wilson_interval(part, whole),
        interval_by: "wilson",
    }
}

/// Counts where the sample at `place` counts `weight(place)` times; none is flagged without verdicts.
fn evaluation(
    mislabeled: &[bool],
    flagged: Option<&[bool]>,
    weight: impl Fn(usize) -> u32,
) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (place, &mislabeled) in mislabeled.iter().enumerate() {
        let flagged = flagged.is_some_and(|flagged| flagged[place]);
        evaluation.add(flagged, mislabeled, weight(place) as usize);
    }
    evaluation
}

/// The intervals of F1, AUROC and average precision.
fn bootstrap(
    ranked: &RankedScores,
    mislabeled: &[bool],
    flagged: Option<&[bool]>,
) -> [Option<Interval>; 3] {
    let measured = measured_in_resamples(mislabeled.len(), |weights| {
        let quality = ranked.weighted_quality(|at| weights[at]);
        let f1 = evaluation(mislabeled, flagged, |at| weights[at]).f1();
        [f1, quality.auroc, quality.average_precision]
    });
    [0, 1, 2]
        .map(|metric| middle_interval(measured.iter().filter_map(|found| found[metric]).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auroc(scores: &[f64], mislabeled: &[bool]) -> Option<f64> {
        RankedScores::new(scores, mislabeled).quality().auroc
    }

    /// The sums that the documentation of scikit-learn defines, on six samples.
    #[test]
    fn ties_are_counted_as_scikit_learn_does() {
        let scores = [3.0, 2.0, 2.0, 2.0, 1.0, 1.0];
        let mislabeled = [true, true, false, false, true, false];
        // Pairs: 3 > {2, 2, 1} = 3; 2 = 2 twice, 2 > 1: 2; 1 = 1: 0.5. Of 3 · 3.
        let expected = (3.0 + 2.0 + 0.5) / 9.0;
        assert!((auroc(&scores, &mislabeled).unwrap() - expected).abs() < 1e-12);
        // Recall 1/3 at precision 1, 2/3 at 2/4, 3/3 at 3/6.
        let expected = (1.0 + 0.5 + 0.5) / 3.0;
        assert!((average_precision(&scores, &mislabeled).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn a_perfect_ranking_has_one_and_a_constant_score_is_chance() {
        let mislabeled = [true, false, true, false];
        let perfect = [2.0, -1.0, 3.0, 0.0];
        assert_eq!(auroc(&perfect, &mislabeled), Some(1.0));
        assert_eq!(average_precision(&perfect, &mislabeled), Some(1.0));
        assert_eq!(auroc(&[7.0; 4], &mislabeled), Some(0.5));
        assert_eq!(average_precision(&[7.0; 4], &mislabeled), Some(0.5));
    }

    #[test]
    fn without_one_of_the_two_kinds_auroc_is_undefined() {
        assert_eq!(auroc(&[1.0, 2.0], &[false, false]), None);
        assert_eq!(average_precision(&[1.0, 2.0], &[false, false]), None);
        assert_eq!(auroc(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(average_precision(&[1.0, 2.0], &[true, true]), Some(1.0));
        assert_eq!(auroc(&[], &[]), None);
    }

    #[test]
    fn weights_count_as_repeated_samples() {
        let ranked = RankedScores::new(&[1.0, 3.0, 2.0], &[true, true, false]);
        let weights = [2, 1, 3];
        let repeated = RankedScores::new(
            &[1.0, 1.0, 3.0, 2.0, 2.0, 2.0],
            &[true, true, true, false, false, false],
        );
        assert_eq!(
            ranked.weighted_quality(|at| weights[at]),
            repeated.quality()
        );
    }

    #[test]
    fn every_metric_is_the_one_counted_by_hand_and_lies_in_its_interval() {
        let scores = [5.0, 4.0, 3.0, 2.0, 1.0, 0.0];
        let mislabeled = [true, false, true, false, false, true];
        let flagged = [true, true, true, false, false, false];
        let metrics = score_metrics(&scores, &mislabeled, Some(&flagged), &[1, 4, 100]);
        let values: Vec<(&str, f64)> = metrics
            .iter()
            .map(|metric| (metric.name.as_str(), metric.value.unwrap()))
            .collect();
        let third = 2.0 / 3.0;
        let expected = [
            ("precision", third),
            ("recall", third),
            ("f1", third),
            // 3 above the three others, 2 above two, none.
            ("auroc", 5.0 / 9.0),
            ("average_precision", (1.0 + third + 0.5) / 3.0),
            ("precision_at_1", 1.0),
            ("precision_at_4", 0.5),
        ];
        assert_eq!(values.len(), expected.len(), "{values:?}");
        for ((name, value), (expected_name, expected)) in values.iter().zip(expected) {
            assert_eq!(*name, expected_name);
            assert!((value - expected).abs() < 1e-12, "{name} is {value}");
        }
        for metric in &metrics {
            let (value, interval) = (metric.value.unwrap(), metric.interval.unwrap());
            assert!(
                interval.low <= value && value <= interval.high,
                "{metric:?}"
            );
        }
    }
}
