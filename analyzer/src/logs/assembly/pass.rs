//! Puts the rows of one pass together: a column of margins per epoch, and the assigned labels, which
//! must not change.
//!
//! Where the sums are enough, an epoch is added to them as soon as a later one begins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use logformat::Repeats;

use crate::error::AnalyzerError;
use crate::logs::assembly::positions::Positions;
use crate::logs::assembly::rows::Rows;
use crate::logs::margin_sums::MarginSums;
use crate::logs::order::Order;
use crate::logs::read_settings::Keep;
use crate::logs::run_log::{EpochMargins, PassLog};
use crate::rules::window::EpochRange;

#[derive(Debug)]
pub(crate) struct PassAssembly {
    assigned_labels: Vec<Option<u32>>,
    /// False, too, where there is no assigned label (yet).
    is_threshold_sample: Vec<bool>,
    epochs: BTreeMap<u32, EpochAssembly>,
    /// Of the epochs before those in `epochs`; `None` where the margins are kept.
    summed: Option<Summed>,
    /// The number of logits, where they were read, and the file that said so first.
    logit_count: Option<(usize, u32)>,
    repeats: Repeats,
    /// The refusal of the first row that repeats a sample of its epoch, and how many do.
    repeated: Option<(AnalyzerError, usize)>,
    /// By epoch and position in the index: how many rows the samples with several have, of the epochs
    /// that are settled.
    settled_repeats: BTreeMap<(u32, u32), u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Assigned {
    label: u32,
    is_threshold_sample: bool,
}

#[derive(Debug, Default)]
struct Summed {
    /// Set up with the first epoch: by then its file has told when the learning rate drops.
    sums: Option<MarginSums>,
    /// Ascending.
    epochs: Vec<u32>,
}

#[derive(Debug, Default)]
struct EpochAssembly {
    /// In the order of the index; NaN where there is none (yet), since margins are finite.
    margins: Vec<f32>,
    files: Vec<u32>,
    /// By position in the index: the sum of the margins of the samples that have several, and how many.
    repeated: BTreeMap<u32, (f64, u32)>,
}

impl PassAssembly {
    pub(crate) fn new(keep: Keep, repeats: Repeats) -> Self {
        Self {
            assigned_labels: Vec::new(),
            is_threshold_sample: Vec::new(),
            epochs: BTreeMap::new(),
            summed: (keep != Keep::Margins).then(Summed::default),
            logit_count: None,
            repeats,
            repeated: None,
            settled_repeats: BTreeMap::new(),
        }
    }

    /// Adds the epochs before `epoch` to the sums, where these are kept.
    ///
    /// # Errors
    /// [`AnalyzerError::EpochsOutOfOrder`] where a later epoch than `epoch` was added already.
    pub(crate) fn sum_epochs_before(
        &mut self,
        epoch: u32,
        path: &Path,
        asked_for: Option<EpochRange>,
        drops: &BTreeSet<u32>,
    ) -> Result<(), AnalyzerError> {
        let Some(summed) = &mut self.summed else {
            return Ok(());
        };
        match summed.epochs.last() {
            Some(&last) if last >= epoch => {
                let waiting = self.epochs.last_key_value();
                Err(AnalyzerError::EpochsOutOfOrder {
                    path: path.to_owned(),
                    epoch,
                    other_epoch: waiting.map_or(last, |(&waiting, _)| waiting),
                })
            }
            _ => {
                while let Some(first) = self.epochs.first_entry()
                    && *first.key() < epoch
                {
                    let (number, mut assembly) = first.remove_entry();
                    assembly.settle(number, self.repeats, &mut self.settled_repeats);
                    summed.add(number, &assembly, asked_for, drops);
                }
                Ok(())
            }
        }
    }

    /// Whether epochs were added to sums.
    pub(crate) fn has_summed(&self) -> bool {
        let mut summed = self.summed.iter();
        summed.any(|summed| summed.sums.is_some())
    }

    pub(crate) fn add(
        &mut self,
        rows: Rows<'_>,
        positions: &Positions,
        sample_count: usize,
    ) -> Result<(), AnalyzerError> {
        self.check_logit_count(rows)?;
        self.assign(rows, positions, sample_count)?;
        self.add_margins(rows, positions, sample_count)
    }

    /// Like `add`, for rows with the ids and labels of rows that were added before.
    pub(crate) fn add_again(
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
        positions: &Positions,
        sample_count: usize,
    ) -> Result<(), AnalyzerError> {
        let labels = &rows.batch.assigned_labels[rows.range()];
        let marks = &rows.batch.is_threshold_sample[rows.range()];
        if positions.are_in_a_row_from(self.assigned_labels.len()) {
            self.assigned_labels
                .extend(labels.iter().copied().map(Some));
            self.is_threshold_sample.extend_from_slice(marks);
            return Ok(());
        }
        self.assigned_labels.resize(sample_count, None);
        self.is_threshold_sample.resize(sample_count, false);
        for (row, sample) in positions.iter().enumerate() {
            let found = Assigned {
                label: labels[row],
                is_threshold_sample: marks[row],
            };
            match self.assigned(sample) {
                Some(known) if known != found => {
                    let other_epoch = self.nearest_epoch(sample, rows.epoch());
                    let row = rows.start + row;
                    return Err(assignment_changes(rows, row, found, known, other_epoch));
                }
                Some(_) => {}
                None => {
                    self.assigned_labels[sample as usize] = Some(found.label);
                    self.is_threshold_sample[sample as usize] = found.is_threshold_sample;
                }
            }
        }
        Ok(())
    }

    fn assigned(&self, sample: u32) -> Option<Assigned> {
        Some(Assigned {
            label: self.assigned_labels[sample as usize]?,
            is_threshold_sample: self.is_threshold_sample[sample as usize],
        })
    }

    /// The epoch nearest before `epoch`, else after it, that has `sample`; else `epoch` itself,
    /// whose rows contradict each other.
    fn nearest_epoch(&self, sample: u32, epoch: u32) -> u32 {
        let has = |(_, other): &(&u32, &EpochAssembly)| other.margin(sample).is_some();
        let before = self.epochs.range(..epoch).rev().find(has);
        let nearest = before.or_else(|| self.epochs.range(epoch..).find(has));
        let summed = self.summed.as_ref();
        let last_summed = summed.and_then(|summed| summed.epochs.last());
        let other = nearest.map(|(epoch, _)| epoch).or(last_summed);
        other.copied().unwrap_or(epoch)
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
        epoch.margins.reserve(sample_count.saturating_sub(known));
        if positions.are_in_a_row_from(known) {
            epoch
                .margins
                .extend_from_slice(&rows.batch.margins[rows.range()]);
            return Ok(());
        }
        if known < sample_count {
            epoch.margins.resize(sample_count, f32::NAN);
        }
        for (row, sample) in rows.range().zip(positions.iter()) {
            let margin = &mut epoch.margins[sample as usize];
            if margin.is_nan() {
                *margin = rows.batch.margins[row];
                continue;
            }
            let refusal = || AnalyzerError::RecordedTwice {
                path: rows.path().to_owned(),
                sample_id: rows.sample_id(row),
                pass: rows.pass(),
                epoch: rows.epoch(),
                first_in: rows.first_in(&epoch.files),
            };
            if self.repeats == Repeats::Refuse {
                return Err(refusal());
            }
            self.repeated.get_or_insert_with(|| (refusal(), 0)).1 += 1;
            let first = || (f64::from(*margin), 1);
            let (sum, count) = epoch.repeated.entry(sample).or_insert_with(first);
            *sum += f64::from(rows.batch.margins[row]);
            *count += 1;
        }
        Ok(())
    }

    /// The refusal of the first row that repeats a sample of its epoch, and how many do.
    pub(crate) fn repeated(&self) -> Option<(&AnalyzerError, usize)> {
        let (refusal, count) = self.repeated.as_ref()?;
        Some((refusal, *count))
    }

    /// One margin for the samples that have several, in all epochs; returns how many rows there are of
    /// each, by epoch and position in the index.
    pub(crate) fn settle(&mut self) -> &BTreeMap<(u32, u32), u32> {
        for (&number, epoch) in &mut self.epochs {
            epoch.settle(number, self.repeats, &mut self.settled_repeats);
        }
        &self.settled_repeats
    }

    /// Puts everything in the order of the ids, once it is settled; `order` is that of the run.
    pub(crate) fn finish(
        mut self,
        pass: u32,
        order: &Order,
        asked_for: Option<EpochRange>,
        drops: &BTreeSet<u32>,
    ) -> PassLog {
        if let Some(summed) = &mut self.summed {
            for (&number, assembly) in &self.epochs {
                summed.add(number, assembly, asked_for, drops);
            }
        }
        PassLog {
            pass,
            assigned_labels: order.of(self.assigned_labels, None),
            is_threshold_sample: order.of(self.is_threshold_sample, false),
            epochs: match &self.summed {
                Some(summed) => summed.epochs.iter().copied().map(without_margins).collect(),
                None => self
                    .epochs
                    .into_iter()
                    .map(|(epoch, assembly)| EpochMargins {
                        epoch,
                        margins: order.of(assembly.margins, f32::NAN),
                    })
                    .collect(),
            },
            held_out_accuracies: Vec::new(),
            sums: self.summed.map(|summed| {
                let sums = summed.sums.unwrap_or_default();
                sums.reordered(order)
            }),
        }
    }
}

impl Summed {
    fn add(
        &mut self,
        epoch: u32,
        assembly: &EpochAssembly,
        asked_for: Option<EpochRange>,
        drops: &BTreeSet<u32>,
    ) {
        let sums = self.sums.get_or_insert_with(|| {
            let drops: Vec<u32> = drops.iter().copied().collect();
            MarginSums::new(epoch, asked_for, &drops)
        });
        sums.add(epoch, &assembly.margins);
        self.epochs.push(epoch);
    }
}

fn without_margins(epoch: u32) -> EpochMargins {
    EpochMargins {
        epoch,
        margins: Vec::new(),
    }
}

impl EpochAssembly {
    fn settle(&mut self, number: u32, rule: Repeats, repeats: &mut BTreeMap<(u32, u32), u32>) {
        for (sample, (sum, count)) in std::mem::take(&mut self.repeated) {
            repeats.insert((number, sample), count);
            if rule == Repeats::Mean {
                let mean = sum / f64::from(count);
                self.margins[sample as usize] = mean as f32;
            }
        }
    }

    fn margin(&self, sample: u32) -> Option<f32> {
        let margin = self.margins.get(sample as usize).copied();
        margin.filter(|margin| !margin.is_nan())
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
