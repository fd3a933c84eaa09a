//! Collects the logits of one epoch, sample by sample, in whatever order the training visits them.

use std::sync::Arc;

use crate::error::LogError;
use crate::write::samples::PassSamples;

/// What becomes of a sample that is recorded more than once in an epoch, as by a sampler that pads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repeats {
    /// It is refused.
    #[default]
    Refuse,
    /// Its first logits count.
    First,
    /// The mean of its logits counts.
    Mean,
}

/// The logits of one epoch: every sample of the pass exactly once.
#[derive(Debug, Clone)]
pub struct EpochLogits {
    samples: Arc<PassSamples>,
    epoch: u32,
    /// Row-major, samples × logits, in the order of the sample ids.
    logits: Vec<f32>,
    /// How often each sample was recorded.
    recorded: Vec<u32>,
    repeats: Repeats,
}

impl EpochLogits {
    /// Starts the 1-based `epoch` of a pass over `samples`.
    pub fn new(samples: Arc<PassSamples>, epoch: u32) -> Self {
        Self {
            logits: vec![0.0; samples.len() * samples.logit_count()],
            recorded: vec![0; samples.len()],
            samples,
            epoch,
            repeats: Repeats::Refuse,
        }
    }

    /// Takes samples that are recorded more than once.
    #[must_use]
    pub fn with_repeats(self, repeats: Repeats) -> Self {
        Self { repeats, ..self }
    }

    /// Takes the logits of the training forward pass for one sample; `sample` is its position in
    /// the rows that [`PassSamples::new`] got.
    ///
    /// # Errors
    /// [`LogError::Record`] where the position is beyond the samples, the number of logits is not
    /// that of the pass, a logit is NaN or infinite, or the sample was recorded before and repeats are
    /// refused.
    pub fn record(&mut self, sample: usize, logits: &[f32]) -> Result<(), LogError> {
        let row = self.samples.checked_row(sample, logits)?;
        self.record_row(row, logits)
    }

    /// The same for a row of the samples, whose logits were checked.
    pub(crate) fn record_row(&mut self, row: usize, logits: &[f32]) -> Result<(), LogError> {
        let width = self.samples.logit_count();
        let kept = &mut self.logits[row * width..(row + 1) * width];
        match (self.recorded[row], self.repeats) {
            (0, _) => kept.copy_from_slice(logits),
            (_, Repeats::First) => {}
            (before, Repeats::Mean) => {
                let count = (before + 1) as f32;
                let both = kept.iter_mut().zip(logits);
                both.for_each(|(mean, logit)| *mean += (logit - *mean) / count);
            }
            (_, Repeats::Refuse) => {
                let reason = "recorded twice in this epoch".to_owned();
                return Err(self.samples.refuse(row, reason));
            }
        }
        self.recorded[row] += 1;
        Ok(())
    }

    /// Whether nothing was recorded yet.
    pub fn is_empty(&self) -> bool {
        self.recorded.iter().all(|&times| times == 0)
    }

    /// The 1-based epoch.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The samples of its pass.
    pub(crate) fn samples(&self) -> &PassSamples {
        &self.samples
    }

    /// Checks that every sample was recorded, before the epoch is handed over to be written.
    ///
    /// # Errors
    /// [`LogError::Record`] with the first sample that was not.
    pub fn check_complete(&self) -> Result<(), LogError> {
        let missing = self.recorded.iter().filter(|&&times| times == 0).count();
        match self.recorded.iter().position(|&times| times == 0) {
            Some(row) => Err(self.samples.refuse(
                row,
                format!(
                    "no logits in epoch {} (the first of {missing} such samples); every sample belongs in every epoch",
                    self.epoch
                ),
            )),
            None => Ok(()),
        }
    }

    /// The logits, once every sample has been recorded.
    pub(crate) fn into_complete_logits(self) -> Result<(Arc<PassSamples>, Vec<f32>), LogError> {
        self.check_complete()?;
        Ok((self.samples, self.logits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::samples::SampleRow;

    fn two_samples() -> Arc<PassSamples> {
        let row = |id: i64| SampleRow {
            sample_id: id.into(),
            assigned_label: 0,
            given_label: 0,
            true_label: None,
            is_threshold_sample: false,
        };
        Arc::new(PassSamples::new(vec![row(20), row(10)], 2).unwrap())
    }

    #[test]
    fn logits_are_put_in_the_order_of_the_ids() {
        let mut epoch = EpochLogits::new(two_samples(), 1);
        epoch.record(0, &[1.0, 2.0]).unwrap();
        epoch.record(1, &[3.0, 4.0]).unwrap();
        let (_, logits) = epoch.into_complete_logits().unwrap();
        assert_eq!(logits, [3.0, 4.0, 1.0, 2.0]);
    }

    #[test]
    fn a_sample_recorded_twice_is_refused() {
        let mut epoch = EpochLogits::new(two_samples(), 1);
        epoch.record(0, &[1.0, 2.0]).unwrap();
        let error = epoch.record(0, &[1.0, 2.0]).unwrap_err();
        assert_eq!(error.to_string(), "sample 20: recorded twice in this epoch");
    }

    #[test]
    fn of_a_sample_recorded_thrice_the_first_logits_or_their_mean_are_kept() {
        for (repeats, kept) in [(Repeats::First, [1.0, 2.0]), (Repeats::Mean, [4.0, 1.0])] {
            let mut epoch = EpochLogits::new(two_samples(), 1).with_repeats(repeats);
            for logits in [[1.0, 2.0], [4.0, 2.0], [7.0, -1.0]] {
                epoch.record(1, &logits).unwrap();
            }
            epoch.record(0, &[0.0, 5.0]).unwrap();
            let (_, logits) = epoch.into_complete_logits().unwrap();
            assert_eq!(logits, [kept[0], kept[1], 0.0, 5.0]);
        }
    }

    #[test]
    fn a_missing_sample_is_refused() {
        let mut epoch = EpochLogits::new(two_samples(), 3);
        epoch.record(0, &[1.0, 2.0]).unwrap();
        let error = epoch.into_complete_logits().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("sample 10: no logits in epoch 3")
        );
    }

    #[test]
    fn nan_and_wrong_lengths_and_unknown_samples_are_refused() {
        let mut epoch = EpochLogits::new(two_samples(), 1);
        assert!(epoch.record(0, &[1.0, f32::NAN]).is_err());
        assert!(epoch.record(0, &[1.0]).is_err());
        assert!(epoch.record(2, &[1.0, 2.0]).is_err());
    }
}
