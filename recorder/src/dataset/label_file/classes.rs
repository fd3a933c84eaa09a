//! What the cells of a column mean: class indices, or names of classes, as [`logformat::ClassLabels`] says for
//! every file alike.

use logformat::{ClassLabels, Label, first_missing, missing_among, told_classes};

use crate::dataset::label_file::cells::Cell;

/// The class of each cell that is not empty; or the first row (from 0) that has none, where the reason is about one row.
pub(crate) fn from_cells(
    cells: &[Cell],
    class_names: &[String],
) -> Result<Vec<Option<u32>>, (Option<usize>, String)> {
    let labels = cells.iter().filter_map(Cell::label);
    let classes = ClassLabels::of(labels, class_names).map_err(|reason| (None, reason))?;
    let class = |(row, cell): (usize, &Cell)| {
        let class = cell.label().map(|label| classes.class(label));
        class.transpose().map_err(|reason| (Some(row), reason))
    };
    cells.iter().enumerate().map(class).collect()
}

/// The names of the classes that these cells tell; or the row (from 0) that says that its label is missing,
/// where that is not the name of a class.
pub(crate) fn names(
    cells: &[Cell],
    missing_is_a_class: bool,
) -> Result<Vec<String>, (usize, String)> {
    // An empty cell is told with the sample that it is about.
    let (rows, labels): (Vec<usize>, Vec<Label<'_>>) = cells
        .iter()
        .enumerate()
        .filter_map(|(row, cell)| Some((row, cell.label()?)))
        .unzip();
    match first_missing(labels.into_iter()).map(|at| rows[at]) {
        Some(row) if !missing_is_a_class => Err((
            row,
            "the label is what programs write for a missing one; where a class is called so, `missing_is_a_class` takes it".to_owned(),
        )),
        _ => Ok(told_classes(cells.iter().filter_map(Cell::label))),
    }
}

/// These cells, with none where one says that its label is missing.
pub(crate) fn without_missing(cells: &[Cell]) -> Vec<Cell> {
    let is_missing = missing_among(cells.iter().filter_map(Cell::label));
    let known = cells.iter().map(|cell| match cell.label() {
        Some(label) if is_missing(label) => Cell::Null,
        _ => cell.clone(),
    });
    known.collect()
}
