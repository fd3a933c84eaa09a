//! Turns Arrow columns of whatever width and layout into the plain vectors of a [`RowBatch`].
//!
//! [`RowBatch`]: crate::RowBatch

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::{Column, SampleIds};

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

/// Integers of any width, as 64-bit ones; null where the column is.
pub(crate) fn nullable_integers(array: &dyn Array) -> Decoded<Vec<Option<i64>>> {
    fn widened<T: ArrowPrimitiveType>(array: &dyn Array) -> Decoded<Vec<Option<i64>>>
    where
        T::Native: TryInto<i64>,
    {
        let values = array.as_primitive::<T>().iter().enumerate();
        values
            .map(|(row, value)| match value.map(TryInto::try_into) {
                None => Ok(None),
                Some(Ok(value)) => Ok(Some(value)),
                Some(Err(_)) => value_error(row, "is too large for a 64-bit integer"),
            })
            .collect()
    }
    match array.data_type() {
        DataType::Int8 => widened::<Int8Type>(array),
        DataType::Int16 => widened::<Int16Type>(array),
        DataType::Int32 => widened::<Int32Type>(array),
        DataType::Int64 => widened::<Int64Type>(array),
        DataType::UInt8 => widened::<UInt8Type>(array),
        DataType::UInt16 => widened::<UInt16Type>(array),
        DataType::UInt32 => widened::<UInt32Type>(array),
        DataType::UInt64 => widened::<UInt64Type>(array),
        DataType::Null => Ok(vec![None; array.len()]),
        _ => wrong_type(array),
    }
}

/// Integers of any width, none of them null.
pub(crate) fn integers(array: &dyn Array) -> Decoded<Vec<i64>> {
    // What nearly every log has needs no check of each value.
    if *array.data_type() == DataType::Int64 && array.null_count() == 0 {
        return Ok(array.as_primitive::<Int64Type>().values().to_vec());
    }
    nullable_integers(array)?
        .into_iter()
        .enumerate()
        .map(|(row, value)| match value {
            Some(value) => Ok(value),
            None => value_error(row, "is null; every row needs a value"),
        })
        .collect()
}

/// 1-based numbers: pass and epoch.
pub(crate) fn ordinals(array: &dyn Array) -> Decoded<Vec<u32>> {
    bounded(array, 1, "is numbered from 1")
}

/// Class indices, none of them null.
pub(crate) fn labels(array: &dyn Array) -> Decoded<Vec<u32>> {
    bounded(array, 0, "must be 0 or more")
}

fn bounded(array: &dyn Array, least: i64, rule: &str) -> Decoded<Vec<u32>> {
    if *array.data_type() == DataType::Int32 && array.null_count() == 0 {
        let values = array.as_primitive::<Int32Type>().values().iter();
        return values
            .enumerate()
            .map(|(row, &value)| in_range(row, i64::from(value), least, rule))
            .collect();
    }
    let values = integers(array)?.into_iter().enumerate();
    values
        .map(|(row, value)| in_range(row, value, least, rule))
        .collect()
}

fn in_range(row: usize, value: i64, least: i64, rule: &str) -> Decoded<u32> {
    if value < least {
        return value_error(row, format!("is {value}, but {rule}"));
    }
    match i32::try_from(value) {
        Ok(value) => Ok(value.cast_unsigned()),
        Err(_) => value_error(row, format!("is {value}, too large for a 32-bit integer")),
    }
}

/// Class indices that may be unknown.
pub(crate) fn nullable_labels(array: &dyn Array) -> Decoded<Vec<Option<u32>>> {
    nullable_integers(array)?
        .into_iter()
        .enumerate()
        .map(|(row, value)| {
            value
                .map(|value| in_range(row, value, 0, "must be 0 or more"))
                .transpose()
        })
        .collect()
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

pub(crate) fn sample_ids(array: &dyn Array) -> Decoded<SampleIds> {
    if is_text(array.data_type()) {
        return Ok(SampleIds::Texts(texts(array)?));
    }
    Ok(SampleIds::Integers(integers(array)?))
}

fn texts(array: &dyn Array) -> Decoded<Vec<String>> {
    nullable_texts(array)?
        .into_iter()
        .enumerate()
        .map(|(row, text)| match text {
            Some(text) => Ok(text),
            None => value_error(row, "is null; every row needs a value"),
        })
        .collect()
}

/// Texts that repeat: equal neighbours share one allocation.
pub(crate) fn repeated_texts(array: &dyn Array) -> Decoded<Vec<Arc<str>>> {
    if let Some(dictionary) = array.as_any_dictionary_opt()
        && array.null_count() == 0
        && dictionary.values().null_count() == 0
    {
        let values: Vec<Arc<str>> = texts(dictionary.values())?
            .into_iter()
            .map(Arc::from)
            .collect();
        let keys = dictionary.normalized_keys();
        return Ok(keys
            .into_iter()
            .map(|key| Arc::clone(&values[key]))
            .collect());
    }
    let mut shared: Vec<Arc<str>> = Vec::with_capacity(array.len());
    for text in texts(array)? {
        let same = shared.last().filter(|last| ***last == *text).cloned();
        shared.push(same.unwrap_or_else(|| Arc::from(text)));
    }
    Ok(shared)
}

/// Texts of any layout; null where the column is.
pub(crate) fn nullable_texts(array: &dyn Array) -> Decoded<Vec<Option<String>>> {
    Ok(match array.data_type() {
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let values = nullable_texts(dictionary.values())?;
            let keys = dictionary.normalized_keys();
            let text = |row: usize| values.get(keys[row]).cloned().flatten();
            (0..array.len())
                .map(|row| if array.is_null(row) { None } else { text(row) })
                .collect()
        }
        DataType::Null => vec![None; array.len()],
        DataType::Utf8 => owned(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => owned(array.as_string::<i64>().iter()),
        DataType::Utf8View => owned(array.as_string_view().iter()),
        _ => return wrong_type(array),
    })
}

fn owned<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Vec<Option<String>> {
    texts.map(|text| text.map(str::to_owned)).collect()
}

/// Finite floats of any width, as 32-bit ones.
pub(crate) fn floats(array: &dyn Array) -> Decoded<Vec<f32>> {
    let values = match array.data_type() {
        DataType::Float16 => narrowed::<Float16Type>(array, half::f16::to_f32),
        DataType::Float32 => narrowed::<Float32Type>(array, |value| value),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked to be finite below"
        )]
        DataType::Float64 => narrowed::<Float64Type>(array, |value| value as f32),
        _ => return wrong_type(array),
    };
    if array.null_count() > 0 {
        let row = (0..array.len()).find(|&row| array.is_null(row));
        return value_error(row.unwrap_or(0), "is null; every row needs a value");
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(row) => value_error(row, not_finite(values[row])),
        None => Ok(values),
    }
}

fn narrowed<T: ArrowPrimitiveType>(
    array: &dyn Array,
    convert: impl Fn(T::Native) -> f32,
) -> Vec<f32> {
    array
        .as_primitive::<T>()
        .values()
        .iter()
        .map(|&value| convert(value))
        .collect()
}

fn not_finite(value: f32) -> String {
    let kind = if value.is_nan() { "NaN" } else { "infinite" };
    format!(
        "is {kind}; either the training diverged (lower its learning rate) or the file was damaged (copy it again)"
    )
}

/// Lists of one length, flattened.
#[derive(Debug, PartialEq)]
pub(crate) struct FlatLists {
    pub(crate) values: Vec<f32>,
    pub(crate) width: usize,
}

/// Lists of floats that all have the length of the first one.
pub(crate) fn lists(array: &dyn Array) -> Decoded<FlatLists> {
    if let Some(row) = (0..array.len()).find(|&row| array.is_null(row)) {
        return value_error(row, "is null; every row needs its logits");
    }
    let (items, bounds): (ArrayRef, Vec<usize>) = match array.data_type() {
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            let bounds = lists.value_offsets().iter().map(|&at| at as usize);
            (lists.values().clone(), bounds.collect())
        }
        DataType::LargeList(_) => {
            let lists = array.as_list::<i64>();
            let bounds = lists.value_offsets().iter().map(|&at| at as usize);
            (lists.values().clone(), bounds.collect())
        }
        DataType::FixedSizeList(_, _) => {
            // The values of a slice begin with its first list.
            let lists = array.as_fixed_size_list();
            let width = lists.value_length() as usize;
            let bounds = (0..=lists.len()).map(|row| row * width);
            (lists.values().clone(), bounds.collect())
        }
        _ => return wrong_type(array),
    };
    let width = bounds.windows(2).next().map_or(0, |pair| pair[1] - pair[0]);
    if let Some(row) = bounds
        .windows(2)
        .position(|pair| pair[1] - pair[0] != width)
    {
        let length = bounds[row + 1] - bounds[row];
        return value_error(
            row,
            format!("has {length} logits, but the rows before have {width}"),
        );
    }
    let first = bounds.first().copied().unwrap_or(0);
    let items = items.slice(first, width * array.len());
    match floats(&items) {
        Ok(values) => Ok(FlatLists { values, width }),
        Err(DecodeError::Value { row: item, reason }) => value_error(
            item / width.max(1),
            format!("the logit of class {} {reason}", item % width.max(1)),
        ),
        Err(error) => Err(error),
    }
}
