//! The columns of a log file as the Arrow reader has them, every value checked, every refusal with its
//! row and column.

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::error::LogError;
use crate::read::arrow::decode::DecodeError;
use crate::read::row_batch::RowBatch;
use crate::schema::column::Column;
use crate::schema::margin::{margin, wide_margin};

/// The columns of one Arrow batch, and where in the file it lies.
pub(crate) struct BatchColumns<'a> {
    pub(crate) path: &'a Path,
    pub(crate) first_row: usize,
    pub(crate) batch: &'a RecordBatch,
}

impl BatchColumns<'_> {
    pub(crate) fn optional<T>(
        &self,
        column: Column,
        decode: impl Fn(&dyn arrow_array::Array) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, LogError> {
        let Some(array) = self.batch.column_by_name(column.name()) else {
            return Ok(None);
        };
        match decode(&Arc::clone(array)) {
            Ok(values) => Ok(Some(values)),
            Err(DecodeError::Value { row, reason }) => Err(self.refuse(row, column, reason)),
            Err(DecodeError::Type(found)) => Err(LogError::WrongType {
                path: self.path.to_owned(),
                column: column.name(),
                found,
                expected: column.expected_type(),
            }),
        }
    }

    pub(crate) fn required<T>(
        &self,
        column: Column,
        decode: impl Fn(&dyn arrow_array::Array) -> Result<T, DecodeError>,
    ) -> Result<T, LogError> {
        self.optional(column, decode)?
            .ok_or_else(|| LogError::MissingColumn {
                path: self.path.to_owned(),
                column: column.name(),
            })
    }

    pub(crate) fn refuse(&self, row: usize, column: Column, reason: String) -> LogError {
        LogError::Value {
            path: self.path.to_owned(),
            row: self.first_row + row,
            column: column.name(),
            reason,
        }
    }

    pub(crate) fn check_width(&self, width: usize, width_before: usize) -> Result<(), LogError> {
        if width != width_before {
            let reason = format!("has {width} logits, but the rows before have {width_before}");
            return Err(self.refuse(0, Column::Logits, reason));
        }
        if width < 2 {
            let reason = format!(
                "has {width} logits, but a margin needs those of at least two classes; for one output that tells two classes apart, log two logits (0 and it) or the margin"
            );
            return Err(self.refuse(0, Column::Logits, reason));
        }
        Ok(())
    }

    pub(crate) fn check_labels_within(
        &self,
        rows: &RowBatch,
        width: usize,
    ) -> Result<(), LogError> {
        let check = |column, labels: &mut dyn Iterator<Item = Option<u32>>| {
            for (row, label) in labels.enumerate() {
                if let Some(label) = label
                    && label as usize >= width
                {
                    let reason = format!(
                        "is {label}, but there are {width} logits, so labels go from 0 to {}",
                        width - 1
                    );
                    return Err(self.refuse(row, column, reason));
                }
            }
            Ok(())
        };
        let known = |labels: &[u32]| labels.iter().copied().map(Some).collect::<Vec<_>>();
        let columns = [
            (Column::AssignedLabel, Some(known(&rows.assigned_labels))),
            (
                Column::GivenLabel,
                rows.given_labels.as_deref().map(|labels| known(labels)),
            ),
            (Column::TrueLabel, rows.true_labels.as_deref().cloned()),
            (
                Column::RivalLabel,
                rows.rival_labels.as_deref().map(|labels| known(labels)),
            ),
        ];
        columns
            .into_iter()
            .try_for_each(|(column, labels)| check(column, &mut labels.into_iter().flatten()))
    }

    /// Margins and rival labels from the logits; from `wide` ones where these are of 64 bits.
    pub(crate) fn compute_margins(
        &self,
        rows: &mut RowBatch,
        wide: Option<&[f64]>,
    ) -> Result<(), LogError> {
        let mut margins = Vec::with_capacity(rows.assigned_labels.len());
        let mut rivals = Vec::with_capacity(rows.assigned_labels.len());
        let width = rows.logit_count;
        for (row, &label) in rows.assigned_labels.iter().enumerate() {
            let logits = row * width..(row + 1) * width;
            let margin = match wide {
                Some(wide) => wide_margin(&wide[logits], label),
                None => margin(&rows.logits[logits], label),
            };
            match margin {
                Some(margin) if margin.value.is_finite() => {
                    margins.push(margin.value);
                    rivals.push(margin.rival_label);
                }
                _ => {
                    let reason = "has logits so far apart that their margin is infinite".to_owned();
                    return Err(self.refuse(row, Column::Logits, reason));
                }
            }
        }
        rows.margins = margins;
        rows.rival_labels.get_or_insert_with(|| Arc::new(rivals));
        Ok(())
    }
}
