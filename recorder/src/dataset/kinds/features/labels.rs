//! Where the labels of features are: in their own table, in an array beside them, or in the file of
//! `--labels`.

use std::path::PathBuf;

use crate::dataset::files::classes::StoredLabels;
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

    /// The class of each sample. Where a file tells given and true labels, these are the true ones:
    /// the given ones come in later, as those under suspicion.
    pub(crate) fn indices(
        &self,
        class_names: &[String],
        origins: &Origins,
    ) -> Result<Vec<u32>, RecorderError> {
        match self {
            PartLabels::Stored(labels) => Ok(labels.class_indices(class_names, origins)?),
            PartLabels::File(file) => {
                let labels = file.read(origins, class_names)?;
                Ok(labels.truth.unwrap_or(labels.given))
            }
            PartLabels::None => Err(no_labels(origins)),
        }
    }
}

/// The files of features, and among NPY arrays that of one dimension, or of one column beside wider ones: the labels.
pub(crate) fn feature_and_label_files(
    files: &[PathBuf],
) -> Result<(Vec<PathBuf>, Option<LabelFile>), DatasetError> {
    let is_npy = |path: &PathBuf| path.extension().is_some_and(|suffix| suffix == "npy");
    if files.len() < 2 || !files.iter().all(is_npy) {
        return Ok((files.to_vec(), None));
    }
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
    if let [first, second, ..] = &labels[..] {
        return Err(DatasetError::SeveralLabelArrays {
            path: second.clone(),
            first: first.clone(),
        });
    }
    let label_file = labels.pop().map(|path| LabelFile {
        path,
        ..LabelFile::default()
    });
    Ok((features, label_file))
}

pub(crate) fn no_labels(origins: &Origins) -> RecorderError {
    DatasetError::NoLabels {
        path: origins.files.first().map(Into::into).unwrap_or_default(),
    }
    .into()
}
