//! Vectors instead of images: features that somebody measured, or embeddings from another network. They
//! are in Parquet files (a column of lists, or many columns), CSV files or NPY arrays; their labels
//! in the same file, in an array beside it, or in the file of `--labels`.

pub(crate) mod columns;
pub(crate) mod csv_file;
pub(crate) mod labels;
pub(crate) mod npy;
pub(crate) mod numbers;
pub(crate) mod parquet_table;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::parts::Parts;
use crate::dataset::kinds::features::columns::Columns;
use crate::dataset::kinds::features::labels::PartLabels;
use crate::dataset::samples::sample_set::{Inputs, Origins, Samples};
use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::DatasetSettings;
use crate::dataset::{Dataset, TEST_SHARE, split};
use crate::error::RecorderError;
use crate::error::dataset::DatasetError;

const EXPECTED: &str = "a Parquet, CSV or NPY file of features, or a folder of files called train… and test… or validation…";
const FORMATS: [&str; 3] = ["parquet", "csv", "npy"];

pub(crate) fn load(settings: &DatasetSettings, data_seed: u64) -> Result<Dataset, RecorderError> {
    let parts = find(settings.path(EXPECTED)?)?;
    let train = Part::read(&parts.train, settings, None)?.with_labels_of(settings)?;
    let test = parts.test.as_ref();
    let test = test.map(|files| Part::read(files, settings, Some(&train.columns)));
    let class_names = train.class_names()?;
    let columns = train.columns.clone();
    let train = train.into_samples(&class_names)?;
    labels::check_classes(&train, &class_names)?;
    let (train, test) = match test.transpose()? {
        Some(test) => (train, test.into_samples(&class_names)?),
        None => split(train, TEST_SHARE, data_seed),
    };
    Ok(Dataset {
        name: settings.label(),
        sample_shape: [columns.width, 1, 1],
        standardisation: Standardisation::measure(&train, columns.width),
        class_names,
        train,
        test,
        validation: None,
        unreadable: 0,
        notes: Vec::new(),
    })
}

/// The files of each part, all of one format.
fn find(path: &Path) -> Result<Parts, DatasetError> {
    if path.is_dir() {
        let is_there = |format: &&str| Parts::holds(path, &[*format]);
        let found: Vec<&str> = FORMATS.iter().copied().filter(is_there).collect();
        if let [format, other, ..] = found[..] {
            return Err(DatasetError::SeveralFormats {
                folder: path.to_owned(),
                first: format.to_owned(),
                second: other.to_owned(),
            });
        }
    }
    Parts::find(path, &FORMATS, EXPECTED)
}

/// What one file holds.
pub(crate) struct FeatureFile {
    /// rows × features
    values: Vec<f32>,
    columns: Columns,
    rows: usize,
    labels: Option<StoredLabels>,
    /// Where the file itself tells them.
    class_names: Option<Vec<String>>,
}

impl FeatureFile {
    fn read(path: &Path, settings: &DatasetSettings) -> Result<Self, DatasetError> {
        let suffix = path.extension().unwrap_or_default().to_string_lossy();
        let file = match suffix.to_lowercase().as_str() {
            "parquet" => parquet_table::read(path, settings)?,
            "csv" => csv_file::read(path, settings)?,
            "npy" => npy::read(path, settings)?,
            _ => {
                return Err(DatasetError::UnknownSuffix {
                    path: path.to_owned(),
                    expected: "features are read from .parquet, .csv and .npy files",
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

    fn check_finite(&self, path: &Path) -> Result<(), DatasetError> {
        let rows = self.values.par_chunks_exact(self.columns.width);
        let wrong = rows.position_first(|row| row.iter().any(|value| !value.is_finite()));
        let Some(row) = wrong else {
            return Ok(());
        };
        let values = &self.values[row * self.columns.width..];
        let feature = values.iter().position(|value| !value.is_finite());
        let feature = feature.unwrap_or_default();
        let kind = match values[feature].is_nan() {
            true => "NaN",
            false => "infinite, or too large for 32 bits",
        };
        Err(DatasetError::Feature {
            path: path.to_owned(),
            place: format!("row {row}, {}", self.columns.place(feature)),
            reason: format!("the value is {kind}"),
        })
    }
}

/// The training or the test part, of one file or several.
struct Part {
    values: Vec<f32>,
    columns: Columns,
    origins: Origins,
    labels: PartLabels,
    class_names: Option<Vec<String>>,
}

impl Part {
    /// Reads `files`, whose features shall be `expected`, or those of the first one.
    fn read(
        files: &[PathBuf],
        settings: &DatasetSettings,
        expected: Option<&Columns>,
    ) -> Result<Self, DatasetError> {
        let (files, label_file) = labels::apart(files)?;
        let mut whole: Option<Self> = None;
        for path in &files {
            let file = FeatureFile::read(path, settings)?;
            let first = whole.as_ref().map(|whole| &whole.columns);
            if let Some(expected) = expected.or(first) {
                file.columns.check(path, expected)?;
            }
            let next = Self::of(path, file);
            match &mut whole {
                None => whole = Some(next),
                Some(whole) => whole.append(path, next)?,
            }
        }
        let mut whole = whole.ok_or_else(|| DatasetError::NoSamples {
            path: files.first().cloned().unwrap_or_default(),
        })?;
        if let (Some(file), PartLabels::None) = (label_file, &whole.labels) {
            whole.labels = PartLabels::File(file);
        }
        Ok(whole)
    }

    fn of(path: &Path, file: FeatureFile) -> Self {
        Self {
            values: file.values,
            columns: file.columns,
            origins: Origins::rows_of(path.display().to_string(), file.rows),
            labels: file.labels.map_or(PartLabels::None, PartLabels::Stored),
            class_names: file.class_names,
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

    fn into_samples(self, class_names: &[String]) -> Result<Samples, RecorderError> {
        Ok(Samples {
            labels: self.labels.indices(class_names, &self.origins)?,
            inputs: Inputs::Values(self.values),
            origins: self.origins,
        })
    }
}
