//! The AUM beside the statistics that others use: how well each ranks the mislabeled samples of a run
//! above the others, all measured on the same samples, with intervals from the same resamples.
//!
//! AUROC and average precision count ties as scikit-learn does; among equal scores, precision among the
//! first k takes those with the lower sample ids.

use crate::questions::evaluation::evaluated_score::EvaluatedSamples;
use crate::questions::evaluation::score_metrics::{RankedScores, RankingQuality};
use crate::questions::scores::combined::ScoreVector;
use crate::questions::scores::score::Score;
use crate::questions::uncertainty::interval::{
    Interval, measured_in_resamples, middle_interval, wilson_interval,
};
use crate::results::tables::{ResultTable, Shown};
use crate::results::text::grouped;

/// How well one score ranks.
struct Ranked {
    score: &'static Score,
    quality: RankingQuality,
    auroc_interval: Option<Interval>,
    average_precision_interval: Option<Interval>,
    /// Of as many samples as are mislabeled, the most suspicious, those that are.
    found: usize,
}

/// A row per score: AUROC, average precision, and the precision among the k most suspicious samples,
/// where k is how many are mislabeled; each with its 95 % interval (bootstrap, bootstrap, Wilson).
/// Without any evaluated sample there is no row. A score that some evaluated sample lacks is left out.
pub fn compared_scores_table(samples: &EvaluatedSamples, scores: &[ScoreVector]) -> ResultTable {
    if samples.samples.is_empty() {
        return ResultTable::new();
    }
    let mislabeled = samples.mislabeled.iter().filter(|&&is| is).count();
    let rows = ranked(samples, scores, mislabeled);
    let rows = || rows.iter();
    let precision_at = format!("Precision at {}", grouped(mislabeled));
    let precision = |row: &Ranked| (mislabeled > 0).then(|| row.found as f64 / mislabeled as f64);
    let wilson = |row: &Ranked| wilson_interval(row.found, mislabeled);
    let by = "95 % from";
    ResultTable::new()
        .texts("score", "", rows().map(|row| row.score.name))
        .texts("title", "Score", rows().map(|row| row.score.title))
        .ratios("auroc", "AUROC", rows().map(|row| row.quality.auroc))
        .interval(
            "auroc",
            by,
            Shown::Ratio,
            rows().map(|row| row.auroc_interval),
        )
        .ratios(
            "average_precision",
            "Average precision",
            rows().map(|row| row.quality.average_precision),
        )
        .interval(
            "average_precision",
            by,
            Shown::Ratio,
            rows().map(|row| row.average_precision_interval),
        )
        .ratios(
            "precision_at_mislabeled",
            &precision_at,
            rows().map(precision),
        )
        .interval("precision", by, Shown::Ratio, rows().map(wilson))
}

fn ranked(samples: &EvaluatedSamples, scores: &[ScoreVector], mislabeled: usize) -> Vec<Ranked> {
    let rankings: Vec<(&Score, RankedScores)> = scores
        .iter()
        .filter_map(|vector| {
            let suspicions = vector.suspicions();
            let of_samples = samples.samples.iter().map(|&sample| suspicions[sample]);
            let of_samples: Vec<f64> = of_samples.collect::<Option<_>>()?;
            let ranking = RankedScores::new(&of_samples, &samples.mislabeled);
            Some((vector.score, ranking))
        })
        .collect();
    // Drawing takes longer than measuring, so that each draw serves all scores.
    let resampled: Vec<Vec<RankingQuality>> =
        measured_in_resamples(samples.samples.len(), |weights| {
            let qualities = rankings.iter();
            qualities
                .map(|(_, ranking)| ranking.weighted_quality(|at| weights[at]))
                .collect()
        });
    let interval = |at: usize, of: fn(&RankingQuality) -> Option<f64>| {
        middle_interval(
            resampled
                .iter()
                .filter_map(|found| of(&found[at]))
                .collect(),
        )
    };
    let rows = rankings.iter().enumerate();
    rows.map(|(at, (score, ranking))| Ranked {
        score,
        quality: ranking.quality(),
        auroc_interval: interval(at, |quality| quality.auroc),
        average_precision_interval: interval(at, |quality| quality.average_precision),
        found: ranking.mislabeled_among_first(mislabeled).unwrap_or(0),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::scores::{aum, el2n, mean_loss};

    fn samples() -> EvaluatedSamples {
        EvaluatedSamples {
            samples: vec![0, 1, 3, 4],
            mislabeled: vec![true, false, true, false],
            without_true_label: 1,
            not_judged: 0,
        }
    }

    fn vector(score: &'static Score, values: [f64; 5]) -> ScoreVector {
        ScoreVector {
            score,
            values: values.map(Some).to_vec(),
        }
    }

    #[test]
    fn each_score_is_measured_on_its_suspicious_side_as_by_hand() {
        // Of samples 0, 1, 3 and 4, with 0 and 3 mislabeled, AUM has the order 0, 3, 1, 4: perfect; the
        // loss 0, 1, 3, 4: three of four pairs, precisions 1 and 2/3, and one of the first two.
        let scores = [
            vector(&aum::SCORE, [-2.0, 1.0, -9.0, 0.0, 3.0]),
            vector(&mean_loss::SCORE, [4.0, 3.0, 9.0, 2.0, 1.0]),
        ];
        let table = compared_scores_table(&samples(), &scores);
        let rows = serde_json::to_value(&table).unwrap();
        assert_eq!(
            (&rows[0]["score"], &rows[1]["score"]),
            (&"aum".into(), &"mean_loss".into())
        );
        for (row, auroc, average, precision) in [(0, 1.0, 1.0, 1.0), (1, 0.75, 5.0 / 6.0, 0.5)] {
            for (name, expected) in [
                ("auroc", auroc),
                ("average_precision", average),
                ("precision_at_mislabeled", precision),
            ] {
                let value = rows[row][name].as_f64().unwrap();
                assert!((value - expected).abs() < 1e-12, "{name} is {value}");
            }
            let end = |name: &str| rows[row][name].as_f64().unwrap();
            assert!(end("auroc_low") <= auroc && auroc <= end("auroc_high"));
            assert!(end("precision_low") < precision && precision <= end("precision_high"));
        }
    }

    #[test]
    fn a_score_that_a_sample_lacks_is_left_out_and_without_samples_there_is_no_row() {
        let mut lacking = vector(&el2n::SCORE, [0.0; 5]);
        lacking.values[3] = None;
        let scores = [vector(&aum::SCORE, [0.0; 5]), lacking];
        assert_eq!(compared_scores_table(&samples(), &scores).len(), 1);
        let none = EvaluatedSamples {
            samples: Vec::new(),
            mislabeled: Vec::new(),
            ..samples()
        };
        assert!(compared_scores_table(&none, &scores).is_empty());
    }
}
