//! Labels in an NPY file: one array of whole numbers, booleans or strings, as numpy's `save` writes it.

use std::io::{self, BufReader, Read};
use std::path::Path;

use logformat::check_file_memory;
use npyz::{DType, Deserialize, NpyFile, TypeChar};

use crate::dataset::files::npy_file::open;
use crate::dataset::images::memory::memory_bytes;
use crate::dataset::label_file::cells::Cell;
use crate::error::label_file::LabelFileProblem;

pub(crate) fn read_cells(path: &Path) -> Result<Vec<Cell>, LabelFileProblem> {
    let unreadable = |error: io::Error| LabelFileProblem::unreadable(&error);
    let bytes = open(path).map_err(unreadable)?;
    let length = bytes.length;
    let array = NpyFile::new(BufReader::new(bytes)).map_err(unreadable)?;
    // A column of one is a list, too: so scikit-learn's encoders give them.
    if !matches!(array.shape(), [_] | [_, 1]) {
        return Err(LabelFileProblem::NpyShape(format!("{:?}", array.shape())));
    }
    check_claims(&array, length)?;
    decode(array)?.map_err(|error| LabelFileProblem::unreadable(&error))
}

/// Labels without any bytes would be as many as the header says.
fn check_claims(array: &NpyFile<impl Read>, bytes: u64) -> Result<(), LabelFileProblem> {
    let size = array.dtype().num_bytes().unwrap_or(0) as u64;
    if size == 0 && array.len() > 0 {
        return Err(LabelFileProblem::NpyType(array.dtype().descr()));
    }
    let labels = array.len();
    if labels
        .checked_mul(size)
        .is_none_or(|claimed| claimed > bytes)
    {
        return Err(LabelFileProblem::Unreadable(format!(
            "its header claims {labels} labels of {size} bytes, and the file has {bytes} bytes; save it again"
        )));
    }
    let cells = labels.saturating_mul(size_of::<Cell>() as u64);
    check_file_memory(cells, memory_bytes(None)).map_err(LabelFileProblem::Unreadable)
}

/// The cells, or the error of reading them; the outer error is one of the type.
fn decode(array: NpyFile<impl Read>) -> Result<io::Result<Vec<Cell>>, LabelFileProblem> {
    let dtype = array.dtype();
    let kind = match &dtype {
        DType::Plain(kind) => Some((kind.type_char(), kind.size_field())),
        _ => None,
    };
    match kind {
        Some((TypeChar::Int, 1)) => Ok(integers::<i8>(array)),
        Some((TypeChar::Int, 2)) => Ok(integers::<i16>(array)),
        Some((TypeChar::Int, 4)) => Ok(integers::<i32>(array)),
        Some((TypeChar::Int, 8)) => Ok(integers::<i64>(array)),
        Some((TypeChar::Uint, 1)) => Ok(integers::<u8>(array)),
        Some((TypeChar::Uint, 2)) => Ok(integers::<u16>(array)),
        Some((TypeChar::Uint, 4)) => Ok(integers::<u32>(array)),
        Some((TypeChar::Uint, 8)) => Ok(integers::<u64>(array)),
        Some((TypeChar::Float, 4)) => floats(array.into_vec::<f32>()),
        Some((TypeChar::Float, 8)) => floats(array.into_vec::<f64>()),
        Some((TypeChar::Bool, 1)) => Ok(array
            .into_vec::<bool>()
            .map(|values| values.into_iter().map(Cell::of_boolean).collect())),
        Some((TypeChar::UnicodeStr | TypeChar::ByteStr, _)) => Ok(texts(array)),
        _ => Err(LabelFileProblem::NpyType(dtype.descr())),
    }
}

fn integers<T: Deserialize + Into<i128>>(array: NpyFile<impl Read>) -> io::Result<Vec<Cell>> {
    let numbers = array.into_vec::<T>()?.into_iter();
    Ok(numbers.map(|number| Cell::Integer(number.into())).collect())
}

fn floats<T: Into<f64>>(
    values: io::Result<Vec<T>>,
) -> Result<io::Result<Vec<Cell>>, LabelFileProblem> {
    let Ok(values) = values else {
        return Ok(values.map(|_| Vec::new()));
    };
    let cells = values.into_iter().map(Into::into).map(Cell::of_float);
    let cells = cells.collect::<Result<Vec<Cell>, f64>>();
    cells.map(Ok).map_err(LabelFileProblem::NotWhole)
}

fn texts(array: NpyFile<impl Read>) -> io::Result<Vec<Cell>> {
    let texts = array.into_vec::<String>()?;
    Ok(texts.iter().map(|text| Cell::of_text(text)).collect())
}
