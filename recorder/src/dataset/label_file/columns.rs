//! Which column of a file of labels is meant.

use crate::dataset::files::label_column::{called_label, looks_like_labels};
use crate::dataset::label_file::keys::is_key;
use crate::error::label_file::LabelFileProblem;

/// The index of `wanted` among `columns`, or of the one that holds the labels: the only one, the one called so,
/// or the only one beside that of the truth and those that say which sample a row is.
pub(crate) fn choose_column(
    columns: &[String],
    wanted: Option<&str>,
    truth: Option<&str>,
) -> Result<usize, LabelFileProblem> {
    let named = |name: &str| columns.iter().position(|column| column == name);
    if let Some(wanted) = wanted {
        let count = columns.iter().filter(|column| *column == wanted).count();
        return match (named(wanted), count) {
            (Some(at), 1) => Ok(at),
            (Some(_), _) => Err(LabelFileProblem::TwoColumns(wanted.to_owned())),
            (None, _) => Err(LabelFileProblem::NoColumn {
                wanted: wanted.to_owned(),
                columns: columns.join(", "),
            }),
        };
    }
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let may_be: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| looks_like_labels(name) && Some(*name) != truth)
        .collect();
    let others: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !is_key(name) && Some(*name) != truth)
        .collect();
    let chosen = match (columns, &may_be[..], &others[..]) {
        ([_], ..) => return Ok(0),
        (_, [only], _) => called_label(&[only]).or(matches!(others[..], [_]).then_some(*only)),
        (_, [], [only]) => Some(*only),
        _ => None,
    };
    let chosen = chosen.and_then(named);
    chosen.ok_or_else(|| LabelFileProblem::ChooseColumn(columns.join(", ")))
}
