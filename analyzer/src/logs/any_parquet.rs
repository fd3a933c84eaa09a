//! Parquet files of somebody else, whose columns may have any type: of what Polars was built for (each more type makes it
//! larger) they become what is nearest, categories what they stand for. What a table of results has is read by Polars.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float16Type, Float32Type, Float64Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, downcast_integer_array, downcast_temporal_array};
use arrow_schema::{ArrowError, DataType, Schema};
use arrow_select::take::take;
use logformat::HUB_KEY;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use polars::prelude::{Column, DataFrame, NamedFrom, PolarsError, PolarsResult, Series};

/// Rows that are read at a time, so that no array of images grows beyond what Arrow counts in 32 bits.
pub(crate) const ROWS_AT_ONCE: usize = 1024;

/// Rows of a file, all or `part` (the first and how many), and categories as what they stand for, which `datasets` asks
/// for, too.
pub(crate) fn read_batches(
    file: File,
    part: Option<(usize, usize)>,
) -> Result<(Arc<Schema>, Vec<RecordBatch>), ArrowError> {
    let mut builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    if let Some((first, rows)) = part {
        builder = builder.with_offset(first).with_limit(rows);
    }
    let mut schema = builder.schema().as_ref().clone();
    let pairs = builder.metadata().file_metadata().key_value_metadata();
    // Some writers tell it outside the schema of Arrow.
    if let Some(pair) = pairs.into_iter().flatten().find(|pair| pair.key == HUB_KEY) {
        let told = pair.value.clone().unwrap_or_default();
        schema.metadata.insert(HUB_KEY.to_owned(), told);
    }
    let schema = Arc::new(schema);
    let reader = builder.with_batch_size(ROWS_AT_ONCE).build()?;
    let batches = reader.map(|batch| without_codes(&batch?.with_schema(schema.clone())?));
    let empty = without_codes(&RecordBatch::new_empty(schema.clone()))?;
    Ok((empty.schema(), batches.collect::<Result<_, _>>()?))
}

fn without_codes(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        let array = match array.as_any_dictionary_opt() {
            Some(codes) => take(codes.values(), codes.keys(), None)?,
            None => array.clone(),
        };
        let field = field.as_ref().clone().with_nullable(true);
        fields.push(field.with_data_type(array.data_type().clone()));
        arrays.push(array);
    }
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    RecordBatch::try_new(Arc::new(schema), arrays)
}

/// A file as a frame, and the types of columns that none of its own can have, such as lists, which are empty there.
pub(crate) fn read_frame(
    file: File,
    part: Option<(usize, usize)>,
) -> PolarsResult<(DataFrame, BTreeMap<String, String>)> {
    let failed = |error: ArrowError| PolarsError::ComputeError(error.to_string().into());
    let (schema, batches) = read_batches(file, part).map_err(failed)?;
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let empty = RecordBatch::new_empty(schema.clone());
    let (mut columns, mut unread) = (Vec::new(), BTreeMap::new());
    for (at, field) in schema.fields().iter().enumerate() {
        let name = field.name();
        let parts = std::iter::once(&empty).chain(&batches);
        let mut parts = parts.map(|batch| series_of(name, batch.column(at)));
        let mut whole = parts.next().flatten();
        for part in parts {
            whole = match (whole, part) {
                (Some(mut whole), Some(part)) => {
                    whole.append(&part)?;
                    Some(whole)
                }
                _ => None,
            };
        }
        let series = whole.unwrap_or_else(|| {
            unread.insert(name.clone(), field.data_type().to_string());
            Series::new_null(name.into(), rows)
        });
        columns.push(Column::from(series));
    }
    Ok((DataFrame::new(rows, columns)?, unread))
}

/// A column as Polars has it: texts, whole numbers, floats, booleans, and dates and decimals as texts; `None` for the
/// rest.
pub(crate) fn series_of(name: &str, array: &ArrayRef) -> Option<Series> {
    fn texts<'a>(name: &str, texts: impl Iterator<Item = Option<&'a str>>) -> Series {
        Series::new(name.into(), texts.collect::<Vec<_>>())
    }
    let shown = |text: &dyn Fn(usize) -> Option<String>| {
        let text = |row| text(row).filter(|_| array.is_valid(row));
        let all: Vec<Option<String>> = (0..array.len()).map(text).collect();
        Series::new(name.into(), all)
    };
    Some(match array.data_type() {
        DataType::Utf8 => texts(name, array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => texts(name, array.as_string::<i64>().iter()),
        DataType::Utf8View => texts(name, array.as_string_view().iter()),
        DataType::Binary => {
            let cells = array.as_binary::<i32>().iter();
            let cells = cells.map(|cell| cell.map(std::str::from_utf8).transpose());
            texts(name, cells.collect::<Result<Vec<_>, _>>().ok()?.into_iter())
        }
        DataType::Null => Series::new_null(name.into(), array.len()),
        DataType::Boolean => {
            Series::new(name.into(), array.as_boolean().iter().collect::<Vec<_>>())
        }
        DataType::UInt64 => {
            let numbers = array.as_primitive::<UInt64Type>();
            Series::new(name.into(), numbers.iter().collect::<Vec<_>>())
        }
        DataType::Float16 => {
            let numbers = array.as_primitive::<Float16Type>().iter();
            let numbers = numbers.map(|number| number.map(f32::from));
            Series::new(name.into(), numbers.collect::<Vec<_>>())
        }
        DataType::Float32 => {
            let numbers = array.as_primitive::<Float32Type>();
            Series::new(name.into(), numbers.iter().collect::<Vec<_>>())
        }
        DataType::Float64 => {
            let numbers = array.as_primitive::<Float64Type>();
            Series::new(name.into(), numbers.iter().collect::<Vec<_>>())
        }
        DataType::Decimal128(..) => {
            let numbers = array.as_primitive::<Decimal128Type>();
            shown(&|row| Some(numbers.value_as_string(row)))
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>();
            shown(&|row| Some(days.value_as_date(row)?.to_string()))
        }
        DataType::Timestamp(..) => downcast_temporal_array!(
            array => shown(&|row| Some(array.value_as_datetime(row)?.to_string())),
            _ => return None
        ),
        _ => downcast_integer_array!(
            array => {
                #[allow(clippy::unnecessary_cast, reason = "64 bits are one of the types")]
                let numbers = array.iter().map(|number| Some(number? as i64));
                Series::new(name.into(), numbers.collect::<Vec<_>>())
            },
            _ => return None
        ),
    })
}
