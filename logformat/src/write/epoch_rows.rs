//! The rows of one epoch as they become a file: from logits, or from margins alone.

use std::sync::Arc;

use crate::error::LogError;
use crate::schema::margin::margin;
use crate::write::epoch::EpochLogits;
use crate::write::epoch_margins::EpochMargins;
use crate::write::samples::PassSamples;

/// What is known of one epoch.
#[derive(Debug, Clone)]
pub enum EpochRows {
    /// The logits of every sample.
    Logits(EpochLogits),
    /// Margins alone.
    Margins(EpochMargins),
}

/// The columns that change from epoch to epoch, in the order of the sample ids.
pub(crate) struct EpochColumns {
    pub(crate) samples: Arc<PassSamples>,
    pub(crate) margins: Vec<f32>,
    pub(crate) rival_labels: Option<Vec<u32>>,
    /// Row-major, samples × logits.
    pub(crate) logits: Option<Vec<f32>>,
}

impl From<EpochLogits> for EpochRows {
    fn from(logits: EpochLogits) -> Self {
        Self::Logits(logits)
    }
}

impl From<EpochMargins> for EpochRows {
    fn from(margins: EpochMargins) -> Self {
        Self::Margins(margins)
    }
}

impl EpochRows {
    /// The 1-based epoch.
    pub fn epoch(&self) -> u32 {
        match self {
            Self::Logits(epoch) => epoch.epoch(),
            Self::Margins(epoch) => epoch.epoch(),
        }
    }

    pub(crate) fn into_columns(self) -> Result<EpochColumns, LogError> {
        match self {
            Self::Logits(epoch) => {
                let (samples, logits) = epoch.into_complete_logits()?;
                let (margins, rivals) = margins_and_rivals(&samples, &logits)?;
                Ok(EpochColumns {
                    samples,
                    margins,
                    rival_labels: Some(rivals),
                    logits: Some(logits),
                })
            }
            Self::Margins(epoch) => {
                let (samples, margins, rival_labels) = epoch.into_recorded();
                Ok(EpochColumns {
                    samples,
                    margins,
                    rival_labels,
                    logits: None,
                })
            }
        }
    }
}

fn margins_and_rivals(
    samples: &PassSamples,
    logits: &[f32],
) -> Result<(Vec<f32>, Vec<u32>), LogError> {
    let rows = logits.chunks_exact(samples.logit_count());
    let rows = rows.zip(&samples.assigned_labels).enumerate();
    let of_row = |(row, (logits, &label)): (usize, (&[f32], &u32))| match margin(logits, label) {
        Some(margin) if margin.value.is_finite() => Ok((margin.value, margin.rival_label)),
        // Finite logits can still be further apart than a float holds.
        _ => Err(samples.refuse(
            row,
            "the logits are so large that the margin is infinite".to_owned(),
        )),
    };
    rows.map(of_row).collect()
}
