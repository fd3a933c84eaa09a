//! Puts the rows of one pass together: a column of margins per epoch, and the assigned labels, which
//! must not change.

use std::collections::BTreeMap;

use super::positions::Positions;
use super::rows::Rows;
use crate::{AnalyzerError, EpochMargins, PassLog};

#[derive(Debug, Default)]
pub(super) struct PassAssembly {
    assigned: Vec<Option<Assigned>>,
    epochs: BTreeMap<u32, EpochAssembly>,
    /// The number of logits, where they were read, and the file that said so first.
    logit_count: Option<(usize, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Assigned {
    label: u32,
    is_threshold_sample: bool,
}

#[derive(Debug, Default)]
struct EpochAssembly {
    /// In the order of the index; NaN where there is none (yet), since margins are finite.
    margins: Vec<f32>,
    files: Vec<u32>,
}

impl PassAssembly {
    pub(super) fn add(
        &mut self,
        rows: Rows<'_>,
        positions: &Positions,
        sample_count: usize,
    ) -> Result<(), AnalyzerError> {
        self.check_logit_count(rows)?;
        self.assign(rows, positions.as_slice(), sample_count)?;
        self.add_margins(rows, positions, sample_count)
    }

    /// Like `add`, for rows with the ids and labels of rows that were added before.
    pub(super) fn add_again(
        &mut self,
        rows: Rows<'_>,
        positions: &Positions,
        sample_count: usize,
    ) -> Result<(), AnalyzerError> {
        self.check_logit_count(rows)?;
        self.add_margins(rows, positions, sample_count)
    }

    fn check_logit_count(&mut self, rows: Rows<'_>) -> Result<(), AnalyzerError> {
        let found = rows.batch.logit_count;
        if found == 0 {
            return Ok(()); // not read
        }
        let (expected, file) = *self.logit_count.get_or_insert((found, rows.file));
        if found == expected {
            return Ok(());
        }
        Err(AnalyzerError::LogitCountChanges {
            path: rows.path().to_owned(),
            found,
            expected,
            other_path: rows.files[file as usize].clone(),
        })
    }

    fn assign(
        &mut self,
        rows: Rows<'_>,
        samples: &[u32],
        sample_count: usize,
    ) -> Result<(), AnalyzerError> {
        self.assigned.resize(sample_count, None);
        for (row, &sample) in rows.range().zip(samples) {
            let found = Assigned {
                label: rows.batch.assigned_labels[row],
                is_threshold_sample: rows.batch.is_threshold_sample[row],
            };
            let known = self.assigned[sample as usize].get_or_insert(found);
            if *known != found {
                let known = *known;
                let other_epoch = self.nearest_epoch(sample, rows.epoch());
                return Err(assignment_changes(rows, row, found, known, other_epoch));
            }
        }
        Ok(())
    }

    /// The epoch nearest before `epoch`, else after it, that has `sample`; else `epoch` itself,
    /// whose rows contradict each other.
    fn nearest_epoch(&self, sample: u32, epoch: u32) -> u32 {
        let has = |(_, other): &(&u32, &EpochAssembly)| other.margin(sample).is_some();
        let before = self.epochs.range(..epoch).rev().find(has);
        let nearest = before.or_else(|| self.epochs.range(epoch..).find(has));
        nearest.map_or(epoch, |(&epoch, _)| epoch)
    }

    fn add_margins(
        &mut self,
        rows: Rows<'_>,
        positions: &Positions,
        sample_count: usize,
    ) -> Result<(), AnalyzerError> {
        let epoch = self.epochs.entry(rows.epoch()).or_default();
        if epoch.files.last() != Some(&rows.file) {
            epoch.files.push(rows.file);
        }
        let known = epoch.margins.len();
        epoch
            .margins
            .reserve_exact(sample_count.saturating_sub(known));
        if positions.consecutive_from() == Some(known) {
            epoch
                .margins
                .extend_from_slice(&rows.batch.margins[rows.range()]);
            return Ok(());
        }
        if known < sample_count {
            epoch.margins.resize(sample_count, f32::NAN);
        }
        for (row, &sample) in rows.range().zip(positions.as_slice()) {
            let margin = &mut epoch.margins[sample as usize];
            if !margin.is_nan() {
                return Err(AnalyzerError::RecordedTwice {
                    path: rows.path().to_owned(),
                    sample_id: rows.sample_id(row),
                    pass: rows.pass(),
                    epoch: rows.epoch(),
                    first_in: rows.first_in(&epoch.files),
                });
            }
            *margin = rows.batch.margins[row];
        }
        Ok(())
    }

    /// Puts everything in the order of the ids; `order` has the position of each.
    pub(super) fn finish(self, pass: u32, order: &[u32]) -> PassLog {
        let assigned = |&at: &u32| self.assigned.get(at as usize).copied().flatten();
        PassLog {
            pass,
            assigned_labels: order
                .iter()
                .map(|at| assigned(at).map(|a| a.label))
                .collect(),
            is_threshold_sample: order
                .iter()
                .map(|at| assigned(at).is_some_and(|a| a.is_threshold_sample))
                .collect(),
            epochs: self
                .epochs
                .into_iter()
                .map(|(epoch, assembly)| EpochMargins {
                    epoch,
                    margins: assembly.in_order(order),
                })
                .collect(),
        }
    }
}

impl EpochAssembly {
    fn margin(&self, sample: u32) -> Option<f32> {
        let margin = self.margins.get(sample as usize).copied();
        margin.filter(|margin| !margin.is_nan())
    }

    fn in_order(mut self, order: &[u32]) -> Vec<f32> {
        // Files of our own writer are in this order already.
        if order.iter().zip(0_u32..).all(|(&at, row)| at == row) {
            self.margins.resize(order.len(), f32::NAN);
            return self.margins;
        }
        let margin = |&at: &u32| self.margin(at).unwrap_or(f32::NAN);
        order.iter().map(margin).collect()
    }
}

fn assignment_changes(
    rows: Rows<'_>,
    row: usize,
    found: Assigned,
    known: Assigned,
    other_epoch: u32,
) -> AnalyzerError {
    let path = rows.path().to_owned();
    let sample_id = rows.sample_id(row);
    if found.is_threshold_sample != known.is_threshold_sample {
        return AnalyzerError::ThresholdMarkChanges {
            path,
            sample_id,
            is_threshold_sample: found.is_threshold_sample,
            other_epoch,
        };
    }
    AnalyzerError::AssignedLabelChanges {
        path,
        sample_id,
        label: found.label,
        other_label: known.label,
        other_epoch,
    }
}
