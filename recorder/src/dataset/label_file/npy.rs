//! Labels in an NPY file: one array of whole numbers or strings, as numpy's `save` writes it.

use std::io::{self, BufReader, Read};
use std::path::Path;

use logformat::open_regular;
use npyz::{DType, Deserialize, NpyFile, TypeChar};

use crate::dataset::label_file::cells::Cell;
use crate::error::label_file::LabelFileProblem;

/// An array has no column names.
const COLUMN: &str = "";

pub(crate) fn read_cells(
    path: &Path,
    column: Option<&str>,
) -> Result<(String, Vec<Cell>), LabelFileProblem> {
    let file = open_regular(path).map_err(|error| LabelFileProblem::unreadable(&error))?;
    let array =
        NpyFile::new(BufReader::new(file)).map_err(|error| LabelFileProblem::unreadable(&error))?;
    if let Some(column) = column {
        return Err(LabelFileProblem::NpyColumn(column.to_owned()));
    }
    if array.shape().len() != 1 {
        return Err(LabelFileProblem::NpyShape(format!("{:?}", array.shape())));
    }
    let cells = decode(array)?.map_err(|error| LabelFileProblem::unreadable(&error))?;
    Ok((COLUMN.to_owned(), cells))
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
        Some((TypeChar::UnicodeStr | TypeChar::ByteStr, _)) => Ok(texts(array)),
        _ => Err(LabelFileProblem::NpyType(dtype.descr())),
    }
}

fn integers<T: Deserialize + Into<i128>>(array: NpyFile<impl Read>) -> io::Result<Vec<Cell>> {
    let numbers = array.into_vec::<T>()?.into_iter();
    Ok(numbers.map(|number| Cell::Integer(number.into())).collect())
}

fn texts(array: NpyFile<impl Read>) -> io::Result<Vec<Cell>> {
    Ok(array.into_vec()?.into_iter().map(Cell::Text).collect())
}
