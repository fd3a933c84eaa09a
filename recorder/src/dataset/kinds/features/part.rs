//! The training or the test part of a set of features, of one file or several.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::finding::check_unpacked;
use crate::dataset::files::joined_names::JoinedNames;
use crate::dataset::kinds::features::columns::{Columns, First};
use crate::dataset::kinds::features::feature_file::FeatureFile;
use crate::dataset::kinds::features::row_numbers::without;
use crate::dataset::kinds::features::{csv_file, npy, parquet_table};
use crate::dataset::kinds::part_labels::{PartFiles, PartLabels, no_labels};
use crate::dataset::own_ids::has_column;
use crate::dataset::samples::origins::Origins;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

/// The training or the test part, of one file or several.
pub(crate) struct Part {
    pub(crate) values: Vec<f32>,
    /// Where each feature lies: what was subtracted from its values.
    pub(crate) offsets: Vec<f64>,
    pub(crate) columns: Columns,
    pub(crate) origins: Origins,
    pub(crate) labels: PartLabels,
    pub(crate) class_names: Option<Vec<String>>,
    /// How the labels' column is called.
    pub(crate) label_column: Option<String>,
    /// Columns that are no features, and why.
    pub(crate) aside: Vec<(String, String)>,
    /// What else is worth knowing of how it was read.
    pub(crate) remark: Option<String>,
}

impl Part {
    /// Reads `files`, whose features shall be those of `training`, or of the first one; the labels of each are
    /// indices among its own names, and become such among those of all.
    pub(crate) fn read(
        files: &[PathBuf],
        settings: &DatasetSettings,
        training: Option<&Self>,
        names: &mut JoinedNames,
    ) -> Result<Self, DatasetError> {
        let PartFiles {
            inputs: files,
            labels: mut label_file,
            ..
        } = PartFiles::of(files)?;
        let mut settings = settings.clone();
        if let Some(file) = &mut label_file {
            file.missing_is_a_class = settings.missing_is_a_class;
            let wanted = settings.label_column.as_ref();
            // One that was named is of that file, where the features have none of the name.
            if !wanted.is_some_and(|column| has_column(&files, column)) {
                file.column = settings.label_column.take();
            }
            settings.label_file.get_or_insert_with(|| file.clone());
        }
        let mut whole: Option<Self> = None;
        let mut kinds = BTreeSet::new();
        for path in &files {
            let first = training.or(whole.as_ref());
            let first = first.map(|first| (&first.columns, first.offsets.as_slice()));
            let mut file = read_file(path, &settings, first)?;
            if let (Some(own), Some(labels)) = (&file.class_names, &mut file.labels) {
                names.join(path, own, labels)?;
            }
            let next = Self::of(path, file);
            // Numbers alone beside texts alone are most likely indices of the classes that these name.
            kinds.insert(next.labels.are_numbers());
            if kinds.iter().eq(&[Some(false), Some(true)]) {
                let path = path.clone();
                return Err(DatasetError::MixedLabels { path });
            }
            match &mut whole {
                None => whole = Some(next),
                Some(whole) => whole.append(path, next)?,
            }
        }
        let mut whole = whole.ok_or_else(|| DatasetError::NoSamples {
            path: files.first().cloned().unwrap_or_default(),
        })?;
        match (label_file, &whole.labels) {
            (Some(file), PartLabels::None) => whole.labels = PartLabels::File(file),
            (Some(file), _) => {
                whole.remark = Some(format!(
                    "{} is not read, since the features have labels themselves",
                    file.path.display()
                ));
            }
            (None, _) => {}
        }
        Ok(whole)
    }

    fn of(path: &Path, file: FeatureFile) -> Self {
        Self {
            values: file.values,
            offsets: file.offsets,
            columns: file.columns,
            origins: file
                .origins
                .unwrap_or_else(|| Origins::rows_of(path.display().to_string(), file.rows)),
            labels: file.labels.map_or(PartLabels::None, |labels| {
                PartLabels::Stored(match file.class_names {
                    Some(_) => labels,
                    None => labels.into_names(),
                })
            }),
            class_names: file.class_names,
            label_column: file.label_column,
            aside: file.aside,
            remark: file.remark,
        }
    }

    /// Leaves some features aside.
    pub(crate) fn leave_aside(&mut self, features: &[(usize, &'static str)]) {
        let named = features
            .iter()
            .map(|&(feature, why)| (self.columns.place(feature), why.to_owned()));
        self.aside.extend(
            named.map(|(place, why)| (place.trim_start_matches("column ").to_owned(), why)),
        );
        let features: Vec<usize> = features.iter().map(|(feature, _)| *feature).collect();
        if !features.is_empty() {
            without(&mut self.values, self.columns.width, &features);
            let kept = self
                .offsets
                .iter()
                .enumerate()
                .filter(|(at, _)| !features.contains(at));
            self.offsets = kept.map(|(_, offset)| *offset).collect();
            self.columns = self.columns.without(&features);
        }
    }

    fn append(&mut self, path: &Path, next: Self) -> Result<(), DatasetError> {
        self.values.extend(next.values);
        self.origins.append(next.origins);
        match self.labels.append(next.labels) {
            true => Ok(()),
            false => Err(DatasetError::MixedLabels {
                path: path.to_owned(),
            }),
        }
    }

    /// With the classes by their index, and what is to be said of them.
    pub(crate) fn into_samples(
        self,
        class_names: &[String],
    ) -> Result<(Samples, Vec<String>), RecorderError> {
        let (labels, notes) = self.labels.indices(class_names, &self.origins)?;
        let samples = Samples {
            labels,
            inputs: Inputs::Values(self.values),
            origins: self.origins,
        };
        Ok((samples, notes))
    }

    /// With the labels of `--labels`, where it has none itself.
    pub(crate) fn with_labels_of(
        mut self,
        settings: &DatasetSettings,
    ) -> Result<Self, RecorderError> {
        if !settings.needs_labels {
            if self.class_names().is_err() {
                self.labels = PartLabels::Unneeded;
            }
        } else if matches!(self.labels, PartLabels::None) {
            let file = settings.label_file.clone();
            let file = file.ok_or_else(|| no_labels(&self.origins))?;
            self.labels = PartLabels::File(file);
        }
        Ok(self)
    }

    /// The classes that these training labels tell.
    pub(crate) fn class_names(&self) -> Result<Vec<String>, RecorderError> {
        match (&self.labels, &self.class_names) {
            (PartLabels::Stored(StoredLabels::Indices(_)), Some(names)) => Ok(names.clone()),
            (labels, _) => labels.class_names(&self.origins),
        }
    }
}

/// What one file holds, whichever its format; its features shall be those of the files before.
pub(crate) fn read_file(
    path: &Path,
    settings: &DatasetSettings,
    first: Option<First<'_>>,
) -> Result<FeatureFile, DatasetError> {
    let suffix = path.extension().unwrap_or_default().to_string_lossy();
    let file = match suffix.to_lowercase().as_str() {
        "parquet" => parquet_table::read(path, settings, first)?,
        "csv" | "tsv" => csv_file::read(path, settings, first)?,
        "npy" => npy::read(path, settings, first)?,
        _ => {
            check_unpacked(path)?;
            return Err(DatasetError::UnknownSuffix {
                path: path.to_owned(),
                expected: "features are read from .parquet, .csv, .tsv, .npy and .npz files",
            });
        }
    };
    if file.rows == 0 || file.columns.width == 0 {
        return Err(DatasetError::NoSamples {
            path: path.to_owned(),
        });
    }
    file.check_finite(path)?;
    Ok(file)
}
