//! Labels in a column of a Parquet file; the other columns, images perhaps, are not read.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use logformat::{
    HUB_KEY, HubLabel, HubNames, TABLE_CHECKSUM_KEY, check_parquet_claims, open_regular,
};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use crate::dataset::files::compression::compression_not_read;
use crate::dataset::label_file::cells::Cell;
use crate::dataset::label_file::table_checksum::checksum;
use crate::error::label_file::LabelFileProblem;

/// The names of the columns; refuses a table of the analyzer that is not what was written.
pub(crate) fn columns(path: &Path) -> Result<Vec<String>, LabelFileProblem> {
    let file = open(path)?;
    let fields = file.schema().fields().iter();
    let names = fields.map(|field| field.name().clone()).collect();
    match told(&file, TABLE_CHECKSUM_KEY) {
        Some(written) => {
            let schema = file.schema().clone();
            let batches = file
                .build()
                .map_err(|error| LabelFileProblem::unreadable(&error))?;
            let batches = batches.collect::<Result<Vec<_>, _>>();
            let batches = batches.map_err(|error| LabelFileProblem::unreadable(&error))?;
            match checksum(&schema, &batches) == Some(written) {
                true => Ok(names),
                false => Err(LabelFileProblem::Checksum),
            }
        }
        None => Ok(names),
    }
}

/// What the metadata of a file have under a key.
fn told(file: &ParquetRecordBatchReaderBuilder<File>, key: &str) -> Option<String> {
    let pairs = file.metadata().file_metadata().key_value_metadata();
    let pair = pairs.into_iter().flatten().find(|pair| pair.key == key);
    pair.and_then(|pair| pair.value.clone())
}

/// The cells of a column: names where the file itself says which its numbers stand for.
pub(crate) fn read_cells(path: &Path, column: usize) -> Result<Vec<Cell>, LabelFileProblem> {
    let builder = open(path)?;
    let field = builder.schema().field(column).name();
    let names = told(&builder, HUB_KEY).and_then(|told| HubNames::of(&told, field));
    let cells = read(path, column, decode)?;
    let Some(names) = names else {
        return Ok(cells);
    };
    let named = |cell| match cell {
        Cell::Integer(number) => match names.label(number) {
            HubLabel::Named(name) => Cell::Text(name.to_owned()),
            HubLabel::Number => cell,
            HubLabel::Missing => Cell::Null,
        },
        other => other,
    };
    Ok(cells.into_iter().map(named).collect())
}

/// The numbers of a column; `None` where there is none.
pub(crate) fn read_numbers(
    path: &Path,
    column: usize,
) -> Result<Vec<Option<f64>>, LabelFileProblem> {
    read(path, column, |array, name| match array.data_type() {
        DataType::Float64 => Ok(array.as_primitive::<Float64Type>().iter().collect()),
        DataType::Float32 => {
            let numbers = array.as_primitive::<Float32Type>().iter();
            Ok(numbers.map(|number| number.map(f64::from)).collect())
        }
        other => Err(LabelFileProblem::NoNumbers {
            column: name.to_owned(),
            found: other.to_string().to_lowercase(),
        }),
    })
}

fn read<T>(
    path: &Path,
    column: usize,
    decode: impl Fn(&ArrayRef, &str) -> Result<Vec<T>, LabelFileProblem>,
) -> Result<Vec<T>, LabelFileProblem> {
    let builder = open(path)?;
    let name = builder.schema().field(column).name().clone();
    let mask = ProjectionMask::roots(builder.parquet_schema(), [column]);
    let batches = builder
        .with_projection(mask)
        .build()
        .map_err(|error| LabelFileProblem::unreadable(&error))?;
    let mut cells = Vec::new();
    for batch in batches {
        let batch = batch.map_err(|error| match compression_not_read(&error.to_string()) {
            Some(reason) => LabelFileProblem::Unreadable(reason),
            None => LabelFileProblem::unreadable(&error),
        })?;
        cells.extend(decode(batch.column(0), &name)?);
    }
    Ok(cells)
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, LabelFileProblem> {
    let file = open_regular(path).map_err(|error| LabelFileProblem::unreadable(&error))?;
    check_parquet_claims(&file).map_err(|claim| LabelFileProblem::unreadable(&claim))?;
    // By the types of Parquet itself: what pandas calls categorical is then a plain string.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|error| LabelFileProblem::unreadable(&error))
}

fn decode(array: &ArrayRef, column: &str) -> Result<Vec<Cell>, LabelFileProblem> {
    Ok(match array.data_type() {
        DataType::Int8 => integers::<Int8Type>(array),
        DataType::Int16 => integers::<Int16Type>(array),
        DataType::Int32 => integers::<Int32Type>(array),
        DataType::Int64 => integers::<Int64Type>(array),
        DataType::UInt8 => integers::<UInt8Type>(array),
        DataType::UInt16 => integers::<UInt16Type>(array),
        DataType::UInt32 => integers::<UInt32Type>(array),
        DataType::UInt64 => integers::<UInt64Type>(array),
        DataType::Float16 => floats::<Float16Type>(array, |value| value.to_f64())?,
        DataType::Float32 => floats::<Float32Type>(array, f64::from)?,
        DataType::Float64 => floats::<Float64Type>(array, |value| value)?,
        DataType::Boolean => {
            let booleans = array.as_boolean().iter();
            booleans
                .map(|boolean| boolean.map_or(Cell::Null, Cell::of_boolean))
                .collect()
        }
        DataType::Utf8 => {
            let texts = array.as_string::<i32>().iter();
            texts
                .map(|text| text.map_or(Cell::Null, Cell::of_text))
                .collect()
        }
        other => {
            return Err(LabelFileProblem::Type {
                column: column.to_owned(),
                found: other.to_string().to_lowercase(),
            });
        }
    })
}

fn floats<T: ArrowPrimitiveType>(
    array: &dyn Array,
    double: impl Fn(T::Native) -> f64,
) -> Result<Vec<Cell>, LabelFileProblem> {
    let values = array.as_primitive::<T>().iter();
    let cells =
        values.map(|value| value.map_or(Ok(Cell::Null), |value| Cell::of_float(double(value))));
    cells
        .collect::<Result<_, _>>()
        .map_err(LabelFileProblem::NotWhole)
}

fn integers<T: ArrowPrimitiveType<Native: Into<i128>>>(array: &dyn Array) -> Vec<Cell> {
    let numbers = array.as_primitive::<T>().iter();
    numbers
        .map(|number| number.map_or(Cell::Null, |number| Cell::Integer(number.into())))
        .collect()
}
