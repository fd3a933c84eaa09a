//! Which parts of a data set the rows of a log are of, as loops record them that log their validation, too: by a
//! column such as `phase` or `is_train`, whatever it is called. Where the footer tells the least and the largest value
//! of a column, and that is enough, no row is read.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::file::statistics::{Statistics, ValueStatistics};

use crate::error::LogError;
use crate::read::claims::check_chunk;
use crate::read::file_checks::guarded;
use crate::schema::column::COLUMNS;
use crate::schema::part_name::{PartCells, PartName, is_called_part};

const ROWS_AT_ONCE: usize = 1024;

/// The part that all rows of a file of `length` bytes are of, where a column says it.
///
/// # Errors
/// [`LogError::SeveralParts`] for rows of more than one, and [`LogError::Damaged`] for a column that cannot be read.
pub(crate) fn part_of(
    path: &Path,
    file: &Arc<File>,
    length: u64,
    metadata: &ParquetMetaData,
) -> Result<Option<PartName>, LogError> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let is_own = |name: &str| COLUMNS.iter().any(|column| column.name() == name);
    let mut only = None;
    for (at, column) in columns.iter().enumerate() {
        let says = match column.physical_type() {
            Type::BYTE_ARRAY => true,
            Type::BOOLEAN | Type::INT32 | Type::INT64 | Type::FLOAT | Type::DOUBLE => {
                PartName::of_cell(column.name(), "1").is_some()
            }
            Type::INT96 | Type::FIXED_LEN_BYTE_ARRAY => false,
        };
        if !says || is_own(column.name()) || column.max_rep_level() > 0 {
            continue;
        }
        let mut cells = PartCells::of(column.name());
        for group in metadata.row_groups() {
            let rows = usize::try_from(group.num_rows()).unwrap_or(0);
            let goes_on = guarded(path, || {
                see(&mut cells, file, length, group.column(at), rows)
            })?;
            if !goes_on {
                break;
            }
        }
        if let Some(texts) = cells.contradiction() {
            let [first, second] = texts.map(str::to_owned);
            return Err(LogError::SeveralParts {
                path: path.to_owned(),
                column: column.name().to_owned(),
                first,
                second,
            });
        }
        only = only.or(cells.part());
    }
    Ok(only)
}

/// Has the cells of a row group seen, or its least and its largest one; whether others may change what is known.
fn see(
    cells: &mut PartCells<'_>,
    file: &Arc<File>,
    length: u64,
    chunk: &ColumnChunkMetaData,
    rows: usize,
) -> Result<bool, String> {
    if let Some([least, largest]) = ends_of(chunk) {
        // Between the names of two parts others may lie, of which a column says more that is called so.
        let is_text = chunk.column_type() == Type::BYTE_ARRAY;
        if !is_text || least == largest || !is_called_part(chunk.column_descr().name()) {
            return Ok(cells.see(&least) && cells.see(&largest));
        }
    }
    check_chunk(file, length, chunk)?;
    let mut goes_on = true;
    let mut see = |text: &str| {
        goes_on = cells.see(text);
        goes_on
    };
    let mut read = || -> ParquetResult<()> {
        let pages = SerializedPageReader::new(Arc::clone(file), chunk, rows, None)?;
        match get_column_reader(chunk.column_descr_ptr(), Box::new(pages)) {
            ColumnReader::BoolColumnReader(values) => each(values, bool::to_string, &mut see),
            ColumnReader::Int32ColumnReader(values) => each(values, i32::to_string, &mut see),
            ColumnReader::Int64ColumnReader(values) => each(values, i64::to_string, &mut see),
            ColumnReader::FloatColumnReader(values) => {
                each(values, |value| number(f64::from(*value)), &mut see)
            }
            ColumnReader::DoubleColumnReader(values) => {
                each(values, |value| number(*value), &mut see)
            }
            ColumnReader::ByteArrayColumnReader(values) => each(values, text, &mut see),
            ColumnReader::Int96ColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_) => {
                Ok(())
            }
        }
    };
    read().map_err(|error| error.to_string())?;
    Ok(goes_on)
}

/// What is no text says nothing.
fn text(bytes: &ByteArray) -> String {
    bytes.as_utf8().unwrap_or("?").to_owned()
}

/// The least of zeros is told as -0.0, so that it is below all of them.
fn number(value: f64) -> String {
    (value + 0.0).to_string()
}

/// Hands the values out that are there, those that repeat once, until `see` wants no more.
fn each<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    text: impl Fn(&T::T) -> String,
    see: &mut impl FnMut(&str) -> bool,
) -> ParquetResult<()> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    loop {
        values.clear();
        levels.clear();
        let (rows, ..) = reader.read_records(ROWS_AT_ONCE, Some(&mut levels), None, &mut values)?;
        values.dedup();
        if rows == 0 || !values.iter().all(|value| see(&text(value))) {
            return Ok(());
        }
    }
}

/// The least and the largest value of a column, where the footer tells them.
fn ends_of(chunk: &ColumnChunkMetaData) -> Option<[String; 2]> {
    fn ends<T>(found: &ValueStatistics<T>, text: impl Fn(&T) -> String) -> Option<[String; 2]> {
        Some([text(found.min_opt()?), text(found.max_opt()?)])
    }
    match chunk.statistics()? {
        Statistics::Boolean(found) => ends(found, bool::to_string),
        Statistics::Int32(found) => ends(found, i32::to_string),
        Statistics::Int64(found) => ends(found, i64::to_string),
        Statistics::Float(found) => ends(found, |value| number(f64::from(*value))),
        Statistics::Double(found) => ends(found, |value| number(*value)),
        Statistics::ByteArray(found) => ends(found, text),
        Statistics::Int96(_) | Statistics::FixedLenByteArray(_) => None,
    }
}
