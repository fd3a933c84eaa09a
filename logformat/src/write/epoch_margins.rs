//! Collects the margins of one epoch where nobody has the logits any more, such as those that another tool
//! has logged. A sample without a margin in this epoch has no row in its file.

use std::sync::Arc;

use crate::error::LogError;
use crate::write::samples::{PassSamples, kept};

/// The margins of one epoch.
#[derive(Debug, Clone)]
pub struct EpochMargins {
    samples: Arc<PassSamples>,
    epoch: u32,
    /// In the order of the sample ids; NaN where none was recorded.
    margins: Vec<f32>,
    /// Likewise; empty where nobody knows them.
    rival_labels: Vec<u32>,
}

impl EpochMargins {
    /// Starts the 1-based `epoch` of a pass over `samples`.
    pub fn new(samples: Arc<PassSamples>, epoch: u32) -> Self {
        Self {
            margins: vec![f32::NAN; samples.len()],
            rival_labels: Vec::new(),
            samples,
            epoch,
        }
    }

    /// Takes the margin of one sample, and the class of its largest other logit, which is known of all
    /// samples or of none; `sample` is its position in the rows that [`PassSamples::new`] got.
    ///
    /// # Errors
    /// [`LogError::Record`] where the position is beyond the samples, the margin is NaN or infinite, the
    /// rival is no class, or the sample was recorded before.
    pub fn record(
        &mut self,
        sample: usize,
        margin: f32,
        rival_label: Option<u32>,
    ) -> Result<(), LogError> {
        let row = self
            .samples
            .row_of(sample)
            .ok_or_else(|| LogError::Record {
                sample_id: format!("at position {sample}"),
                reason: format!("the pass has only {} samples", self.samples.len()),
            })?;
        if !margin.is_finite() {
            return Err(self.refuse(row, format!("the margin is {margin}")));
        }
        if !self.margins[row].is_nan() {
            return Err(self.refuse(row, format!("recorded twice in epoch {}", self.epoch)));
        }
        if let Some(rival) = rival_label {
            if rival as usize >= self.samples.logit_count() {
                let classes = self.samples.logit_count();
                return Err(self.refuse(row, format!("rival {rival} is none of {classes} classes")));
            }
            self.rival_labels.resize(self.samples.len(), 0);
            self.rival_labels[row] = rival;
        }
        self.margins[row] = margin;
        Ok(())
    }

    /// The 1-based epoch.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The samples that were recorded, with their margins and, where these are known, their rivals.
    pub(crate) fn into_recorded(self) -> (Arc<PassSamples>, Vec<f32>, Option<Vec<u32>>) {
        let is_recorded: Vec<bool> = self.margins.iter().map(|margin| !margin.is_nan()).collect();
        let rivals = (!self.rival_labels.is_empty()).then_some(self.rival_labels);
        if is_recorded.iter().all(|&is| is) {
            return (self.samples, self.margins, rivals);
        }
        let samples = Arc::new(self.samples.only(&is_recorded));
        let margins = kept(&self.margins, &is_recorded);
        (samples, margins, rivals.map(|all| kept(&all, &is_recorded)))
    }

    fn refuse(&self, row: usize, reason: String) -> LogError {
        let id = self.samples.sample_ids.get(row);
        LogError::Record {
            sample_id: id.map_or_else(String::new, |id| id.to_string()),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample_id::SampleIds;
    use crate::write::samples::SampleRow;

    fn three_samples() -> EpochMargins {
        let row = |id: i64| SampleRow {
            sample_id: id.into(),
            assigned_label: 0,
            given_label: 0,
            true_label: None,
            is_threshold_sample: false,
        };
        let samples = PassSamples::new(vec![row(30), row(10), row(20)], 2).unwrap();
        EpochMargins::new(Arc::new(samples), 4)
    }

    #[test]
    fn samples_without_a_margin_have_no_row() {
        let mut epoch = three_samples();
        epoch.record(0, -1.5, Some(1)).unwrap();
        epoch.record(2, 2.5, Some(0)).unwrap();
        let (samples, margins, rivals) = epoch.into_recorded();
        assert_eq!(samples.sample_ids, SampleIds::Integers(vec![20, 30]));
        assert_eq!(margins, [2.5, -1.5]);
        assert_eq!(rivals, Some(vec![0, 1]));
    }

    #[test]
    fn what_is_no_margin_or_comes_twice_is_refused() {
        let mut epoch = three_samples();
        epoch.record(1, 0.5, None).unwrap();
        let refused = |epoch: &mut EpochMargins, sample, margin, rival| {
            epoch.record(sample, margin, rival).unwrap_err().to_string()
        };
        let twice = refused(&mut epoch, 1, 0.5, None);
        assert_eq!(twice, "sample 10: recorded twice in epoch 4");
        let nan = refused(&mut epoch, 0, f32::NAN, None);
        assert_eq!(nan, "sample 30: the margin is NaN");
        let rival = refused(&mut epoch, 0, 0.5, Some(2));
        assert_eq!(rival, "sample 30: rival 2 is none of 2 classes");
        assert!(refused(&mut epoch, 3, 0.5, None).contains("only 3 samples"));
    }
}
