//! Features in an NPY file: an array of two dimensions, samples × features, as numpy's `save` writes it.

use std::io::Read;
use std::path::Path;

use half::f16;
use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};

use crate::dataset::files::finding::read_error;
use crate::dataset::files::npy_file::NpyFile;
use crate::dataset::files::room::check_room;
use crate::dataset::kinds::features::columns::{Columns, First, Names};
use crate::dataset::kinds::features::feature_file::FeatureFile;
use crate::dataset::kinds::features::numbers::{
    Differences, FirstOfRows, ForNumbers, Number, append_rows,
};
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;

/// Read and converted at once.
const BLOCK_BYTES: usize = 8 << 20;

pub(crate) fn read(
    path: &Path,
    settings: &DatasetSettings,
    first: Option<First<'_>>,
) -> Result<FeatureFile, DatasetError> {
    if let Some(option) = settings.first_column_option() {
        return Err(DatasetError::NoColumns {
            path: path.to_owned(),
            option,
        });
    }
    let NpyFile {
        header,
        values,
        length,
    } = NpyFile::open(path)?;
    let [rows, width] = header.shape() else {
        return Err(DatasetError::ArrayShape {
            path: path.to_owned(),
            shape: format!("{:?}", header.shape()),
            dimensions: header.shape().len(),
        });
    };
    let (rows, width) = (to_usize(*rows), to_usize(*width));
    let columns = Columns {
        width,
        names: Names::Array,
    };
    if let Some((expected, _)) = first {
        columns.check(path, expected)?;
    }
    let offsets = first.map_or_else(Vec::new, |(_, offsets)| offsets.to_vec());
    let (values, offsets) = numbers(path, &header, values, length, [rows, width], offsets)?;
    let values = match header.order() {
        Order::C => values,
        Order::Fortran => {
            let columns: Vec<&[f32]> = values.chunks_exact(rows.max(1)).collect();
            let mut by_row = Vec::with_capacity(values.len());
            append_rows(&columns, rows, &mut by_row);
            by_row
        }
    };
    Ok(FeatureFile {
        values,
        offsets,
        columns,
        rows,
        labels: None,
        class_names: None,
        label_column: None,
        aside: Vec::new(),
        remark: None,
        origins: None,
    })
}

/// The numbers behind the header, in the order of the file, and where each feature lies: at `offsets`, or where
/// its first values say.
fn numbers(
    path: &Path,
    header: &NpyHeader,
    mut reader: impl Read,
    length: u64,
    [rows, width]: [usize; 2],
    mut offsets: Vec<f64>,
) -> Result<(Vec<f32>, Vec<f64>), DatasetError> {
    let (size, convert) = converter(&header.dtype()).ok_or_else(|| DatasetError::ArrayType {
        path: path.to_owned(),
        found: header.dtype().descr(),
    })?;
    let is_by_row = header.order() == Order::C;
    let count = rows.saturating_mul(width);
    check_room(path, (count as u64).saturating_mul(size_of::<f32>() as u64))?;
    let file_bytes = to_usize(length);
    // A damaged header may promise more than any memory holds.
    let mut values = Vec::with_capacity(count.min(file_bytes / size));
    // Whole rows, or else a part of one column.
    let row_bytes = width.saturating_mul(size).clamp(1, file_bytes.max(1));
    let most = match is_by_row {
        true => (BLOCK_BYTES / row_bytes).max(1) * row_bytes,
        false => BLOCK_BYTES / size * size,
    };
    let mut block = vec![0; most.min(count.saturating_mul(size))];
    let is_known = !offsets.is_empty();
    while values.len() < count {
        let left = match is_by_row {
            true => count - values.len(),
            false => rows - values.len() % rows,
        };
        let bytes = left.saturating_mul(size).min(most);
        let block = &mut block[..bytes];
        reader
            .read_exact(block)
            .map_err(|error| read_error(path, error))?;
        let column = values.len() / rows;
        let (begins, of_block) = match is_by_row {
            true => (values.is_empty(), 0..width),
            false => (values.len() % rows == 0, column..column + 1),
        };
        let known = match begins && !is_known {
            true => None,
            false => Some(&offsets[of_block.clone()]),
        };
        let found = convert(block, of_block.len(), known, &mut values);
        offsets.extend(found);
    }
    match reader.read(&mut [0]) {
        Ok(0) => Ok((values, offsets)),
        Ok(_) => Err(DatasetError::Damaged {
            path: path.to_owned(),
            reason: "it goes on after the array that its header promises".to_owned(),
        }),
        Err(error) => Err(read_error(path, error)),
    }
}

/// Puts the differences of such bytes to the offsets of so many features behind the values; where these are
/// not known, they are found and given back.
type Convert = fn(&[u8], usize, Option<&[f64]>, &mut Vec<f32>) -> Vec<f64>;

/// The bytes of a number of this type, and what makes floats of such bytes.
fn converter(dtype: &DType) -> Option<(usize, Convert)> {
    let DType::Plain(kind) = dtype else {
        return None;
    };
    let is_big = kind.endianness() == Endianness::Big;
    /// For numbers of either order of bytes.
    macro_rules! numbers {
        ($type:ty, $size:literal) => {{
            let little: Convert = |bytes, width, offsets, values| {
                let (numbers, _) = bytes.as_chunks::<$size>();
                let numbers: Vec<$type> =
                    numbers.iter().map(|n| <$type>::from_le_bytes(*n)).collect();
                differences(&numbers, width, offsets, values)
            };
            let big: Convert = |bytes, width, offsets, values| {
                let (numbers, _) = bytes.as_chunks::<$size>();
                let numbers: Vec<$type> =
                    numbers.iter().map(|n| <$type>::from_be_bytes(*n)).collect();
                differences(&numbers, width, offsets, values)
            };
            Some(($size, if is_big { big } else { little }))
        }};
    }
    match (kind.type_char(), kind.size_field()) {
        (TypeChar::Float, 2) => numbers!(f16, 2),
        (TypeChar::Float, 4) => numbers!(f32, 4),
        (TypeChar::Float, 8) => numbers!(f64, 8),
        (TypeChar::Int, 1) => numbers!(i8, 1),
        (TypeChar::Int, 2) => numbers!(i16, 2),
        (TypeChar::Int, 4) => numbers!(i32, 4),
        (TypeChar::Int, 8) => numbers!(i64, 8),
        (TypeChar::Uint, 1) => numbers!(u8, 1),
        (TypeChar::Uint, 2) => numbers!(u16, 2),
        (TypeChar::Uint, 4) => numbers!(u32, 4),
        (TypeChar::Uint, 8) => numbers!(u64, 8),
        _ => None,
    }
}

fn differences<T: Number>(
    numbers: &[T],
    width: usize,
    known: Option<&[f64]>,
    values: &mut Vec<f32>,
) -> Vec<f64> {
    let mut found = Vec::new();
    if known.is_none() {
        FirstOfRows {
            width,
            offsets: &mut found,
        }
        .take(numbers);
    }
    let offsets = known.unwrap_or(&found);
    Differences { offsets, values }.take(numbers);
    found
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
