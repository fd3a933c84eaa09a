//! Labels that are written as texts, in lists and beside images: the classes that they tell, and the class of
//! each.

use logformat::{ClassLabels, Label, first_missing, told_classes};

use crate::dataset::files::classes::{StoredLabels, first_below_0};
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// The classes that the labels for training tell, two or more; `place` says where a label stands. What programs
/// write for a missing one is refused, unless that `is_a_class`.
pub(crate) fn class_names(
    labels: &[String],
    is_a_class: bool,
    place: impl Fn(usize) -> String,
) -> Result<Vec<String>, DatasetError> {
    let missing = match is_a_class {
        false => first_missing(labels.iter().map(|label| Label::Text(label))),
        true => labels.iter().position(String::is_empty),
    };
    if let Some(row) = missing {
        return Err(DatasetError::from(LayoutError::LabelText {
            place: place(row),
            reason: match labels[row].as_str() {
                "" => "there is no label; leave the sample out".to_owned(),
                label => format!(
                    "the label {label:?} is what programs write for a missing one; leave the sample out, or give `missing_is_a_class`"
                ),
            },
        }));
    }
    let names = told_classes(labels.iter().map(|label| Label::Text(label)));
    if names.len() > 1 {
        return Ok(names);
    }
    let same = "all samples have the same label, but a classifier needs two classes";
    let (row, reason) = first_below_0(labels).unwrap_or_else(|| (0, same.to_owned()));
    Err(DatasetError::from(LayoutError::LabelText {
        place: place(row),
        reason,
    }))
}

/// The class of each label; all of them are read alike.
pub(crate) fn class_indices(
    labels: &[String],
    class_names: &[String],
    place: impl Fn(usize) -> String,
) -> Result<StoredLabels, DatasetError> {
    let texts = labels.iter().map(|label| Label::Text(label));
    let refused = |row: usize, reason: String| {
        DatasetError::from(LayoutError::LabelText {
            place: place(row),
            reason,
        })
    };
    let classes = ClassLabels::of(texts.clone(), class_names);
    let classes = classes.map_err(|reason| refused(0, reason))?;
    let class = |(row, label)| {
        let class = classes.class(label).map(i64::from);
        class.map_err(|reason| refused(row, reason))
    };
    let indices = texts.enumerate().map(class).collect::<Result<_, _>>()?;
    Ok(StoredLabels::Indices(indices))
}
