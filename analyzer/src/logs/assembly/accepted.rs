//! Rows whose ids and labels are those of rows that were taken up before: the same columns, which the
//! reader shares between files (see `logformat::SharedColumns`). Nothing about them can contradict
//! what is known, so that their margins alone have to be looked at.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use logformat::SampleIds;

use crate::logs::assembly::positions::Positions;
use crate::logs::assembly::rows::Rows;

/// Row groups of a file or two; more are looked at anew, which is slower and no less right.
const MOST_REMEMBERED: usize = 64;

/// The rows that were taken up last.
#[derive(Debug, Default)]
pub(crate) struct AcceptedRows {
    remembered: VecDeque<Accepted>,
}

#[derive(Debug)]
struct Accepted {
    columns: LabelColumns,
    positions: Positions,
}

/// Ids and labels of some rows; kept, so that their addresses stay theirs.
#[derive(Debug)]
struct LabelColumns {
    pass: u32,
    rows: Range<usize>,
    sample_ids: Arc<SampleIds>,
    assigned_labels: Arc<Vec<u32>>,
    given_labels: Option<Arc<Vec<u32>>>,
    true_labels: Option<Arc<Vec<Option<u32>>>>,
    is_mislabeled: Option<Arc<Vec<Option<bool>>>>,
    is_threshold_sample: Arc<Vec<bool>>,
}

impl AcceptedRows {
    /// The positions of the samples, where rows with these columns were taken up before.
    pub(crate) fn positions(&self, rows: Rows<'_>) -> Option<Positions> {
        let same = |accepted: &&Accepted| accepted.columns.are_those_of(rows);
        let known = self.remembered.iter().rev().find(same)?;
        Some(known.positions.clone())
    }

    pub(crate) fn remember(&mut self, rows: Rows<'_>, positions: Positions) {
        if self.remembered.len() == MOST_REMEMBERED {
            self.remembered.pop_front();
        }
        self.remembered.push_back(Accepted {
            columns: LabelColumns::of(rows),
            positions,
        });
    }
}

impl LabelColumns {
    fn of(rows: Rows<'_>) -> Self {
        let batch = rows.batch;
        Self {
            pass: rows.pass(),
            rows: rows.range(),
            sample_ids: Arc::clone(&batch.sample_ids),
            assigned_labels: Arc::clone(&batch.assigned_labels),
            given_labels: batch.given_labels.clone(),
            true_labels: batch.true_labels.clone(),
            is_mislabeled: batch.is_mislabeled.clone(),
            is_threshold_sample: Arc::clone(&batch.is_threshold_sample),
        }
    }

    fn are_those_of(&self, rows: Rows<'_>) -> bool {
        let batch = rows.batch;
        self.pass == rows.pass()
            && self.rows == rows.range()
            && Arc::ptr_eq(&self.sample_ids, &batch.sample_ids)
            && Arc::ptr_eq(&self.assigned_labels, &batch.assigned_labels)
            && Arc::ptr_eq(&self.is_threshold_sample, &batch.is_threshold_sample)
            && both_or_neither(self.given_labels.as_ref(), batch.given_labels.as_ref())
            && both_or_neither(self.true_labels.as_ref(), batch.true_labels.as_ref())
            && both_or_neither(self.is_mislabeled.as_ref(), batch.is_mislabeled.as_ref())
    }
}

fn both_or_neither<T>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}
