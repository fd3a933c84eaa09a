//! Labels in an NPY file: one array of whole numbers, booleans or strings, as numpy's `save` writes it.

use std::io::{self, BufReader, Read};
use std::path::Path;

use logformat::open_regular;
use npyz::{DType, Deserialize, NpyFile, TypeChar};

use crate::dataset::label_file::cells::Cell;
use crate::error::label_file::LabelFileProblem;

pub(crate) fn read_cells(path: &Path) -> Result<Vec<Cell>, LabelFileProblem> {
    let file = open_regular(path).map_err(|error| LabelFileProblem::unreadable(&error))?;
    let array =
        NpyFile::new(BufReader::new(file)).map_err(|error| LabelFileProblem::unreadable(&error))?;
    if array.shape().len() != 1 {
        return Err(LabelFileProblem::NpyShape(format!("{:?}", array.shape())));
    }
    decode(array)?.map_err(|error| LabelFileProblem::unreadable(&error))
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
    Ok(array.into_vec()?.into_iter().map(Cell::Text).collect())
}
