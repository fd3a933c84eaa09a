//! Where the labels of features are: in their own table, in an array beside them, or in the file of
//! `--labels`.

use std::path::PathBuf;

use logformat::Label;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::parts::is_called_labels;
use crate::dataset::kinds::features::npy;
use crate::dataset::label_file::file::LabelFile;
use crate::dataset::samples::origins::Origins;
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

/// The labels of a part.
#[derive(Debug)]
pub(crate) enum PartLabels {
    /// Those of its own table.
    Stored(StoredLabels),
    /// In a file of labels, one a row.
    File(LabelFile),
    /// Nowhere.
    None,
    /// Nowhere, or none of classes, where nobody needs them.
    Unneeded,
}

impl PartLabels {
    /// Puts those of the next file behind; `false` where they are of another kind.
    pub(crate) fn append(&mut self, next: Self) -> bool {
        match (self, next) {
            (PartLabels::Stored(all), PartLabels::Stored(next)) => all.append(next),
            (PartLabels::None, PartLabels::None) => true,
            _ => false,
        }
    }

    /// Whether all are numbers, or all are none; `None` where some are, and where that says nothing.
    pub(crate) fn are_numbers(&self) -> Option<bool> {
        let PartLabels::Stored(StoredLabels::Names(names)) = self else {
            return None;
        };
        let mut are = names
            .iter()
            .map(|name| Label::Text(name).number().is_some());
        let first = are.next()?;
        are.all(|is| is == first).then_some(first)
    }

    /// Refuses what programs write for a missing label, unless that `is_a_class`.
    pub(crate) fn check_missing(
        &self,
        is_a_class: bool,
        origins: &Origins,
    ) -> Result<(), DatasetError> {
        match self {
            PartLabels::Stored(labels) => labels.check_missing(is_a_class, origins),
            _ => Ok(()),
        }
    }

    /// The class of each sample, and what is to be said of how they were joined. Where a file tells given and true
    /// labels, these are the true ones: the given ones come in later, as those under suspicion.
    pub(crate) fn indices(
        &self,
        class_names: &[String],
        origins: &Origins,
    ) -> Result<(Vec<u32>, Vec<String>), RecorderError> {
        let indices = match self {
            PartLabels::Stored(labels) => labels.class_indices(class_names, origins)?,
            PartLabels::File(file) => {
                let labels = file.read(origins, class_names)?;
                return Ok((labels.truth.unwrap_or(labels.given), labels.notes));
            }
            PartLabels::None => return Err(no_labels(origins)),
            PartLabels::Unneeded => vec![0; origins.rows.len()],
        };
        Ok((indices, Vec::new()))
    }
}

/// The files of features, and that of their labels: among NPY arrays that of one dimension, or of one column beside wider
/// ones; among tables that which is called so.
pub(crate) fn feature_and_label_files(
    files: &[PathBuf],
) -> Result<(Vec<PathBuf>, Option<LabelFile>), DatasetError> {
    let is_npy = |path: &PathBuf| path.extension().is_some_and(|suffix| suffix == "npy");
    let (labels, features) = match files {
        [] | [_] => (Vec::new(), files.to_vec()),
        files if files.iter().all(is_npy) => by_shape(files)?,
        files => files
            .iter()
            .cloned()
            .partition(|path| is_called_labels(path)),
    };
    match &labels[..] {
        [] => Ok((features, None)),
        // Features that are called so.
        _ if features.is_empty() => Ok((labels, None)),
        [path] => {
            let path = path.clone();
            let label_file = LabelFile {
                path,
                ..LabelFile::default()
            };
            Ok((features, Some(label_file)))
        }
        [first, second, ..] => Err(DatasetError::SeveralLabelArrays {
            path: second.clone(),
            first: first.clone(),
        }),
    }
}

/// Arrays of labels, and of features.
fn by_shape(files: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<PathBuf>), DatasetError> {
    let shapes: Result<Vec<_>, _> = files.iter().map(|path| npy::shape(path)).collect();
    let shapes = shapes?;
    let are_wide = shapes
        .iter()
        .any(|shape| matches!(shape[..], [_, width] if width > 1));
    let is_list = |shape: &[u64]| match shape {
        [_] => true,
        // So Keras keeps labels.
        [_, 1] => are_wide,
        _ => false,
    };
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    for (path, shape) in files.iter().zip(&shapes) {
        match is_list(shape) {
            true => labels.push(path.clone()),
            false => features.push(path.clone()),
        }
    }
    Ok((labels, features))
}

pub(crate) fn no_labels(origins: &Origins) -> RecorderError {
    DatasetError::NoLabels {
        path: origins.files.first().map(Into::into).unwrap_or_default(),
    }
    .into()
}
