//! The cells of a column of labels, and which column is meant.

use crate::error::label_file::LabelFileProblem;

/// One label as it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Wide enough for every integer that a file can hold.
    Integer(i128),
    Text(String),
    Null,
}

/// The index of `wanted` among `columns`, or of the only one.
pub(crate) fn choose_column(
    columns: &[String],
    wanted: Option<&str>,
) -> Result<usize, LabelFileProblem> {
    match (wanted, columns) {
        (None, [_]) => Ok(0),
        (None, _) => Err(LabelFileProblem::ChooseColumn(columns.join(", "))),
        (Some(wanted), _) => columns
            .iter()
            .position(|column| column == wanted)
            .ok_or_else(|| LabelFileProblem::NoColumn {
                wanted: wanted.to_owned(),
                columns: columns.join(", "),
            }),
    }
}
