//! Floats of any width, and lists of them: margins and logits, as 32-bit ones. All have to be finite.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float16Type, Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::read::arrow::decode::{DecodeError, Decoded, value_error, wrong_type};

/// Finite floats of any width, as 32-bit ones.
pub(crate) fn floats(array: &dyn Array) -> Decoded<Vec<f32>> {
    let values = match array.data_type() {
        DataType::Float16 => narrowed::<Float16Type>(array, half::f16::to_f32),
        DataType::Float32 => array.as_primitive::<Float32Type>().values().to_vec(),
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
    // Not `all`, which would stop early and so look at one after the other.
    let are_finite = values
        .iter()
        .fold(true, |all, value| all & value.is_finite());
    if are_finite {
        return Ok(values);
    }
    let row = values.iter().position(|value| !value.is_finite());
    let row = row.unwrap_or(0);
    value_error(
        row,
        not_finite(wide_at(array, row).unwrap_or(values[row].into())),
    )
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

/// 64-bit logits beyond this lose what tells them apart when they become 32-bit (at 10,000 all that is
/// smaller than 0.001), so that each such list is taken less its largest value, which leaves margins and
/// probabilities as they are.
const FAR_FROM_ZERO: f64 = 1e4;

/// 64-bit logits as 32-bit ones; `None` where something is not finite.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be finite afterwards"
)]
fn narrowed_lists(values: &[f64], width: usize) -> Option<Vec<f32>> {
    let lists = values.chunks(width.max(1));
    let narrow = lists.flat_map(|list| {
        let largest = list.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let zero = if largest.abs() > FAR_FROM_ZERO {
            largest
        } else {
            0.0
        };
        list.iter().map(move |value| (value - zero) as f32)
    });
    let narrow: Vec<f32> = narrow.collect();
    narrow
        .iter()
        .all(|value| value.is_finite())
        .then_some(narrow)
}

/// The value as it stands in the file, where it is of 64 bits.
fn wide_at(array: &dyn Array, row: usize) -> Option<f64> {
    let wide = array.as_primitive_opt::<Float64Type>()?;
    wide.values().get(row).copied()
}

fn not_finite(value: f64) -> String {
    if value.is_finite() {
        return format!(
            "is {value:e}, too large for a 32-bit float; has the training diverged (lower its learning rate)?"
        );
    }
    let kind = if value.is_nan() { "NaN" } else { "infinite" };
    format!(
        "is {kind}; either the training diverged (lower its learning rate) or the file was damaged (copy it again)"
    )
}

/// Lists of one length, flattened.
#[derive(Debug, PartialEq)]
pub(crate) struct FlatLists {
    /// Lists far from zero are moved there: see [`FAR_FROM_ZERO`].
    pub(crate) values: Vec<f32>,
    /// The values as they stand in the file, where they are of 64 bits.
    pub(crate) wide: Option<Vec<f64>>,
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
    let wide = items.as_primitive_opt::<Float64Type>();
    let wide = wide.map(|items| items.values().to_vec());
    let narrow = match &wide {
        Some(wide) if items.null_count() == 0 => narrowed_lists(wide, width),
        _ => None,
    };
    match narrow.map_or_else(|| floats(&items), Ok) {
        Ok(values) => Ok(FlatLists {
            values,
            wide,
            width,
        }),
        Err(DecodeError::Value { row: item, reason }) => value_error(
            item / width.max(1),
            format!("the logit of class {} {reason}", item % width.max(1)),
        ),
        Err(error) => Err(error),
    }
}
