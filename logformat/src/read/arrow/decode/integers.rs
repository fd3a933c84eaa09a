//! Integers of any width: labels, passes and epochs as 32-bit ones, ids as 64-bit ones.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_schema::DataType;

use crate::read::arrow::decode::{Decoded, value_error, wrong_type};
use crate::read::repeated::Repeated;

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
                Some(Err(_)) => value_error(
                    row,
                    "is too large for a 64-bit integer with a sign; write such ids as texts",
                ),
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

/// Passes, which are numbered from 1.
pub(crate) fn passes(array: &dyn Array) -> Decoded<Repeated<u32>> {
    let passes = bounded(array, 1, "passes are numbered from 1; add 1 to each")?;
    Ok(passes.into_iter().collect())
}

/// Epochs, which count from 0, from 1 or by the steps of a training.
pub(crate) fn epochs(array: &dyn Array) -> Decoded<Repeated<u32>> {
    let epochs = bounded(array, 0, "must be 0 or more")?;
    Ok(epochs.into_iter().collect())
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
                .map(|value| in_range(row, value, 0, "must be 0 or more; an unknown one is null"))
                .transpose()
        })
        .collect()
}
