//! Reads a sample table, whoever wrote it, or of a large one only the samples that are wanted.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::PageIndexPolicy;

use crate::error::LogError;
use crate::read::arrow::decode;
use crate::read::arrow::decode::{DecodeError, integers, texts};
use crate::read::claims::check_claims_of;
use crate::read::file_checks::{check_frame, guarded};
use crate::read::regular_file::open_regular;
use crate::run::sample_table::{SampleEntry, column};

/// Reads the sample table `path`: of the samples whose ids are `wanted`, in the order of the file.
/// The pictures of the others are not read.
///
/// # Errors
/// [`LogError`] for a file that cannot be read, is no Parquet or damaged, and
/// [`LogError::SampleTable`] where it is not a sample table.
pub fn read_sample_table(
    path: &Path,
    wanted: impl Fn(i64) -> bool,
) -> Result<Vec<SampleEntry>, LogError> {
    let ids = Table::open(path)?.sample_ids()?;
    let samples = ids.len();
    let wanted = ids.into_iter().enumerate().filter(|&(_, id)| wanted(id));
    let rows: Vec<_> = wanted.map(|(row, _)| row..row + 1).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let selection = RowSelection::from_consecutive_ranges(rows.into_iter(), samples);
    Table::open(path)?.entries(selection)
}

/// A sample table that was opened and has the columns of one.
pub(crate) struct Table<'a> {
    path: &'a Path,
    pub(crate) builder: ParquetRecordBatchReaderBuilder<File>,
}

impl<'a> Table<'a> {
    pub(crate) fn open(path: &'a Path) -> Result<Self, LogError> {
        Self::open_for(path, |_| true)
    }

    /// Opens it for the columns that `is_read` names alone: the others need not be there.
    pub(crate) fn open_for(
        path: &'a Path,
        is_read: impl Fn(&str) -> bool,
    ) -> Result<Self, LogError> {
        let mut file = open_regular(path).map_err(|source| LogError::Read {
            path: path.to_owned(),
            source,
        })?;
        check_frame(&mut file, path)?;
        // The page index tells where the pages lie that hold the wanted rows.
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let builder = guarded(path, || {
            check_claims_of(&file, &is_read)?;
            ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
                .map_err(|error| error.to_string())
        })?;
        let table = Self { path, builder };
        for column in [column::SAMPLE_ID, column::GIVEN_LABEL] {
            if !table.has(column) {
                return Err(table.refusal(column, "is missing".to_owned()));
            }
        }
        Ok(table)
    }

    fn has(&self, column: &str) -> bool {
        self.builder.schema().field_with_name(column).is_ok()
    }

    fn refusal(&self, column: &'static str, reason: String) -> LogError {
        refusal(self.path, column, reason)
    }

    fn sample_ids(self) -> Result<Vec<i64>, LogError> {
        let mask = ProjectionMask::columns(self.builder.parquet_schema(), [column::SAMPLE_ID]);
        let path = self.path;
        let mut ids = Vec::new();
        for_batches(path, self.builder.with_projection(mask), |batch| {
            ids.extend(Columns { path, batch }.sample_ids()?);
            Ok(())
        })?;
        Ok(ids)
    }

    fn entries(self, selection: RowSelection) -> Result<Vec<SampleEntry>, LogError> {
        let path = self.path;
        let mut entries = Vec::new();
        for_batches(path, self.builder.with_row_selection(selection), |batch| {
            entries.extend(Columns { path, batch }.entries()?);
            Ok(())
        })?;
        Ok(entries)
    }
}

pub(crate) fn for_batches(
    path: &Path,
    builder: ParquetRecordBatchReaderBuilder<File>,
    mut work: impl FnMut(&RecordBatch) -> Result<(), LogError>,
) -> Result<(), LogError> {
    let mut batches = guarded(path, || builder.build().map_err(|error| error.to_string()))?;
    let mut next = || {
        guarded(path, || {
            let batch = batches.next().transpose();
            batch.map_err(|error| error.to_string())
        })
    };
    while let Some(batch) = next()? {
        work(&batch)?;
    }
    Ok(())
}

fn refusal(path: &Path, column: &'static str, reason: String) -> LogError {
    LogError::SampleTable {
        path: path.to_owned(),
        column,
        reason,
    }
}

/// Some rows of the table at `path`.
pub(crate) struct Columns<'a> {
    pub(crate) path: &'a Path,
    pub(crate) batch: &'a RecordBatch,
}

impl Columns<'_> {
    /// What `decode` makes of a column; `None` where it is not there.
    pub(crate) fn column<T>(
        &self,
        name: &'static str,
        decode: impl FnOnce(&dyn Array) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, LogError> {
        let Some(array) = self.batch.column_by_name(name) else {
            return Ok(None);
        };
        decode(array).map(Some).map_err(|error| {
            let reason = match error {
                DecodeError::Type(found) => format!("has the type {found}"),
                DecodeError::Value { reason, .. } => format!("has a value that {reason}"),
            };
            refusal(self.path, name, reason)
        })
    }

    pub(crate) fn sample_ids(&self) -> Result<Vec<i64>, LogError> {
        let ids = self.column(column::SAMPLE_ID, integers::integers)?;
        Ok(ids.unwrap_or_default())
    }

    fn entries(&self) -> Result<Vec<SampleEntry>, LogError> {
        let files = self.column(column::FILE, texts::nullable_texts)?;
        let rows = self.column(column::ROW, integers::nullable_integers)?;
        let own_ids = self.column(column::ID, texts::sample_ids)?;
        let given = self.column(column::GIVEN_LABEL, integers::labels)?;
        let truth = self.column(column::TRUE_LABEL, integers::nullable_labels)?;
        let pictures = self.column(column::PNG, pictures)?;
        let ids = self.sample_ids()?.into_iter();
        let entries = ids.zip(given.unwrap_or_default()).enumerate();
        let mut pictures: BTreeMap<usize, Vec<u8>> = pictures.unwrap_or_default();
        Ok(entries
            .map(|(at, (sample_id, given_label))| SampleEntry {
                sample_id,
                file: files.as_ref().and_then(|files| files[at].clone()),
                row: at_row(rows.as_deref(), at).and_then(|row| u64::try_from(row).ok()),
                id: own_ids.as_ref().and_then(|ids| ids.get(at)),
                given_label,
                true_label: at_row(truth.as_deref(), at),
                png: pictures.remove(&at),
            })
            .collect())
    }
}

fn at_row<T: Copy>(values: Option<&[Option<T>]>, row: usize) -> Option<T> {
    values?.get(row).copied().flatten()
}

/// The pictures by their rows, where there are any.
fn pictures(array: &dyn Array) -> Result<BTreeMap<usize, Vec<u8>>, DecodeError> {
    fn by_row<'a>(values: impl Iterator<Item = Option<&'a [u8]>>) -> BTreeMap<usize, Vec<u8>> {
        let values = values.enumerate();
        values
            .filter_map(|(row, bytes)| Some((row, bytes?.to_vec())))
            .collect()
    }
    match array.data_type() {
        DataType::Binary => Ok(by_row(array.as_binary::<i32>().iter())),
        DataType::LargeBinary => Ok(by_row(array.as_binary::<i64>().iter())),
        DataType::BinaryView => Ok(by_row(array.as_binary_view().iter())),
        DataType::Null => Ok(BTreeMap::new()),
        other => Err(DecodeError::Type(decode::type_name(other))),
    }
}
