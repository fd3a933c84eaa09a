//! Reads a log file, whoever wrote it: checks its schema first, then hands out its rows in batches
//! of plain vectors, every value checked.
//!
//! What concerns one file is refused here. What concerns several (a sample twice in an epoch, a
//! label that changes from epoch to epoch) is for whoever puts files together.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::decode::{self, DecodeError};
use crate::{COLUMNS, Column, FileMetadata, LogError, SampleIds, margin};

const ROWS_PER_BATCH: usize = 8192;
const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

/// A log file that was opened and whose schema is that of a log.
#[derive(Debug)]
pub struct EpochReader {
    path: PathBuf,
    builder: ParquetRecordBatchReaderBuilder<File>,
    metadata: FileMetadata,
    columns: Vec<Column>,
}

/// Some consecutive rows of a log file; all vectors have the same length.
#[derive(Debug, Clone, PartialEq)]
pub struct RowBatch {
    /// The number of the first row in its file, from 0.
    pub first_row: usize,
    /// The name of the run; `None` in a log without the column.
    pub runs: Option<Vec<Arc<str>>>,
    /// 1-based.
    pub passes: Vec<u32>,
    /// 1-based.
    pub epochs: Vec<u32>,
    /// The samples' names.
    pub sample_ids: SampleIds,
    /// The class that each sample is trained on.
    pub assigned_labels: Vec<u32>,
    /// The class that the data set carries; `None` in a log without the column.
    pub given_labels: Option<Vec<u32>>,
    /// The class known to be right; null, or `None` in a log without the column, where unknown.
    pub true_labels: Option<Vec<Option<u32>>>,
    /// Whether each sample serves as a threshold sample.
    pub is_threshold_sample: Vec<bool>,
    /// Finite, from the column where it is there, else computed from the logits.
    pub margins: Vec<f32>,
    /// The class of the largest other logit; `None` where neither it nor the logits are there.
    pub rival_labels: Option<Vec<u32>>,
    /// Row-major, rows × `logit_count`; empty unless asked for.
    pub logits: Vec<f32>,
    /// The number of logits a row; 0 where they were not decoded.
    pub logit_count: usize,
}

impl EpochReader {
    /// Opens `path` and checks that it is a log.
    ///
    /// # Errors
    /// [`LogError`] for a file that cannot be read, is empty, truncated, no Parquet, damaged, of a
    /// newer format version, without a required column, or with a column of a wrong type.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let mut file = File::open(path).map_err(|source| LogError::Read {
            path: path.to_owned(),
            source,
        })?;
        check_frame(&mut file, path)?;
        let builder = guarded(path, || {
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())
        })?;
        let pairs = builder.metadata().file_metadata().key_value_metadata();
        let metadata = FileMetadata::from_key_values(path, pairs.map_or(&[], Vec::as_slice))?;
        let reader = Self {
            path: path.to_owned(),
            columns: columns_of(path, &builder)?,
            builder,
            metadata,
        };
        match reader.row_count() {
            0 => Err(LogError::NoRows {
                path: path.to_owned(),
            }),
            _ => Ok(reader),
        }
    }

    /// What the file says of its run.
    pub fn metadata(&self) -> &FileMetadata {
        &self.metadata
    }

    /// The number of rows.
    pub fn row_count(&self) -> usize {
        let rows = self.builder.metadata().file_metadata().num_rows();
        usize::try_from(rows).unwrap_or(0)
    }

    /// Whether the file has `column`.
    pub fn has(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }

    /// The rows with their margins. Logits are decoded only where the margins have to be computed
    /// from them, which makes a log with margins some ten times faster to read.
    ///
    /// # Errors
    /// [`LogError::Damaged`] where decoding cannot begin.
    pub fn margins(self) -> Result<RowBatches, LogError> {
        let without_logits = self.has(Column::Margin);
        self.batches(|column| column != Column::Logits || !without_logits)
    }

    /// The rows with everything that is there, logits included.
    ///
    /// # Errors
    /// [`LogError::Damaged`] where decoding cannot begin.
    pub fn rows(self) -> Result<RowBatches, LogError> {
        self.batches(|_| true)
    }

    fn batches(self, wanted: impl Fn(Column) -> bool) -> Result<RowBatches, LogError> {
        let schema = self.builder.parquet_schema();
        let roots = schema
            .root_schema()
            .get_fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| {
                self.columns
                    .iter()
                    .any(|&column| column.name() == field.name() && wanted(column))
            })
            .map(|(root, _)| root);
        let mask = ProjectionMask::roots(schema, roots);
        let builder = self
            .builder
            .with_projection(mask)
            .with_batch_size(ROWS_PER_BATCH);
        let batches = guarded(&self.path, || {
            builder.build().map_err(|error| error.to_string())
        })?;
        Ok(RowBatches {
            path: self.path,
            batches,
            next_row: 0,
            logit_count: None,
            failed: false,
        })
    }
}

/// A file that is no Parquet, or only the beginning of one, deserves a clearer word than the
/// decoder has.
pub(crate) fn check_frame(file: &mut File, path: &Path) -> Result<(), LogError> {
    let mut frame = || -> std::io::Result<(u64, [u8; 4], [u8; 4])> {
        let length = file.metadata()?.len();
        let (mut head, mut tail) = ([0; 4], [0; 4]);
        if length >= 4 {
            file.read_exact(&mut head)?;
            file.seek(SeekFrom::End(-4))?;
            file.read_exact(&mut tail)?;
            file.rewind()?;
        }
        Ok((length, head, tail))
    };
    let path = path.to_owned();
    match frame() {
        Err(source) => Err(LogError::Read { path, source }),
        Ok((0, _, _)) => Err(LogError::Empty { path }),
        Ok((_, head, _)) if head != *PARQUET_MAGIC => Err(LogError::NotParquet { path }),
        Ok((length, _, tail)) if tail != *PARQUET_MAGIC || length < 12 => {
            Err(LogError::Truncated { path })
        }
        Ok(_) => Ok(()),
    }
}

/// Which of the format's columns the file has, all of accepted types.
fn columns_of(
    path: &Path,
    builder: &ParquetRecordBatchReaderBuilder<File>,
) -> Result<Vec<Column>, LogError> {
    let schema = builder.schema();
    let mut found = Vec::new();
    for column in COLUMNS {
        match schema.field_with_name(column.name()) {
            Ok(field) if decode::accepts(column, field.data_type()) => found.push(column),
            Ok(field) => {
                return Err(LogError::WrongType {
                    path: path.to_owned(),
                    column,
                    found: decode::type_name(field.data_type()),
                });
            }
            Err(_) if column.is_required() => {
                return Err(LogError::MissingColumn {
                    path: path.to_owned(),
                    column,
                });
            }
            Err(_) => {}
        }
    }
    if !found.contains(&Column::Margin) && !found.contains(&Column::Logits) {
        return Err(LogError::NoMargins {
            path: path.to_owned(),
        });
    }
    Ok(found)
}

/// Runs the decoder, and makes a refusal or a panic of it a [`LogError::Damaged`]: a file with
/// flipped bits must never take the program down.
pub(crate) fn guarded<T>(
    path: &Path,
    decode: impl FnOnce() -> Result<T, String>,
) -> Result<T, LogError> {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err("the Parquet decoder gave up on it".to_owned()));
    outcome.map_err(|reason| LogError::Damaged {
        path: path.to_owned(),
        reason: reason.lines().next().unwrap_or_default().to_owned(),
    })
}

/// The rows of a file, batch by batch. Ends after the first error.
pub struct RowBatches {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
    next_row: usize,
    logit_count: Option<usize>,
    failed: bool,
}

impl std::fmt::Debug for RowBatches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowBatches")
            .field("path", &self.path)
            .field("next_row", &self.next_row)
            .finish_non_exhaustive()
    }
}

impl Iterator for RowBatches {
    type Item = Result<RowBatch, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let batches = &mut self.batches;
        let next = guarded(&self.path, || {
            batches
                .next()
                .transpose()
                .map_err(|error| error.to_string())
        });
        let decoded = match next {
            Ok(Some(batch)) => self.decode(&batch),
            Ok(None) => return None,
            Err(error) => Err(error),
        };
        self.failed = decoded.is_err();
        Some(decoded)
    }
}

impl RowBatches {
    fn decode(&mut self, batch: &RecordBatch) -> Result<RowBatch, LogError> {
        let rows = batch.num_rows();
        let columns = BatchColumns {
            path: &self.path,
            first_row: self.next_row,
            batch,
        };
        let lists = columns.optional(Column::Logits, decode::lists)?;
        let assigned_labels = columns.required(Column::AssignedLabel, decode::labels)?;
        let mut decoded = RowBatch {
            first_row: self.next_row,
            runs: columns.optional(Column::Run, decode::repeated_texts)?,
            passes: columns
                .optional(Column::Pass, decode::ordinals)?
                .unwrap_or_else(|| vec![1; rows]),
            epochs: columns.required(Column::Epoch, decode::ordinals)?,
            sample_ids: columns.required(Column::SampleId, decode::sample_ids)?,
            given_labels: columns.optional(Column::GivenLabel, decode::labels)?,
            true_labels: columns.optional(Column::TrueLabel, decode::nullable_labels)?,
            is_threshold_sample: columns
                .optional(Column::IsThresholdSample, decode::booleans)?
                .unwrap_or_else(|| vec![false; rows]),
            margins: Vec::new(),
            rival_labels: columns.optional(Column::RivalLabel, decode::labels)?,
            logits: Vec::new(),
            logit_count: 0,
            assigned_labels,
        };
        if let Some(lists) = lists {
            columns.check_width(lists.width, *self.logit_count.get_or_insert(lists.width))?;
            columns.check_labels_within(&decoded, lists.width)?;
            decoded.logits = lists.values;
            decoded.logit_count = lists.width;
        }
        match columns.optional(Column::Margin, decode::floats)? {
            Some(margins) => decoded.margins = margins,
            None => columns.compute_margins(&mut decoded)?,
        }
        self.next_row += rows;
        Ok(decoded)
    }
}

/// The columns of one Arrow batch, and where in the file it lies.
struct BatchColumns<'a> {
    path: &'a Path,
    first_row: usize,
    batch: &'a RecordBatch,
}

impl BatchColumns<'_> {
    fn optional<T>(
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
                column,
                found,
            }),
        }
    }

    fn required<T>(
        &self,
        column: Column,
        decode: impl Fn(&dyn arrow_array::Array) -> Result<T, DecodeError>,
    ) -> Result<T, LogError> {
        self.optional(column, decode)?
            .ok_or_else(|| LogError::MissingColumn {
                path: self.path.to_owned(),
                column,
            })
    }

    fn refuse(&self, row: usize, column: Column, reason: String) -> LogError {
        LogError::Value {
            path: self.path.to_owned(),
            row: self.first_row + row,
            column,
            reason,
        }
    }

    fn check_width(&self, width: usize, width_before: usize) -> Result<(), LogError> {
        if width != width_before {
            let reason = format!("has {width} logits, but the rows before have {width_before}");
            return Err(self.refuse(0, Column::Logits, reason));
        }
        if width < 2 {
            let reason =
                format!("has {width} logits, but a margin needs those of at least two classes");
            return Err(self.refuse(0, Column::Logits, reason));
        }
        Ok(())
    }

    fn check_labels_within(&self, rows: &RowBatch, width: usize) -> Result<(), LogError> {
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
            (Column::GivenLabel, rows.given_labels.as_deref().map(known)),
            (Column::TrueLabel, rows.true_labels.clone()),
            (Column::RivalLabel, rows.rival_labels.as_deref().map(known)),
        ];
        columns
            .into_iter()
            .try_for_each(|(column, labels)| check(column, &mut labels.into_iter().flatten()))
    }

    fn compute_margins(&self, rows: &mut RowBatch) -> Result<(), LogError> {
        let mut margins = Vec::with_capacity(rows.assigned_labels.len());
        let mut rivals = Vec::with_capacity(rows.assigned_labels.len());
        let logits = rows.logits.chunks_exact(rows.logit_count.max(1));
        for (row, (logits, &label)) in logits.zip(&rows.assigned_labels).enumerate() {
            match margin(logits, label) {
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
        rows.rival_labels.get_or_insert(rivals);
        Ok(())
    }
}
