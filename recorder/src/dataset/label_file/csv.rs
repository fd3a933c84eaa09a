//! Labels in a CSV file: the first line names the columns.

use std::path::Path;

use logformat::open_regular;

use crate::dataset::label_file::cells::{Cell, choose_column};
use crate::error::label_file::LabelFileProblem;

pub(crate) fn read_cells(
    path: &Path,
    column: Option<&str>,
) -> Result<(String, Vec<Cell>), LabelFileProblem> {
    let file = open_regular(path).map_err(|error| LabelFileProblem::unreadable(&error))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let header = reader
        .headers()
        .map_err(|error| LabelFileProblem::unreadable(&error))?;
    let columns: Vec<String> = header.iter().map(str::to_owned).collect();
    let chosen = choose_column(&columns, column)?;
    let cells = reader
        .records()
        .map(|record| record.map(|record| cell(record.get(chosen).unwrap_or_default())))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| LabelFileProblem::unreadable(&error))?;
    Ok((columns[chosen].clone(), cells))
}

/// All is text in a CSV file; whether a column holds names or numbers is seen from all of it.
fn cell(text: &str) -> Cell {
    match text {
        "" => Cell::Null,
        text => Cell::Text(text.to_owned()),
    }
}
