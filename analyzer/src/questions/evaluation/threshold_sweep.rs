//! What other percentiles would say: for each, the AUM threshold, how many samples it flags, how good
//! that is where the truth is known, and how sure the threshold is.

use crate::analysis::judgement::judge;
use crate::analysis::run_aums::RunAums;
use crate::questions::uncertainty::interval::{Interval, measured_in_resamples, middle_interval};
use crate::rules::evaluation::{Evaluation, evaluate};
use crate::rules::percentile::Percentile;
use crate::rules::protocol::Protocol;
use crate::rules::threshold::aum_threshold;
use crate::rules::threshold_rule::ThresholdRule;
use crate::rules::verdict::PassAums;

/// What one percentile says.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepRow {
    /// The percentile of the threshold samples' AUMs.
    pub percentile: Percentile,
    /// The AUM threshold of each pass, in logit units; `None` without threshold samples.
    pub thresholds: Vec<Option<f64>>,
    /// The 95 % bootstrap interval of each.
    pub intervals: Vec<Option<Interval>>,
    /// How many samples have a verdict.
    pub judged: usize,
    /// How many of them are flagged; `None` without a threshold.
    pub flagged: Option<usize>,
    /// Against the true labels, where any is known.
    pub evaluation: Evaluation,
}

impl SweepRow {
    /// The flagged share of the samples with a verdict, 0 to 1.
    pub fn flagged_share(&self) -> Option<f64> {
        let share = |flagged| flagged as f64 / self.judged as f64;
        self.flagged.filter(|_| self.judged > 0).map(share)
    }

    /// How far apart the thresholds of the passes are, in logit units; `None` with fewer than two.
    pub fn spread(&self) -> Option<f64> {
        let known: Vec<f64> = self.thresholds.iter().copied().flatten().collect();
        let smallest = known.iter().copied().min_by(f64::total_cmp)?;
        let largest = known.iter().copied().max_by(f64::total_cmp)?;
        (known.len() > 1).then_some(largest - smallest)
    }
}

/// A row for each of `percentiles`, in their order.
pub fn threshold_sweep(
    run: &RunAums,
    percentiles: &[Percentile],
    protocol: Protocol,
) -> Vec<SweepRow> {
    let mut rows = threshold_sweep_without_intervals(run, percentiles, protocol);
    let intervals = bootstrap_intervals(&run.passes, percentiles, protocol);
    for (row, intervals) in rows.iter_mut().zip(intervals) {
        row.intervals = intervals;
    }
    rows
}

/// As [`threshold_sweep`], but `None` for the intervals, which take most of its time: for curves over
/// many percentiles.
pub fn threshold_sweep_without_intervals(
    run: &RunAums,
    percentiles: &[Percentile],
    protocol: Protocol,
) -> Vec<SweepRow> {
    let row = |&percentile: &Percentile| {
        let (judgements, verdicts) =
            judge(&run.passes, ThresholdRule::Percentile(percentile), protocol);
        let passes = judgements.iter();
        SweepRow {
            percentile,
            thresholds: passes
                .map(|pass| pass.threshold.map(|threshold| threshold.aum))
                .collect(),
            intervals: vec![None; run.passes.len()],
            judged: verdicts.flagged().flatten().count(),
            flagged: verdicts.flagged_count(),
            evaluation: evaluate(&run.given_labels, &run.true_labels, verdicts.flagged()),
        }
    };
    percentiles.iter().map(row).collect()
}

/// For each percentile the interval of each pass: its threshold samples are resampled.
fn bootstrap_intervals(
    passes: &[PassAums],
    percentiles: &[Percentile],
    protocol: Protocol,
) -> Vec<Vec<Option<Interval>>> {
    let of_pass = |pass: &PassAums| {
        let aums = pass.threshold_aums();
        let measured = measured_in_resamples(aums.len(), |weights| {
            let times = weights.iter().zip(&aums);
            let resample: Vec<f64> = times
                .flat_map(|(&weight, &aum)| std::iter::repeat_n(aum, weight as usize))
                .collect();
            let aum_at =
                |&percentile| Some(aum_threshold(resample.clone(), percentile, protocol.cut)?.aum);
            percentiles.iter().map(aum_at).collect::<Vec<_>>()
        });
        let interval = |at: usize| {
            middle_interval(
                measured
                    .iter()
                    .filter_map(|thresholds| thresholds[at])
                    .collect(),
            )
        };
        (0..percentiles.len()).map(interval).collect::<Vec<_>>()
    };
    let by_pass: Vec<Vec<Option<Interval>>> = passes.iter().map(of_pass).collect();
    let of_percentile = |at: usize| by_pass.iter().map(|intervals| intervals[at]).collect();
    (0..percentiles.len()).map(of_percentile).collect()
}

/// The row with the highest F1, the first of equal ones; `None` without known true labels.
pub fn best_f1(rows: &[SweepRow]) -> Option<usize> {
    let f1 = |row: &SweepRow| (row.evaluation.evaluated > 0).then(|| row.evaluation.f1())?;
    let known = rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| Some((at, f1(row)?)));
    known
        .reduce(|best, other| if other.1 > best.1 { other } else { best })
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use logformat::SampleIds;

    use super::*;
    use crate::questions::evaluation::sweep_report::sweep_table;

    /// Threshold samples with the AUMs 1 to 100, then ordinary ones.
    fn run(ordinary: &[(f64, bool)]) -> RunAums {
        let aums = (1..=100).map(f64::from);
        let count = 100 + ordinary.len();
        let truth = ordinary.iter().map(|&(_, wrong)| Some(u32::from(wrong)));
        RunAums {
            run: None,
            sample_ids: SampleIds::Integers((0..).take(count).collect()),
            given_labels: vec![Some(0); count],
            true_labels: std::iter::repeat_n(None, 100).chain(truth).collect(),
            class_names: Vec::new(),
            passes: vec![PassAums {
                pass: 1,
                aums: aums.chain(ordinary.iter().map(|o| o.0)).map(Some).collect(),
                is_threshold_sample: (0..count).map(|sample| sample < 100).collect(),
            }],
            settings: Vec::new(),
        }
    }

    fn percentiles(percents: &[f64]) -> Vec<Percentile> {
        let percentile = |&percent: &f64| Percentile::new(percent).unwrap();
        percents.iter().map(percentile).collect()
    }

    #[test]
    fn each_percentile_has_its_threshold_and_the_best_f1_is_marked() {
        // Thresholds 90, 95 and 100. Mislabeled: 50, 92 and 94.
        let run = run(&[(50.0, true), (92.0, true), (94.0, true), (97.0, false)]);
        let percentiles = percentiles(&[90.0, 95.0, 100.0]);
        let rows = threshold_sweep(&run, &percentiles, Protocol::default());
        let thresholds: Vec<Option<f64>> = rows.iter().map(|row| row.thresholds[0]).collect();
        assert_eq!(thresholds, [Some(90.0), Some(95.0), Some(100.0)]);
        let flagged: Vec<Option<usize>> = rows.iter().map(|row| row.flagged).collect();
        assert_eq!(flagged, [Some(1), Some(3), Some(4)]);
        assert_eq!(rows[1].evaluation.f1(), Some(1.0));
        assert_eq!(best_f1(&rows), Some(1));
        let table = sweep_table(&run, &rows);
        let json = serde_json::to_value(&table).unwrap();
        assert_eq!(json[1]["best_f1"], true);
        assert_eq!(json[2]["flagged_share"], 1.0);
    }

    #[test]
    fn a_threshold_lies_in_its_interval_which_a_high_percentile_leaves_narrow_above() {
        let run = run(&[(50.0, true)]);
        let rows = threshold_sweep(&run, &percentiles(&[50.0, 100.0]), Protocol::default());
        for row in &rows {
            let (threshold, interval) = (row.thresholds[0].unwrap(), row.intervals[0].unwrap());
            assert!(interval.low <= threshold && threshold <= interval.high);
        }
        // The median of 100: about ±2 · 5 ranks. The largest: often among the resampled.
        let median = rows[0].intervals[0].unwrap();
        assert!(
            (median.low - 41.0).abs() < 3.0 && (median.high - 61.0).abs() < 3.0,
            "{median:?}"
        );
        assert_eq!(rows[1].intervals[0].unwrap().high, 100.0);
    }

    #[test]
    fn without_truth_or_threshold_samples_what_needs_them_is_left_out() {
        let mut run = run(&[(50.0, true)]);
        run.true_labels = vec![None; 101];
        run.passes[0].is_threshold_sample = vec![false; 101];
        let rows = threshold_sweep(&run, &percentiles(&[99.0]), Protocol::default());
        assert_eq!((rows[0].flagged, rows[0].flagged_share()), (None, None));
        assert_eq!((best_f1(&rows), rows[0].spread()), (None, None));
        let table = sweep_table(&run, &rows);
        assert!(table.frame().column("f1").is_err());
    }
}
