//! Numbers of any type as the 32-bit floats that networks take, without the digits that all of a feature share.
//!
//! A feature that lies far from 0, as times in Unix seconds do, would lose its differences in 32 bits: what
//! it lies at is subtracted first, in the type that the file has. So it is standardised as if in 64 bits.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_schema::DataType;
use half::f16;

/// So many rows tell where a feature lies.
pub(crate) const FIRST_ROWS: usize = 1024;
/// A feature lies far from 0 where it is so many times as far from it as its values are apart: of the 24 bits of
/// a 32-bit float, 12 are then left for them.
const FAR: f64 = 4096.0;

/// A number that a file of features may hold.
pub(crate) trait Number: Copy {
    /// In 64 bits.
    fn double(self) -> f64;
    /// The difference to a whole number, or to any where this is a float.
    fn minus(self, offset: f64) -> f32;
}

macro_rules! floats {
    ($($type:ty: $double:expr),*) => {$(
        impl Number for $type {
            fn double(self) -> f64 {
                $double(self)
            }

            fn minus(self, offset: f64) -> f32 {
                ($double(self) - offset) as f32
            }
        }
    )*};
}

floats!(f64: |value| value, f32: f64::from, f16: f16::to_f64);

macro_rules! whole_numbers {
    ($($type:ty),*) => {$(
        #[allow(clippy::cast_lossless, reason = "for numbers of every width")]
        impl Number for $type {
            fn double(self) -> f64 {
                self as f64
            }

            fn minus(self, offset: f64) -> f32 {
                // Beyond 2^53 the difference of floats would not be that of the numbers.
                match offset == 0.0 {
                    true => self as f32,
                    false => (self as i128 - offset as i128) as f32,
                }
            }
        }
    )*};
}

whole_numbers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// Where a feature lies that begins with these values, a whole number; 0 where 32 bits tell its values apart.
pub(crate) fn offset(mut first: Vec<f64>) -> f64 {
    first.retain(|value| value.is_finite());
    first.sort_by(f64::total_cmp);
    let at = |share: f64| {
        first
            .get((share * first.len() as f64) as usize)
            .copied()
            .unwrap_or(0.0)
    };
    let (middle, usual) = (at(0.5), at(0.95) - at(0.05));
    let apart = match usual > 0.0 {
        true => usual,
        false => first.last().copied().unwrap_or(0.0) - at(0.0),
    };
    let is_exact = f64::from(middle as f32) == middle;
    match middle.abs() > FAR * apart && !(apart == 0.0 && is_exact) {
        true => middle.round(),
        false => 0.0,
    }
}

/// From here on, 32 bits do not tell neighbouring whole numbers apart.
pub(crate) const COARSE: f32 = 16_777_216.0;

fn is_float(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Float16 | DataType::Float32 | DataType::Float64
    )
}

/// Booleans are 0 and 1, as in pandas.
pub(crate) fn is_number(data_type: &DataType) -> bool {
    is_float(data_type)
        || data_type.is_integer()
        || matches!(data_type, DataType::Boolean | DataType::Decimal128(..))
}

/// What is done with the values of an array, whatever their type.
pub(crate) trait ForNumbers {
    fn take<T: Number>(&mut self, values: &[T]);
}

/// Gives `work` the values of an array for whose type [`is_number`] holds. What lies behind a null is of no
/// meaning.
pub(crate) fn for_numbers(array: &dyn Array, work: &mut impl ForNumbers) {
    match array.data_type() {
        DataType::Float16 => work.take(array.as_primitive::<Float16Type>().values()),
        DataType::Float32 => work.take(array.as_primitive::<Float32Type>().values()),
        DataType::Float64 => work.take(array.as_primitive::<Float64Type>().values()),
        DataType::Int8 => work.take(array.as_primitive::<Int8Type>().values()),
        DataType::Int16 => work.take(array.as_primitive::<Int16Type>().values()),
        DataType::Int32 => work.take(array.as_primitive::<Int32Type>().values()),
        DataType::Int64 => work.take(array.as_primitive::<Int64Type>().values()),
        DataType::UInt8 => work.take(array.as_primitive::<UInt8Type>().values()),
        DataType::UInt16 => work.take(array.as_primitive::<UInt16Type>().values()),
        DataType::UInt32 => work.take(array.as_primitive::<UInt32Type>().values()),
        DataType::UInt64 => work.take(array.as_primitive::<UInt64Type>().values()),
        DataType::Decimal128(_, places) => {
            let unit = 10_f64.powi(i32::from(*places));
            let values = array.as_primitive::<Decimal128Type>().values().iter();
            let values: Vec<f64> = values.map(|&value| value as f64 / unit).collect();
            work.take(&values);
        }
        DataType::Boolean => {
            let values = array.as_boolean().values().iter();
            work.take(&values.map(u8::from).collect::<Vec<u8>>());
        }
        _ => {}
    }
}

/// The first values of each of `width` features of rows that lie one after the other.
pub(crate) struct FirstOfRows<'a> {
    pub(crate) width: usize,
    pub(crate) offsets: &'a mut Vec<f64>,
}

impl ForNumbers for FirstOfRows<'_> {
    fn take<T: Number>(&mut self, values: &[T]) {
        let width = self.width.max(1);
        let first = &values[..values.len().min(FIRST_ROWS * width)];
        let of = |feature: usize| {
            first
                .iter()
                .skip(feature)
                .step_by(width)
                .map(|value| value.double())
        };
        self.offsets
            .extend((0..self.width).map(|feature| offset(of(feature).collect())));
    }
}

/// The differences of rows that lie one after the other to the offset of each feature.
pub(crate) struct Differences<'a> {
    pub(crate) offsets: &'a [f64],
    pub(crate) values: &'a mut Vec<f32>,
}

impl ForNumbers for Differences<'_> {
    fn take<T: Number>(&mut self, values: &[T]) {
        if self.offsets.iter().all(|&offset| offset == 0.0) {
            self.values
                .extend(values.iter().map(|value| value.minus(0.0)));
            return;
        }
        for row in values.chunks(self.offsets.len().max(1)) {
            let differences = row.iter().zip(self.offsets);
            self.values
                .extend(differences.map(|(value, &offset)| value.minus(offset)));
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_far_from_0_is_taken_from_where_it_lies() {
        let seconds = |second: i32| 1.7e9 + f64::from(second);
        assert_eq!(offset((0..100).map(seconds).collect()), 1_700_000_050.0);
        // One missing value does not hide it.
        assert_eq!(
            offset((0..100).map(seconds).chain([0.0]).collect()),
            1_700_000_049.0
        );
        assert_eq!(offset(vec![0.5, -3.0, 100.0]), 0.0);
        assert_eq!(offset(vec![1.0; 9]), 0.0);
        assert_eq!(offset(vec![16_777_217.0; 9]), 16_777_217.0);
        assert_eq!(offset(Vec::new()), 0.0);
    }

    #[test]
    fn whole_numbers_beyond_64_bit_floats_are_subtracted_as_they_are() {
        let nanoseconds = 1_700_000_000_000_000_001i64;
        let offset = 1_700_000_000_000_000_000.0;
        assert_eq!(nanoseconds.minus(offset), 1.0);
        assert_eq!(u64::MAX.minus(18_446_744_073_709_551_616.0), -1.0);
        assert_eq!(1.7e9f64.minus(1_700_000_050.0), -50.0);
    }
}
