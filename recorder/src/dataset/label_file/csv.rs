//! Labels in a table of text: the first line names the columns.

use std::path::Path;

use crate::dataset::files::text_table::TextTable;
use crate::dataset::label_file::cells::Cell;
use crate::error::label_file::LabelFileProblem;

/// Read at once.
const ROWS: usize = 8192;

pub(crate) fn columns(path: &Path) -> Result<Vec<String>, LabelFileProblem> {
    Ok(TextTable::open(path)?.header)
}

pub(crate) fn read_cells(path: &Path, column: usize) -> Result<Vec<Cell>, LabelFileProblem> {
    read(path, column, |table, text| Ok(cell(table, text)))
}

/// The numbers of a column; `None` where a cell is empty.
pub(crate) fn read_numbers(
    path: &Path,
    column: usize,
) -> Result<Vec<Option<f64>>, LabelFileProblem> {
    read(path, column, |table, text| match text {
        b"" => Ok(None),
        text => table
            .number(text)
            .map(Some)
            .ok_or_else(|| LabelFileProblem::NoNumbers {
                column: table.header[column].clone(),
                found: format!("{:?}", String::from_utf8_lossy(text)),
            }),
    })
}

fn read<T>(
    path: &Path,
    column: usize,
    decode: impl Fn(&TextTable, &[u8]) -> Result<T, LabelFileProblem>,
) -> Result<Vec<T>, LabelFileProblem> {
    let mut table = TextTable::open(path)?;
    let mut cells = Vec::new();
    loop {
        let rows = table.rows(ROWS)?;
        if rows.is_empty() {
            return Ok(cells);
        }
        for row in &rows {
            cells.push(decode(&table, row.get(column).unwrap_or_default())?);
        }
    }
}

/// All is text in such a table; whether a column holds names or numbers is seen from all of it. Rows are UTF-8
/// since they were read.
fn cell(table: &TextTable, text: &[u8]) -> Cell {
    Cell::of_text(&table.label(&String::from_utf8_lossy(text)))
}
