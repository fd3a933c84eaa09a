//! What was found class by class, and for each pair of true and given label.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::questions::uncertainty::interval::wilson_interval;
use crate::results::tables::{ResultTable, Shown};
use crate::rules::evaluation::{Evaluation, is_mislabeled, known_class, share};
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

    fn flagged(&self) -> Option<usize> {
        (self.decided > 0).then_some(self.flagged)
    }

    fn flagged_share(&self) -> Option<f64> {
        share(self.flagged, self.decided)
    }

    fn mislabeled(&self) -> Option<usize> {
        (self.evaluation.evaluated > 0).then_some(self.evaluation.mislabeled)
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
    let keys = classes.keys().map(|&class| Some(class));
    let rows = || classes.values();
    let table = ResultTable::new()
        .classes("given_label", "Given label", keys)
        .counts("judged", "Judged", rows().map(|row| row.judged))
        .logits("mean_aum", "Mean AUM", rows().map(Counts::mean_aum))
        .counts("flagged", "Flagged", rows().map(Counts::flagged))
        .shares("flagged_share", "Share", rows().map(Counts::flagged_share));
    let quality = || rows().map(|row| &row.evaluation);
    if quality().all(|found| found.evaluated == 0) {
        return table;
    }
    table
        .counts("mislabeled", "Mislabeled", rows().map(Counts::mislabeled))
        .ratios(
            "precision",
            "Precision",
            quality().map(Evaluation::precision),
        )
        .ratios("recall", "Recall", quality().map(Evaluation::recall))
        .ratios("f1", "F1", quality().map(Evaluation::f1))
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
            (*given, known_class(*truth), is_mislabeled(*given, *truth))
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
    let truth = rows.iter().map(|((truth, _), _)| Some(*truth));
    let given = rows.iter().map(|((_, given), _)| Some(*given));
    let counts = || rows.iter().map(|(_, counts)| counts);
    let interval = |counts: &Counts| wilson_interval(counts.flagged, counts.decided);
    ResultTable::new()
        .classes("true_label", "True label", truth)
        .classes("given_label", "Given label", given)
        .counts("samples", "Samples", counts().map(|row| row.decided))
        .counts("flagged", "Flagged", counts().map(|row| row.flagged))
        .ratios("recall", "Recall", counts().map(Counts::flagged_share))
        .interval("recall", "95 % from", Shown::Ratio, counts().map(interval))
        .logits("mean_aum", "Mean AUM", counts().map(Counts::mean_aum))
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
        assert!(table.frame().column("recall").is_err());
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
