//! Numbers of any type as the 32-bit floats that networks take.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_schema::DataType;

/// A 16-bit float.
pub(crate) type Half = <Float16Type as ArrowPrimitiveType>::Native;

pub(crate) fn is_float(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Float16 | DataType::Float32 | DataType::Float64
    )
}

pub(crate) fn is_number(data_type: &DataType) -> bool {
    is_float(data_type) || data_type.is_integer()
}

/// The values of an array for whose type [`is_number`] holds; nothing of one of another type. What lies
/// behind a null is of no meaning.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "networks take 32 bits; what becomes infinite is refused later"
)]
pub(crate) fn floats(array: &dyn Array) -> Vec<f32> {
    match array.data_type() {
        DataType::Float16 => converted::<Float16Type>(array, |value| value.to_f32()),
        DataType::Float32 => array.as_primitive::<Float32Type>().values().to_vec(),
        DataType::Float64 => converted::<Float64Type>(array, |value| value as f32),
        DataType::Int8 => converted::<Int8Type>(array, f32::from),
        DataType::Int16 => converted::<Int16Type>(array, f32::from),
        DataType::Int32 => converted::<Int32Type>(array, |value| value as f32),
        DataType::Int64 => converted::<Int64Type>(array, |value| value as f32),
        DataType::UInt8 => converted::<UInt8Type>(array, f32::from),
        DataType::UInt16 => converted::<UInt16Type>(array, f32::from),
        DataType::UInt32 => converted::<UInt32Type>(array, |value| value as f32),
        DataType::UInt64 => converted::<UInt64Type>(array, |value| value as f32),
        _ => Vec::new(),
    }
}

fn converted<T: ArrowPrimitiveType>(
    array: &dyn Array,
    convert: impl Fn(T::Native) -> f32,
) -> Vec<f32> {
    let values = array.as_primitive::<T>().values().iter();
    values.map(|&value| convert(value)).collect()
}

/// Columns become rows: `columns` have `rows` values each. In blocks, since a whole column does not fit
/// the cache.
pub(crate) fn append_rows(columns: &[&[f32]], rows: usize, values: &mut Vec<f32>) {
    const BLOCK: usize = 32;
    for begin in (0..rows).step_by(BLOCK) {
        let end = rows.min(begin + BLOCK);
        let base = values.len();
        values.resize(base + (end - begin) * columns.len(), 0.0);
        let block = &mut values[base..];
        for (at, column) in columns.iter().enumerate() {
            for (row, &value) in column[begin..end].iter().enumerate() {
                block[row * columns.len() + at] = value;
            }
        }
    }
}
