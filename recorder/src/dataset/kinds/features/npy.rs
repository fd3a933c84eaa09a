//! Features in an NPY file: an array of two dimensions, samples × features, as numpy's `save` writes it.

use std::fs::File;
use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use logformat::open_regular;
use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};

use crate::dataset::files::finding::read_error;
use crate::dataset::files::room::check_room;
use crate::dataset::kinds::features::columns::{Columns, Names};
use crate::dataset::kinds::features::feature_file::FeatureFile;
use crate::dataset::kinds::features::numbers::{Half, append_rows};
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;

/// Read and converted at once.
const BLOCK_BYTES: usize = 8 << 20;

/// The number of dimensions of the array in `path`.
pub(crate) fn dimensions(path: &Path) -> Result<usize, DatasetError> {
    Ok(open(path)?.0.shape().len())
}

pub(crate) fn read(path: &Path, settings: &DatasetSettings) -> Result<FeatureFile, DatasetError> {
    if let Some(option) = settings.first_column_option() {
        return Err(DatasetError::NoColumns {
            path: path.to_owned(),
            option,
        });
    }
    let (header, reader) = open(path)?;
    let [rows, width] = header.shape() else {
        return Err(DatasetError::ArrayShape {
            path: path.to_owned(),
            shape: format!("{:?}", header.shape()),
        });
    };
    let (rows, width) = (to_usize(*rows), to_usize(*width));
    let values = values(path, &header, reader, rows.saturating_mul(width))?;
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
        columns: Columns {
            width,
            names: Names::Array,
        },
        rows,
        labels: None,
        class_names: None,
    })
}

fn open(path: &Path) -> Result<(NpyHeader, BufReader<File>), DatasetError> {
    let file = open_regular(path).map_err(|error| read_error(path, error))?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    // The parser of the header panics on some damaged files.
    let header = catch_unwind(AssertUnwindSafe(|| NpyHeader::from_reader(&mut reader)));
    let reason = match header {
        Ok(Ok(header)) => return Ok((header, reader)),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "its header makes no sense".to_owned(),
    };
    let reason = reason.lines().next().unwrap_or_default();
    Err(DatasetError::Damaged {
        path: path.to_owned(),
        reason: format!("it cannot be read as an NPY array ({reason})"),
    })
}

/// The numbers behind the header, in the order of the file.
fn values(
    path: &Path,
    header: &NpyHeader,
    mut reader: impl Read,
    count: usize,
) -> Result<Vec<f32>, DatasetError> {
    let (size, convert) = converter(&header.dtype()).ok_or_else(|| DatasetError::ArrayType {
        path: path.to_owned(),
        found: header.dtype().descr(),
    })?;
    check_room(path, (count as u64).saturating_mul(size_of::<f32>() as u64))?;
    let file_bytes = std::fs::metadata(path).map_or(0, |metadata| to_usize(metadata.len()));
    // A damaged header may promise more than any memory holds.
    let mut values = Vec::with_capacity(count.min(file_bytes / size));
    let mut block = vec![0; BLOCK_BYTES.min(count.saturating_mul(size))];
    while values.len() < count {
        let bytes = (count - values.len()).saturating_mul(size);
        let bytes = bytes.min(BLOCK_BYTES / size * size);
        let block = &mut block[..bytes];
        reader
            .read_exact(block)
            .map_err(|error| read_error(path, error))?;
        convert(block, &mut values);
    }
    match reader.read(&mut [0]) {
        Ok(0) => Ok(values),
        Ok(_) => Err(DatasetError::Damaged {
            path: path.to_owned(),
            reason: "it goes on after the array that its header promises".to_owned(),
        }),
        Err(error) => Err(read_error(path, error)),
    }
}

type Convert = fn(&[u8], &mut Vec<f32>);

/// The bytes of a number of this type, and what makes floats of such bytes.
fn converter(dtype: &DType) -> Option<(usize, Convert)> {
    let DType::Plain(kind) = dtype else {
        return None;
    };
    let is_big = kind.endianness() == Endianness::Big;
    /// For numbers of either order of bytes.
    macro_rules! numbers {
        ($type:ty, $size:literal, $convert:expr) => {{
            let little: Convert = |bytes, values| {
                let (numbers, _) = bytes.as_chunks::<$size>();
                values.extend(numbers.iter().map(|n| $convert(<$type>::from_le_bytes(*n))));
            };
            let big: Convert = |bytes, values| {
                let (numbers, _) = bytes.as_chunks::<$size>();
                values.extend(numbers.iter().map(|n| $convert(<$type>::from_be_bytes(*n))));
            };
            Some(($size, if is_big { big } else { little }))
        }};
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "networks take 32 bits; what becomes infinite is refused later"
    )]
    match (kind.type_char(), kind.size_field()) {
        (TypeChar::Float, 2) => numbers!(Half, 2, Half::to_f32),
        (TypeChar::Float, 4) => numbers!(f32, 4, |value: f32| value),
        (TypeChar::Float, 8) => numbers!(f64, 8, |value: f64| value as f32),
        (TypeChar::Int, 1) => numbers!(i8, 1, f32::from),
        (TypeChar::Int, 2) => numbers!(i16, 2, f32::from),
        (TypeChar::Int, 4) => numbers!(i32, 4, |value: i32| value as f32),
        (TypeChar::Int, 8) => numbers!(i64, 8, |value: i64| value as f32),
        (TypeChar::Uint, 1) => numbers!(u8, 1, f32::from),
        (TypeChar::Uint, 2) => numbers!(u16, 2, f32::from),
        (TypeChar::Uint, 4) => numbers!(u32, 4, |value: u32| value as f32),
        (TypeChar::Uint, 8) => numbers!(u64, 8, |value: u64| value as f32),
        _ => None,
    }
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
