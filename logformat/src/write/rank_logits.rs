//! Collects what one rank of a data-parallel training sees of an epoch: the logits of some samples, for rank 0
//! to put together with those of the others. They lie as in the file that it is written to (a *shard*): the
//! header of the pass, for each visit the row of the sample (u32) and its logits (f32), all little-endian,
//! and the CRC-32 of it all.

use std::sync::Arc;

use crate::error::LogError;
use crate::write::samples::PassSamples;

const MAGIC: &[u8; 8] = b"AUMrank1";
pub(crate) const HEADER_BYTES: usize = 16;

/// The logits that one rank has of an epoch, in the order in which it visits the samples.
#[derive(Debug, Clone)]
pub struct RankLogits {
    samples: Arc<PassSamples>,
    epoch: u32,
    bytes: Vec<u8>,
}

impl RankLogits {
    /// Starts the 1-based `epoch` of a pass over `samples`, which are all samples of the pass, and the same
    /// for each rank.
    pub fn new(samples: Arc<PassSamples>, epoch: u32) -> Self {
        Self {
            bytes: header(&samples).to_vec(),
            samples,
            epoch,
        }
    }

    /// Takes the logits of the training forward pass for one sample; `sample` is its position in the rows that
    /// [`PassSamples::new`] got. What comes twice, here or on several ranks, is for rank 0 to judge.
    ///
    /// # Errors
    /// [`LogError::Record`] where the position is beyond the samples, the number of logits is not that of the
    /// pass, or a logit is NaN or infinite.
    pub fn record(&mut self, sample: usize, logits: &[f32]) -> Result<(), LogError> {
        let row = self.samples.checked_row(sample, logits)?;
        let row = u32::try_from(row).map_err(|_| {
            let reason = "ranks log at most 4,294,967,295 samples".to_owned();
            self.samples.refuse(row, reason)
        })?;
        self.bytes.extend(row.to_le_bytes());
        self.bytes
            .extend(logits.iter().flat_map(|logit| logit.to_le_bytes()));
        Ok(())
    }

    /// Whether nothing was recorded yet.
    pub fn is_empty(&self) -> bool {
        self.bytes.len() == HEADER_BYTES
    }

    /// The 1-based epoch.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// What the file holds, but for the checksum at its end.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What every rank says of the pass in the same way, or has other samples, labels or outputs.
pub(crate) fn header(samples: &PassSamples) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&samples.checksum().to_le_bytes());
    // Beyond u32 no row fits into memory.
    let width = u32::try_from(samples.logit_count()).unwrap_or(u32::MAX);
    header[12..].copy_from_slice(&width.to_le_bytes());
    header
}
