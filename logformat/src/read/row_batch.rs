//! What a reader hands out: some consecutive rows of a log file as plain vectors.

use std::sync::Arc;

use crate::read::repeated::{Repeated, RepeatedTexts};
use crate::schema::sample_id::SampleIds;

/// Some consecutive rows of a log file; all columns have the same length.
///
/// A column that is the same as in a file before, byte for byte, can be the same vector (see
/// [`EpochReader::sharing`](crate::EpochReader::sharing)): [`Arc::ptr_eq`] then tells so at once.
#[derive(Debug, Clone, PartialEq)]
pub struct RowBatch {
    /// The number of the first row in its file, from 0.
    pub first_row: usize,
    /// The name of the run; `None` in a log without the column.
    pub runs: Option<Arc<RepeatedTexts>>,
    /// 1-based.
    pub passes: Arc<Repeated<u32>>,
    /// From 0 on.
    pub epochs: Arc<Repeated<u32>>,
    /// The samples' names.
    pub sample_ids: Arc<SampleIds>,
    /// The class that each sample is trained on.
    pub assigned_labels: Arc<Vec<u32>>,
    /// The class that the data set carries; `None` in a log without the column.
    pub given_labels: Option<Arc<Vec<u32>>>,
    /// The class known to be right; null, or `None` in a log without the column, where unknown.
    pub true_labels: Option<Arc<Vec<Option<u32>>>>,
    /// Whether the given label is known to be wrong; null, or `None` in a log without the column, where unknown.
    pub is_mislabeled: Option<Arc<Vec<Option<bool>>>>,
    /// Whether each sample serves as a threshold sample.
    pub is_threshold_sample: Arc<Vec<bool>>,
    /// Finite, from the column where it is there, else computed from the logits.
    pub margins: Vec<f32>,
    /// The class of the largest other logit; `None` where neither it nor the logits are there.
    pub rival_labels: Option<Arc<Vec<u32>>>,
    /// Row-major, rows × `logit_count`; empty unless asked for.
    pub logits: Vec<f32>,
    /// The number of logits a row; 0 where they were not decoded.
    pub logit_count: usize,
}
