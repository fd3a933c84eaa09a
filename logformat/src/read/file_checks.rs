//! What is checked of a file before its rows are read: that it is a whole Parquet file, that its footer is
//! possible, and that it has the columns of a log, of accepted types.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;

use crate::error::LogError;
use crate::read::arrow::decode;
use crate::read::column_chunks::chunks_of;
use crate::read::partitions::Partitions;
use crate::schema::column::{COLUMNS, Column};

/// The key under which pandas tells of its own.
pub const PANDAS_KEY: &str = "pandas";
const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

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
pub(crate) fn check_extent(metadata: &ParquetMetaData, length: u64) -> Result<(), String> {
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

/// The length of lists is in the schema alone, and room is made for every list, also for one that is not
/// there. So many values that are not there are borne, to say which row lacks its list.
const MOST_ABSENT_VALUES: i64 = 1 << 24;

/// Nor may the lengths that a damaged schema gives to lists.
pub(crate) fn check_list_lengths(parquet: &ArrowReaderMetadata) -> Result<(), String> {
    for field in parquet.schema().fields() {
        let DataType::FixedSizeList(_, length) = field.data_type() else {
            continue;
        };
        for group in parquet.metadata().row_groups() {
            let claimed = group.num_rows().saturating_mul(i64::from(*length));
            let is_believable = |values: i64| claimed <= values || claimed <= MOST_ABSENT_VALUES;
            let mut chunks = chunks_of(group, field.name());
            if let Some(chunk) = chunks.find(|chunk| !is_believable(chunk.num_values())) {
                return Err(format!(
                    "column {} should have lists of {length} values in {} rows, but has {} values in all",
                    field.name(),
                    group.num_rows(),
                    chunk.num_values()
                ));
            }
        }
    }
    Ok(())
}

/// Which of the format's columns the file has, all of accepted types.
pub(crate) fn columns_of(
    path: &Path,
    parquet: &ArrowReaderMetadata,
    partitions: &Partitions,
) -> Result<Vec<Column>, LogError> {
    let schema = parquet.schema();
    let mut found = Vec::new();
    for column in COLUMNS {
        let fields = schema.fields().iter();
        let count = fields.filter(|field| field.name() == column.name()).count();
        if count > 1 {
            return Err(LogError::RepeatedColumn {
                path: path.to_owned(),
                column: column.name(),
                count,
            });
        }
        match schema.field_with_name(column.name()) {
            Ok(field) if decode::accepts(column, field.data_type()) => found.push(column),
            Ok(field) => {
                return Err(LogError::WrongType {
                    path: path.to_owned(),
                    column: column.name(),
                    found: decode::type_name(field.data_type()),
                    expected: column.expected_type(),
                });
            }
            Err(_) if column == Column::Epoch && partitions.epoch.is_some() => {}
            Err(_) if column.is_required() && is_index_of_pandas(parquet, column) => {
                return Err(LogError::IndexOfPandas {
                    path: path.to_owned(),
                    column: column.name().to_owned(),
                });
            }
            Err(_) if column.is_required() => {
                return Err(LogError::MissingColumn {
                    path: path.to_owned(),
                    column: column.name(),
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

fn is_index_of_pandas(parquet: &ArrowReaderMetadata, column: Column) -> bool {
    let pairs = parquet.metadata().file_metadata().key_value_metadata();
    let of_pandas = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == PANDAS_KEY));
    let told = of_pandas.and_then(|pair| pair.value.as_deref());
    told.is_some_and(|told| is_index_in_metadata(told, column.name()))
}

/// Whether pandas keeps a column as a range in its metadata, and so not in the file; `told` is what the file has under
/// [`PANDAS_KEY`].
///
/// ```
/// let told = r#"{"index_columns": [{"kind": "range", "name": "sample_id", "start": 0}]}"#;
/// assert!(logformat::is_index_in_metadata(told, "sample_id"));
/// ```
pub fn is_index_in_metadata(told: &str, column: &str) -> bool {
    let pandas: Option<serde_json::Value> = serde_json::from_str(told).ok();
    let indices = pandas
        .as_ref()
        .and_then(|pandas| pandas["index_columns"].as_array());
    indices.is_some_and(|indices| indices.iter().any(|index| index["name"] == column))
}

/// Refuses compressions that are not built in. (What their pages hold is not known, so they are not
/// damaged.)
pub(crate) fn check_compressions(path: &Path, metadata: &ParquetMetaData) -> Result<(), LogError> {
    let groups = metadata.row_groups().iter();
    let mut codecs = groups.flat_map(|group| {
        let chunks = COLUMNS
            .into_iter()
            .flat_map(|column| chunks_of(group, column.name()));
        chunks.map(|chunk| (chunk.column_path(), chunk.compression()))
    });
    match codecs.find(|(_, codec)| matches!(codec, Compression::BROTLI(_) | Compression::LZO)) {
        None => Ok(()),
        Some((column, codec)) => {
            let codec = codec.to_string();
            let codec = codec.split('(').next().unwrap_or_default().to_lowercase();
            Err(LogError::NotRead {
                path: path.to_owned(),
                reason: format!("column {} is compressed by {codec}", column.string()),
                instead: "zstd, snappy or no compression",
            })
        }
    }
}

/// Runs the decoder, and makes a refusal or a panic of it a [`LogError::Damaged`]: a file with
/// flipped bits must never take the program down.
pub(crate) fn guarded<T>(
    path: &Path,
    decode: impl FnOnce() -> Result<T, String>,
) -> Result<T, LogError> {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err("the Parquet decoder gave up on it".to_owned()));
    outcome.map_err(|reason| {
        let (path, reason) = (path.to_owned(), reason.lines().next().unwrap_or_default());
        // As arrow and parquet call what they know but cannot do.
        match reason
            .split_once("NYI: ")
            .or(reason.split_once("Not yet implemented: "))
        {
            Some((_, reason)) => LogError::NotRead {
                path,
                reason: format!("it has something unusual ({reason})"),
                instead: "plain integers, floats and texts",
            },
            None => LogError::Damaged {
                path,
                reason: reason.to_owned(),
            },
        }
    })
}
