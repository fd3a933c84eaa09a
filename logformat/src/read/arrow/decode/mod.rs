//! Turns Arrow columns of whatever width and layout into the plain vectors of a [`RowBatch`]: which types a
//! column may have is here, what its values become in a file for each kind of value.
//!
//! [`RowBatch`]: crate::read::row_batch::RowBatch

pub(crate) mod floats;
pub(crate) mod integers;
pub(crate) mod texts;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;

use crate::schema::column::Column;

/// Why a column cannot be decoded.
#[derive(Debug, PartialEq)]
pub(crate) enum DecodeError {
    /// The column as a whole has a type that the format does not allow.
    Type(String),
    /// One value is refused; the row counts from the beginning of the array.
    Value { row: usize, reason: String },
}

type Decoded<T> = Result<T, DecodeError>;

fn value_error<T>(row: usize, reason: impl Into<String>) -> Decoded<T> {
    Err(DecodeError::Value {
        row,
        reason: reason.into(),
    })
}

fn wrong_type<T>(array: &dyn Array) -> Decoded<T> {
    Err(DecodeError::Type(type_name(array.data_type())))
}

/// A type in the words of its users rather than of Arrow's debug output.
pub(crate) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::List(item) | DataType::LargeList(item) => {
            format!("a list of {}", type_name(item.data_type()))
        }
        DataType::FixedSizeList(item, length) => {
            format!("a list of {length} {}", type_name(item.data_type()))
        }
        DataType::Dictionary(_, values) => format!("dictionary-coded {}", type_name(values)),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}

/// Whether `column` may have this type; to be asked before any row is read.
pub(crate) fn accepts(column: Column, data_type: &DataType) -> bool {
    match column {
        Column::Run => is_text(data_type),
        Column::SampleId => data_type.is_integer() || is_text(data_type),
        Column::TrueLabel => data_type.is_integer() || *data_type == DataType::Null,
        Column::IsThresholdSample => *data_type == DataType::Boolean,
        Column::IsMislabeled => matches!(data_type, DataType::Boolean | DataType::Null),
        Column::Margin => is_float(data_type),
        Column::Logits => match data_type {
            DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
                is_float(item.data_type())
            }
            _ => false,
        },
        _ => data_type.is_integer(),
    }
}

fn is_float(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Float16 | DataType::Float32 | DataType::Float64
    )
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

pub(crate) fn nullable_booleans(array: &dyn Array) -> Decoded<Vec<Option<bool>>> {
    match array.as_boolean_opt() {
        Some(values) => Ok(values.iter().collect()),
        None if *array.data_type() == DataType::Null => Ok(vec![None; array.len()]),
        None => wrong_type(array),
    }
}

pub(crate) fn booleans(array: &dyn Array) -> Decoded<Vec<bool>> {
    let Some(values) = array.as_boolean_opt() else {
        return wrong_type(array);
    };
    values
        .iter()
        .enumerate()
        .map(|(row, value)| match value {
            Some(value) => Ok(value),
            None => value_error(row, "is null; every row needs a value"),
        })
        .collect()
}
