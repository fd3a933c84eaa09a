//! What was found class by class, and for each pair of true and given label.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::questions::uncertainty::interval::wilson_interval;
use crate::results::tables::ResultTable;
use crate::results::tables::cells::Cells;
use crate::rules::evaluation::{Evaluation, is_mislabeled, share};
use crate::rules::verdict::{SampleVerdict, Verdicts};

/// What was counted of one class or pair.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    judged: usize,
    aum_sum: f64,
    /// Samples with a verdict.
    decided: usize,
    flagged: usize,
    evaluation: Evaluation,
}

impl Counts {
    fn add(&mut self, verdict: SampleVerdict, is_mislabeled: Option<bool>) {
        let Some(aum) = verdict.aum else {
            return;
        };
        self.judged += 1;
        self.aum_sum += aum;
        let Some(flagged) = verdict.flagged else {
            return;
        };
        self.decided += 1;
        self.flagged += usize::from(flagged);
        if let Some(is_mislabeled) = is_mislabeled {
            self.evaluation.add(flagged, is_mislabeled, 1);
        }
    }

    fn mean_aum(&self) -> Option<f64> {
        (self.judged > 0).then(|| self.aum_sum / self.judged as f64)
    }

    fn has_verdicts(&self) -> Option<&Self> {
        (self.decided > 0).then_some(self)
    }

    fn has_truth(&self) -> Option<&Self> {
        (self.evaluation.evaluated > 0).then_some(self)
    }
}

/// A row per given class, ascending: how many of its samples were judged, their mean AUM, how many
/// are flagged, and, where any true label is known, how good that is. The slices have the same
/// length; a sample without a given label is in no class.
pub fn results_by_class(
    given_labels: &[Option<u32>],
    true_labels: &[Option<u32>],
    verdicts: &Verdicts,
) -> ResultTable {
    let mut classes: BTreeMap<u32, Counts> = BTreeMap::new();
    for ((given, truth), verdict) in given_labels.iter().zip(true_labels).zip(verdicts.iter()) {
        if let Some(class) = *given {
            let counts = classes.entry(class).or_default();
            counts.add(verdict, is_mislabeled(*given, *truth));
        }
    }
    let rows: Vec<Counts> = classes.values().copied().collect();
    let count = |value: fn(&Counts) -> Option<usize>| Cells::counts(rows.iter().map(value));
    let ratio = |part: fn(&Counts) -> usize, whole: fn(&Counts) -> usize| {
        rows.iter()
            .map(|row| share(part(row), whole(row)))
            .collect::<Vec<_>>()
    };
    let table = ResultTable::new()
        .with(
            "given_label",
            "Given label",
            Cells::classes(classes.keys().map(|&class| Some(class))),
        )
        .with("judged", "Judged", count(|row| Some(row.judged)))
        .with(
            "mean_aum",
            "Mean AUM",
            Cells::logits(rows.iter().map(Counts::mean_aum)),
        )
        .with(
            "flagged",
            "Flagged",
            count(|row| row.has_verdicts().map(|row| row.flagged)),
        )
        .with(
            "flagged_share",
            "Share",
            Cells::shares(ratio(|row| row.flagged, |row| row.decided)),
        );
    if rows.iter().all(|row| row.evaluation.evaluated == 0) {
        return table;
    }
    let quality = |ratio: fn(&Evaluation) -> Option<f64>| {
        Cells::ratios(rows.iter().map(|row| ratio(&row.evaluation)))
    };
    table
        .with(
            "mislabeled",
            "Mislabeled",
            count(|row| row.has_truth().map(|row| row.evaluation.mislabeled)),
        )
        .with("precision", "Precision", quality(Evaluation::precision))
        .with("recall", "Recall", quality(Evaluation::recall))
        .with("f1", "F1", quality(Evaluation::f1))
}

/// A row per pair of a true and another given class, the most frequent first, at most `most`: how
/// many such samples have a verdict, how many of them are flagged, and the 95 % interval (Wilson)
/// of that share, the recall of the pair.
pub fn results_by_noise_pair(
    given_labels: &[Option<u32>],
    true_labels: &[Option<u32>],
    verdicts: &Verdicts,
    most: usize,
) -> ResultTable {
    let mut pairs: BTreeMap<(u32, u32), Counts> = BTreeMap::new();
    for ((given, truth), verdict) in given_labels.iter().zip(true_labels).zip(verdicts.iter()) {
        if let (Some(given), Some(truth), Some(true)) =
            (*given, *truth, is_mislabeled(*given, *truth))
        {
            let counts = pairs.entry((truth, given)).or_default();
            counts.add(verdict, Some(true));
        }
    }
    let mut rows: Vec<((u32, u32), Counts)> = pairs
        .into_iter()
        .filter(|(_, counts)| counts.decided > 0)
        .collect();
    rows.sort_by_key(|(_, counts)| Reverse(counts.decided)); // stable: then by the classes
    rows.truncate(most);
    let interval = |counts: &Counts| wilson_interval(counts.flagged, counts.decided);
    let classes = |class: fn(&(u32, u32)) -> u32| {
        Cells::classes(rows.iter().map(|(pair, _)| Some(class(pair))))
    };
    let count = |value: fn(&Counts) -> usize| {
        Cells::counts(rows.iter().map(|(_, counts)| Some(value(counts))))
    };
    let ratios = |value: &dyn Fn(&Counts) -> Option<f64>| {
        Cells::ratios(rows.iter().map(|(_, counts)| value(counts)))
    };
    ResultTable::new()
        .with("true_label", "True label", classes(|pair| pair.0))
        .with("given_label", "Given label", classes(|pair| pair.1))
        .with("samples", "Samples", count(|counts| counts.decided))
        .with("flagged", "Flagged", count(|counts| counts.flagged))
        .with(
            "recall",
            "Recall",
            ratios(&|counts| share(counts.flagged, counts.decided)),
        )
        .with(
            "recall_low",
            "95 % from",
            ratios(&|counts| interval(counts).map(|interval| interval.low)),
        )
        .with(
            "recall_high",
            "to",
            ratios(&|counts| interval(counts).map(|interval| interval.high)),
        )
        .with(
            "mean_aum",
            "Mean AUM",
            Cells::logits(rows.iter().map(|(_, counts)| counts.mean_aum())),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: [Option<u32>; 6] = [Some(0), Some(0), Some(0), Some(1), Some(1), None];
    const TRUE: [Option<u32>; 6] = [Some(0), Some(1), Some(2), Some(1), Some(0), Some(0)];

    fn verdicts() -> Verdicts {
        let flagged = [true, true, false, false, true, true];
        (0..)
            .zip(flagged)
            .map(|(aum, flagged)| SampleVerdict {
                judged_passes: 1,
                aum: Some(f64::from(aum)),
                flagged: Some(flagged),
            })
            .collect()
    }

    fn rows(table: &ResultTable) -> Vec<serde_json::Value> {
        let rows = serde_json::to_value(table).unwrap();
        rows.as_array().unwrap().clone()
    }

    #[test]
    fn classes_are_counted_as_by_hand() {
        let rows = rows(&results_by_class(&GIVEN, &TRUE, &verdicts()));
        assert_eq!(rows.len(), 2);
        // Class 0: flagged samples 0 and 1, of which 1 is mislabeled, as is sample 2.
        assert_eq!(rows[0]["judged"], 3);
        assert_eq!(rows[0]["mean_aum"], 1.0);
        assert_eq!(rows[0]["flagged"], 2);
        assert_eq!(rows[0]["mislabeled"], 2);
        assert_eq!(rows[0]["precision"], 0.5);
        assert_eq!(rows[0]["recall"], 0.5);
        assert_eq!(rows[1]["precision"], 1.0);
    }

    #[test]
    fn without_truth_there_are_no_columns_for_it() {
        let table = results_by_class(&GIVEN, &[None; 6], &verdicts());
        assert!(table.columns().iter().all(|column| column.name != "recall"));
        assert!(results_by_noise_pair(&GIVEN, &[None; 6], &verdicts(), 9).is_empty());
    }

    #[test]
    fn the_most_frequent_pairs_come_first() {
        let given = [Some(1), Some(2), Some(1), Some(0)];
        let truth = [Some(0), Some(0), Some(0), Some(0)];
        let table = results_by_noise_pair(&given, &truth, &verdicts().iter().take(4).collect(), 9);
        let rows = rows(&table);
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (&rows[0]["true_label"], &rows[0]["given_label"]),
            (&0.into(), &1.into())
        );
        assert_eq!(
            (&rows[0]["samples"], &rows[0]["recall"]),
            (&2.into(), &0.5.into())
        );
        assert_eq!(
            results_by_noise_pair(&given, &truth, &verdicts().iter().take(4).collect(), 1).len(),
            1
        );
    }
}
