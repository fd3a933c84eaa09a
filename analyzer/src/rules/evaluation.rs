//! How good the verdicts are where the truth is known: precision and recall of `flagged` against
//! `mislabeled` (given label ≠ true label).
//!
//! Samples that no pass judged, and samples without a known true label, are left out and counted.

/// Counts over the samples with a verdict and a known true label, and what was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evaluation {
    /// Samples with a verdict and a known true label.
    pub evaluated: usize,
    /// Of these, the flagged ones.
    pub flagged: usize,
    /// Of these, the mislabeled ones.
    pub mislabeled: usize,
    /// Of these, the ones that are flagged and mislabeled.
    pub flagged_mislabeled: usize,
    /// Samples with a verdict but without a known true label: left out.
    pub without_true_label: usize,
    /// Samples without a verdict: left out.
    pub without_verdict: usize,
}

impl Evaluation {
    /// Counts a sample with a verdict and a known true label, so many times.
    pub(crate) fn add(&mut self, flagged: bool, mislabeled: bool, times: usize) {
        self.evaluated += times;
        self.flagged += times * usize::from(flagged);
        self.mislabeled += times * usize::from(mislabeled);
        self.flagged_mislabeled += times * usize::from(flagged && mislabeled);
    }

    /// The share of the flagged samples that are mislabeled, 0 to 1; `None` where none is flagged.
    pub fn precision(&self) -> Option<f64> {
        share(self.flagged_mislabeled, self.flagged)
    }

    /// The share of the mislabeled samples that are flagged, 0 to 1; `None` where none is
    /// mislabeled.
    pub fn recall(&self) -> Option<f64> {
        share(self.flagged_mislabeled, self.mislabeled)
    }

    /// The harmonic mean of precision and recall, 0 to 1; `None` where no sample is flagged and
    /// none mislabeled.
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.flagged_mislabeled, self.flagged + self.mislabeled)
    }

    /// The realised noise rate: the share of the evaluated samples that are mislabeled, 0 to 1.
    pub fn mislabeled_share(&self) -> Option<f64> {
        share(self.mislabeled, self.evaluated)
    }
}

/// A part of a whole, 0 to 1; `None` where there is no whole.
pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Stands for the true label of a sample whose given label is known to be wrong, and no more than that: it is
/// no class of any log, so that it is another one than the given.
pub const ANOTHER_CLASS: u32 = u32::MAX;

/// What people are told in place of a class that is not known.
pub(crate) const WRONG: &str = "wrong";

/// The true label, where the class is known.
pub(crate) fn known_class(true_label: Option<u32>) -> Option<u32> {
    true_label.filter(|&label| label != ANOTHER_CLASS)
}

/// Whether a sample is mislabeled: its given label is not its true label. `None` where either is
/// unknown.
pub fn is_mislabeled(given_label: Option<u32>, true_label: Option<u32>) -> Option<bool> {
    Some(given_label? != true_label?)
}

/// Counts over samples, whose labels and verdicts have the same length and order. A sample without a
/// given label cannot be told to be mislabeled, so it counts as one without a true label.
///
/// ```
/// let given = [Some(0), Some(1), Some(1)];
/// let truth = [Some(0), Some(0), Some(1)];
/// let flagged = [Some(false), Some(true), Some(true)];
/// let evaluation = analyzer::evaluate(&given, &truth, flagged);
/// assert_eq!(evaluation.precision(), Some(0.5));
/// assert_eq!(evaluation.recall(), Some(1.0));
/// ```
pub fn evaluate(
    given_labels: &[Option<u32>],
    true_labels: &[Option<u32>],
    flagged: impl IntoIterator<Item = Option<bool>>,
) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for ((&given, &truth), flagged) in given_labels.iter().zip(true_labels).zip(flagged) {
        match (flagged, is_mislabeled(given, truth)) {
            (None, _) => evaluation.without_verdict += 1,
            (Some(_), None) => evaluation.without_true_label += 1,
            (Some(flagged), Some(mislabeled)) => evaluation.add(flagged, mislabeled, 1),
        }
    }
    evaluation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_may_be_mislabeled_without_its_class_being_known() {
        assert_eq!(is_mislabeled(Some(3), Some(ANOTHER_CLASS)), Some(true));
        assert_eq!(is_mislabeled(None, Some(ANOTHER_CLASS)), None);
        assert_eq!(known_class(Some(ANOTHER_CLASS)), None);
        assert_eq!(known_class(Some(3)), Some(3));
    }

    #[test]
    fn precision_and_recall_can_be_counted_by_hand() {
        // Flagged: 4, of them 3 mislabeled. Mislabeled: 5. Correct and not flagged: 2.
        let mislabeled = [true, true, true, false, true, true, false, false];
        let flagged = [true, true, true, true, false, false, false, false];
        let truth: Vec<Option<u32>> = mislabeled.iter().map(|&wrong| Some(wrong.into())).collect();
        let flagged: Vec<Option<bool>> = flagged.iter().map(|&flagged| Some(flagged)).collect();
        let evaluation = evaluate(&[Some(0); 8], &truth, flagged);
        assert_eq!(evaluation.evaluated, 8);
        assert_eq!(evaluation.precision(), Some(0.75));
        assert_eq!(evaluation.recall(), Some(0.6));
        assert_eq!(evaluation.f1(), Some(6.0 / 9.0));
        assert_eq!(evaluation.mislabeled_share(), Some(0.625));
    }

    #[test]
    fn what_cannot_be_judged_or_known_is_left_out_and_counted() {
        let evaluation = evaluate(
            &[Some(0), Some(0), None, Some(1)],
            &[Some(1), None, Some(1), Some(0)],
            [None, Some(true), Some(true), Some(true)],
        );
        assert_eq!(evaluation.without_verdict, 1);
        assert_eq!(evaluation.without_true_label, 2);
        assert_eq!((evaluation.evaluated, evaluation.flagged), (1, 1));
    }

    #[test]
    fn what_has_no_denominator_is_undefined_and_never_nan() {
        let clean = evaluate(&[Some(0)], &[Some(0)], [Some(false)]);
        assert_eq!((clean.precision(), clean.recall()), (None, None));
        assert_eq!(clean.f1(), None);
        assert_eq!(Evaluation::default().mislabeled_share(), None);
        let nothing_found = evaluate(&[Some(0)], &[Some(1)], [Some(false)]);
        assert_eq!(nothing_found.precision(), None);
        assert_eq!(nothing_found.recall(), Some(0.0));
        assert_eq!(nothing_found.f1(), Some(0.0));
    }
}
