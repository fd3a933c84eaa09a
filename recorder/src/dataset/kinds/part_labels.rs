//! Where the labels of features and of arrays are: in their own table, in an array beside them, or in the file of
//! `--labels`.

use std::path::{Path, PathBuf};

use logformat::Label;

use crate::dataset::files::classes::{StoredLabels, UNKNOWN_CLASS};
use crate::dataset::files::npy_file::NpyFile;
use crate::dataset::files::parts::is_called_labels;
use crate::dataset::label_file::file::LabelFile;
use crate::dataset::reading_report::ReadingReport;
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

    /// The names of the classes that they tell themselves.
    pub(crate) fn class_names(&self, origins: &Origins) -> Result<Vec<String>, RecorderError> {
        match self {
            PartLabels::Stored(labels) => Ok(labels.class_names(origins)?),
            PartLabels::File(file) => file.class_names(),
            PartLabels::None => Err(no_labels(origins)),
            PartLabels::Unneeded => Ok(vec![UNKNOWN_CLASS.to_owned()]),
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
                let mut known = labels.given;
                let truth = labels.truth.into_iter().flatten();
                for (label, truth) in known.iter_mut().zip(truth) {
                    *label = truth.unwrap_or(*label);
                }
                return Ok((known, labels.notes));
            }
            PartLabels::None => return Err(no_labels(origins)),
            PartLabels::Unneeded => vec![0; origins.rows.len()],
        };
        Ok((indices, Vec::new()))
    }
}

/// The files of a part.
pub(crate) struct PartFiles {
    pub(crate) inputs: Vec<PathBuf>,
    /// That of their labels: among NPY arrays that of one dimension, or of one column beside wider ones; among tables
    /// that which is called so.
    pub(crate) labels: Option<LabelFile>,
    /// Arrays that are neither.
    aside: Vec<PathBuf>,
}

impl PartFiles {
    pub(crate) fn of(files: &[PathBuf]) -> Result<Self, DatasetError> {
        let is_npy = |path: &PathBuf| path.extension().is_some_and(|suffix| suffix == "npy");
        let is_called = |path: &PathBuf| is_called_labels(path);
        let [lists, inputs, aside] = match files {
            [] | [_] => [Vec::new(), files.to_vec(), Vec::new()],
            files if files.iter().all(is_npy) => by_shape(files)?,
            files => {
                let (lists, inputs) = files.iter().cloned().partition(is_called);
                [lists, inputs, Vec::new()]
            }
        };
        // Tables that are called so, or lists alone.
        let (lists, inputs) = match inputs.is_empty() {
            true => (Vec::new(), lists),
            false => (lists, inputs),
        };
        let (called, others): (Vec<PathBuf>, _) = lists.iter().cloned().partition(is_called);
        let (labels, others) = match (&lists[..], &called[..]) {
            ([], _) => (None, others),
            ([path], _) => (Some(path), Vec::new()),
            (_, [path]) => (Some(path), others),
            ([first, second, ..], _) => {
                return Err(DatasetError::SeveralLabelArrays {
                    path: second.clone(),
                    first: first.clone(),
                });
            }
        };
        Ok(Self {
            inputs,
            labels: labels.map(|path| LabelFile {
                path: path.clone(),
                ..LabelFile::default()
            }),
            aside: [aside, others].concat(),
        })
    }

    /// Says in `report` which of them are not read.
    pub(crate) fn tell(&self, report: &mut ReadingReport) {
        for path in &self.aside {
            let why = "by its shape or its name it has neither samples nor their labels";
            report.leave_aside(&path.display().to_string(), why);
        }
    }
}

/// Arrays that may be labels, such of samples, and others: single values, and lists of another length than samples
/// where one of theirs is there.
fn by_shape(files: &[PathBuf]) -> Result<[Vec<PathBuf>; 3], DatasetError> {
    let shape = |path: &PathBuf| Ok(NpyFile::open(path)?.header.shape().to_vec());
    let shapes: Result<Vec<_>, DatasetError> = files.iter().map(shape).collect();
    let shapes = shapes?;
    let are_wide = shapes
        .iter()
        .any(|shape| shape.len() > 2 || matches!(shape[..], [_, width] if width > 1));
    let is_list = |path: &Path, shape: &[u64]| match shape {
        [_] => true,
        // So Keras keeps labels.
        [_, 1] => are_wide || is_called_labels(path),
        _ => false,
    };
    let (mut lists, mut inputs, mut aside) = (Vec::new(), Vec::new(), Vec::new());
    for (path, shape) in files.iter().zip(&shapes) {
        match &shape[..] {
            [] => aside.push(path.clone()),
            shape if is_list(path, shape) => lists.push((path.clone(), shape[0])),
            shape => inputs.push((path.clone(), shape[0])),
        }
    }
    let rows = inputs.iter().map(|(_, rows)| *rows);
    let samples = rows.fold(0, u64::saturating_add);
    if lists.iter().any(|(_, rows)| *rows == samples) {
        let others = lists.extract_if(.., |(_, rows)| *rows != samples);
        aside.extend(others.map(|(path, _)| path));
    }
    let wide_labels = files.iter().zip(&shapes);
    let mut wide_labels =
        wide_labels.filter(|(path, shape)| shape.len() > 1 && is_called_labels(path));
    match wide_labels.next() {
        Some((path, shape)) if lists.is_empty() && inputs.len() > 1 => {
            Err(DatasetError::LabelArrayShape {
                path: path.clone(),
                shape: format!("{shape:?}"),
            })
        }
        _ => Ok([paths(lists), paths(inputs), aside]),
    }
}

fn paths(counted: Vec<(PathBuf, u64)>) -> Vec<PathBuf> {
    counted.into_iter().map(|(path, _)| path).collect()
}

pub(crate) fn no_labels(origins: &Origins) -> RecorderError {
    DatasetError::NoLabels {
        path: origins.files.first().map(Into::into).unwrap_or_default(),
    }
    .into()
}
