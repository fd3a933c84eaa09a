//! The logits of a sample in an epoch, and what several scores take from them.

/// A row with its softmax.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogitRow<'a> {
    pub(crate) logits: &'a [f32],
    /// The assigned label.
    pub(crate) label: usize,
    largest: f64,
    /// Of the exponentials of the differences from the largest logit.
    sum: f64,
    others: f64,
    squares_of_others: f64,
}

impl<'a> LogitRow<'a> {
    /// `None` for a label beyond the logits.
    pub(crate) fn new(logits: &'a [f32], label: u32) -> Option<Self> {
        let label = usize::try_from(label).ok()?;
        logits.get(label)?;
        // Against the largest, so that no exponential overflows.
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let largest = f64::from(largest);
        let (mut sum, mut others, mut squares_of_others) = (0.0, 0.0, 0.0);
        for (class, &logit) in logits.iter().enumerate() {
            let exponential = (f64::from(logit) - largest).exp();
            sum += exponential;
            if class != label {
                others += exponential;
                squares_of_others += exponential * exponential;
            }
        }
        Some(Self {
            logits,
            label,
            largest,
            sum,
            others,
            squares_of_others,
        })
    }

    /// The logarithm of the softmax of the assigned label; 0 or less.
    pub(crate) fn log_probability(&self) -> f64 {
        f64::from(self.logits[self.label]) - self.largest - f64::ln(self.sum)
    }

    /// The distance between the softmax and the assigned label as a vector of 0 and one 1.
    pub(crate) fn error_norm(&self) -> f64 {
        // 1 − p is the share of the others: a difference from 1 would lose what is small.
        let miss = self.others / self.sum;
        (miss * miss + self.squares_of_others / (self.sum * self.sum)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_can_be_computed_by_hand() {
        // Softmax of ln 1, ln 2, ln 5 is 1/8, 2/8, 5/8; the label is class 1.
        let logits = [1.0_f32, 2.0, 5.0].map(f32::ln);
        let row = LogitRow::new(&logits, 1).unwrap();
        assert!((row.log_probability() - 0.25_f64.ln()).abs() < 1e-6);
        let expected = f64::sqrt(1.0 / 64.0 + 36.0 / 64.0 + 25.0 / 64.0);
        assert!((row.error_norm() - expected).abs() < 1e-6);
    }

    #[test]
    fn huge_logits_stay_finite_and_labels_beyond_them_are_nothing() {
        let row = LogitRow::new(&[1000.0, -1000.0], 1).unwrap();
        assert_eq!(row.log_probability(), -2000.0);
        assert!((row.error_norm() - 2.0_f64.sqrt()).abs() < 1e-12);
        assert!(LogitRow::new(&[0.0, 0.0], 2).is_none());
    }
}
