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
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;

use crate::arrow_columns::BatchColumns;
use crate::decode;
use crate::row_groups::{NextGroup, RowGroups, Wanted};
use crate::{COLUMNS, Column, FileMetadata, LogError, SampleIds, SharedColumns};

const ROWS_PER_BATCH: usize = 8192;
const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

/// A log file that was opened and whose schema is that of a log.
#[derive(Debug)]
pub struct EpochReader {
    path: PathBuf,
    file: Arc<File>,
    parquet: ArrowReaderMetadata,
    metadata: FileMetadata,
    columns: Vec<Column>,
    shared: Arc<SharedColumns>,
    wanted: Wanted,
}

/// Some consecutive rows of a log file; all vectors have the same length.
///
/// A column that is the same as in a file before, byte for byte, can be the same vector (see
/// [`EpochReader::sharing`]): [`Arc::ptr_eq`] then tells so at once.
#[derive(Debug, Clone, PartialEq)]
pub struct RowBatch {
    /// The number of the first row in its file, from 0.
    pub first_row: usize,
    /// The name of the run; `None` in a log without the column.
    pub runs: Option<Arc<Vec<Arc<str>>>>,
    /// 1-based.
    pub passes: Arc<Vec<u32>>,
    /// 1-based.
    pub epochs: Arc<Vec<u32>>,
    /// The samples' names.
    pub sample_ids: Arc<SampleIds>,
    /// The class that each sample is trained on.
    pub assigned_labels: Arc<Vec<u32>>,
    /// The class that the data set carries; `None` in a log without the column.
    pub given_labels: Option<Arc<Vec<u32>>>,
    /// The class known to be right; null, or `None` in a log without the column, where unknown.
    pub true_labels: Option<Arc<Vec<Option<u32>>>>,
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
        let length = check_frame(&mut file, path)?;
        let parquet = guarded(path, || {
            let parquet = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
                .map_err(|error| error.to_string())?;
            check_extent(parquet.metadata(), length)?;
            Ok(parquet)
        })?;
        let pairs = parquet.metadata().file_metadata().key_value_metadata();
        let metadata = FileMetadata::from_key_values(path, pairs.map_or(&[], Vec::as_slice))?;
        let columns = columns_of(path, &parquet)?;
        let reader = Self {
            path: path.to_owned(),
            file: Arc::new(file),
            wanted: Wanted {
                margins: columns.contains(&Column::Margin),
                rival_labels: true,
                logits: false,
            },
            columns,
            parquet,
            metadata,
            shared: Arc::default(),
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
        let rows = self.parquet.metadata().file_metadata().num_rows();
        usize::try_from(rows).unwrap_or(0)
    }

    /// The first epoch of the file, as its footer says, which may not know it.
    pub fn first_epoch(&self) -> Option<i64> {
        let groups = self.parquet.metadata().row_groups().iter();
        let epochs = groups.map(|group| {
            let chunk = group.columns().iter().find(|chunk| {
                let parts = chunk.column_path().parts();
                parts.len() == 1 && parts[0] == Column::Epoch.name()
            })?;
            match chunk.statistics()? {
                Statistics::Int32(found) => found.min_opt().copied().map(i64::from),
                Statistics::Int64(found) => found.min_opt().copied(),
                _ => None,
            }
        });
        epochs.min()?
    }

    /// Whether the file has `column`.
    pub fn has(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }

    /// Shares the columns that are the same in several files with the readers of the other files;
    /// each is then decoded once.
    #[must_use]
    pub fn sharing(mut self, columns: &Arc<SharedColumns>) -> Self {
        self.shared = Arc::clone(columns);
        self
    }

    /// Leaves the rival labels out, which differ from epoch to epoch and so have to be decoded.
    #[must_use]
    pub fn without_rival_labels(mut self) -> Self {
        self.wanted.rival_labels = false;
        self
    }

    /// Has the margins computed from the logits even where the log has a column of margins; without
    /// logits it stays with that column.
    #[must_use]
    pub fn from_logits(mut self) -> Self {
        self.wanted.margins &= !self.has(Column::Logits);
        self
    }

    /// The rows with their margins. Logits are read only where the margins have to be computed from
    /// them, and are not kept.
    ///
    /// # Errors
    /// [`LogError::Damaged`] where decoding cannot begin.
    pub fn margins(self) -> Result<RowBatches, LogError> {
        Ok(self.batches())
    }

    /// The rows with everything that is there, logits included.
    ///
    /// # Errors
    /// [`LogError::Damaged`] where decoding cannot begin.
    pub fn rows(mut self) -> Result<RowBatches, LogError> {
        self.wanted = Wanted {
            margins: self.has(Column::Margin),
            rival_labels: true,
            logits: true,
        };
        let mut batches = self.batches();
        batches.hand_over_to_arrow()?;
        Ok(batches)
    }

    fn batches(self) -> RowBatches {
        RowBatches {
            path: self.path,
            groups: RowGroups {
                file: self.file,
                metadata: Arc::clone(self.parquet.metadata()),
                schema: Arc::clone(self.parquet.schema()),
                columns: self.columns,
                shared: self.shared,
                wanted: self.wanted,
                next: 0,
            },
            parquet: self.parquet,
            batches: None,
            next_row: 0,
            logit_count: None,
            ended: false,
        }
    }
}

/// A file that is no Parquet, or only the beginning of one, deserves a clearer word than the
/// decoder has.
pub(crate) fn check_frame(file: &mut File, path: &Path) -> Result<u64, LogError> {
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
        Ok((length, _, _)) => Ok(length),
    }
}

/// What a damaged footer says must not make the decoder ask for memory that no file needs.
fn check_extent(metadata: &ParquetMetaData, length: u64) -> Result<(), String> {
    for group in metadata.row_groups() {
        for chunk in group.columns() {
            let (start, size) = chunk.byte_range();
            if start.checked_add(size).is_none_or(|end| end > length) {
                let column = chunk.column_path();
                return Err(format!("column {column} lies beyond the end of the file"));
            }
            let is_list = chunk.column_descr().max_rep_level() > 0;
            if !is_list && chunk.num_values() != group.num_rows() {
                let column = chunk.column_path();
                return Err(format!(
                    "column {column} has more or fewer values than rows"
                ));
            }
        }
    }
    let rows = metadata.row_groups().iter().map(|group| group.num_rows());
    let rows = rows.fold(0_i64, i64::saturating_add);
    if rows != metadata.file_metadata().num_rows() {
        return Err("its footer contradicts itself on the number of rows".to_owned());
    }
    Ok(())
}

/// Which of the format's columns the file has, all of accepted types.
fn columns_of(path: &Path, parquet: &ArrowReaderMetadata) -> Result<Vec<Column>, LogError> {
    let schema = parquet.schema();
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
    groups: RowGroups,
    parquet: ArrowReaderMetadata,
    /// From the first row group on that is not as most are.
    batches: Option<ParquetRecordBatchReader>,
    next_row: usize,
    logit_count: Option<usize>,
    ended: bool,
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
        if self.ended {
            return None;
        }
        let next = self.next_batch();
        self.ended = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl RowBatches {
    fn next_batch(&mut self) -> Result<Option<RowBatch>, LogError> {
        if self.batches.is_none() {
            let (groups, first_row) = (&mut self.groups, self.next_row);
            // A decoder that gives up here may give a reason the other way.
            let next = guarded(&self.path, || Ok(groups.read(first_row)));
            match next.unwrap_or(NextGroup::NotThisWay) {
                NextGroup::NoneLeft => return Ok(None),
                NextGroup::NotThisWay => self.hand_over_to_arrow()?,
                NextGroup::Rows(batch) if self.has_other_width(&batch) => {
                    self.hand_over_to_arrow()?;
                }
                NextGroup::Rows(batch) => {
                    if batch.logit_count > 0 {
                        self.logit_count = Some(batch.logit_count);
                    }
                    self.next_row += batch.epochs.len();
                    return Ok(Some(*batch));
                }
            }
        }
        let Some(batches) = &mut self.batches else {
            return Ok(None);
        };
        let next = guarded(&self.path, || {
            batches
                .next()
                .transpose()
                .map_err(|error| error.to_string())
        });
        next?.map(|batch| self.decode(&batch)).transpose()
    }

    /// Whether the lists are of another length than in the row groups before: refused by `decode`.
    fn has_other_width(&mut self, batch: &RowBatch) -> bool {
        let other = batch.logit_count > 0
            && self
                .logit_count
                .is_some_and(|width| width != batch.logit_count);
        if other {
            self.groups.next -= 1;
        }
        other
    }

    /// Reads the remaining row groups by the Arrow reader.
    fn hand_over_to_arrow(&mut self) -> Result<(), LogError> {
        let groups = &self.groups;
        let wanted = |column| match column {
            Column::Logits => groups.wanted.logits || !groups.wanted.margins,
            Column::Margin => groups.wanted.margins,
            Column::RivalLabel => groups.wanted.rival_labels,
            _ => true,
        };
        let schema = groups.metadata.file_metadata().schema_descr();
        let fields = schema.root_schema().get_fields().iter().enumerate();
        let roots = fields.filter(|(_, field)| {
            let mut columns = groups.columns.iter();
            columns.any(|&column| column.name() == field.name() && wanted(column))
        });
        let mask = ProjectionMask::roots(schema, roots.map(|(root, _)| root));
        let remaining = (groups.next..groups.metadata.num_row_groups()).collect();
        let batches = guarded(&self.path, || {
            let file = groups.file.try_clone().map_err(|error| error.to_string())?;
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.parquet.clone())
                .with_projection(mask)
                .with_batch_size(ROWS_PER_BATCH)
                .with_row_groups(remaining)
                .build()
                .map_err(|error| error.to_string())
        })?;
        self.batches = Some(batches);
        Ok(())
    }

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
            runs: columns
                .optional(Column::Run, decode::repeated_texts)?
                .map(Arc::new),
            passes: columns
                .optional(Column::Pass, decode::ordinals)?
                .unwrap_or_else(|| vec![1; rows])
                .into(),
            epochs: columns.required(Column::Epoch, decode::ordinals)?.into(),
            sample_ids: columns
                .required(Column::SampleId, decode::sample_ids)?
                .into(),
            given_labels: columns
                .optional(Column::GivenLabel, decode::labels)?
                .map(Arc::new),
            true_labels: columns
                .optional(Column::TrueLabel, decode::nullable_labels)?
                .map(Arc::new),
            is_threshold_sample: columns
                .optional(Column::IsThresholdSample, decode::booleans)?
                .unwrap_or_else(|| vec![false; rows])
                .into(),
            margins: Vec::new(),
            rival_labels: columns
                .optional(Column::RivalLabel, decode::labels)?
                .map(Arc::new),
            logits: Vec::new(),
            logit_count: 0,
            assigned_labels: assigned_labels.into(),
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
        if !self.groups.wanted.logits {
            decoded.logits = Vec::new(); // Large, and the margins are computed.
        }
        self.next_row += rows;
        Ok(decoded)
    }
}
