//! Precision over recall along a ranking: what one would find who looks at the samples from the top,
//! stopping at each distinct score in turn.

use crate::questions::evaluation::score_metrics::RankedScores;

impl RankedScores {
    /// Recall and precision (0 to 1 each) among the samples down to each distinct score, the most
    /// suspicious first; equal scores are passed together, as in scikit-learn's
    /// `precision_recall_curve`. Empty without mislabeled samples.
    ///
    /// ```
    /// // Found at ranks 1 and 3.
    /// let ranked = analyzer::RankedScores::new(&[4.0, 3.0, 2.0], &[true, false, true]);
    /// assert_eq!(
    ///     ranked.precision_recall_curve(),
    ///     [(0.5, 1.0), (0.5, 0.5), (1.0, 2.0 / 3.0)]
    /// );
    /// ```
    pub fn precision_recall_curve(&self) -> Vec<(f64, f64)> {
        let all = self.mislabeled.iter().filter(|&&is| is).count();
        if all == 0 {
            return Vec::new();
        }
        let mut found = 0;
        let mut points = Vec::new();
        for (rank, (&mislabeled, &ends_tie)) in
            self.mislabeled.iter().zip(&self.ends_tie).enumerate()
        {
            found += usize::from(mislabeled);
            if ends_tie {
                let (found, looked_at) = (found as f64, (rank + 1) as f64);
                points.push((found / all as f64, found / looked_at));
            }
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_are_passed_together() {
        let ranked = RankedScores::new(&[1.0, 1.0, 0.0, 0.0], &[false, true, true, false]);
        assert_eq!(ranked.precision_recall_curve(), [(0.5, 0.5), (1.0, 0.5)]);
    }

    #[test]
    fn without_mislabeled_samples_there_is_no_curve() {
        let ranked = RankedScores::new(&[1.0, 0.0], &[false, false]);
        assert!(ranked.precision_recall_curve().is_empty());
    }
}
