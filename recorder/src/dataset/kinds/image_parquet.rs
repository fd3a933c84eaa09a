//! Images in Parquet files, as the hub of Hugging Face has them: a column of encoded images (a
//! struct of `bytes` and `path`, or plain bytes) and a column of labels.

use std::path::{Path, PathBuf};

use arrow_schema::DataType;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::parquet_file::{ParquetFile, stored_labels};
use crate::dataset::files::parts::Parts;
use crate::dataset::images::encoded::{EncodedSamples, EncodedSet};
use crate::dataset::images::parquet_rows::ParquetRows;
use crate::dataset::images::source::EncodedSource;
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::settings::{DatasetKind, DatasetSettings, IMAGE_TABLE_OPTIONS};
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

/// Images of one's own in Parquet files.
pub static PARQUET: DatasetKind = DatasetKind {
    name: "parquet",
    help: "Images of your own in Parquet files, as on the hub of Hugging Face",
    is_format: true,
    has_images: true,
    may_be_plain_pixels: false,
    hub_repository: None,
    options: IMAGE_TABLE_OPTIONS,
    unused_reason: "its samples are images",
    load: |settings, _| load(settings),
};

const EXPECTED: &str = "a Parquet file of images, or a folder of train*.parquet and test*.parquet or validation*.parquet";

pub(crate) fn load(settings: &DatasetSettings) -> Result<Dataset, RecorderError> {
    let parts = Parts::find(settings.path(EXPECTED)?, &["parquet"], EXPECTED)?;
    Ok(read(&parts, settings)?.decode(settings)?)
}

/// Reads the parts with the columns that the settings name, or the only ones that can be meant.
pub(crate) fn read(parts: &Parts, settings: &DatasetSettings) -> Result<EncodedSet, DatasetError> {
    let (train, class_names) = read_part(&parts.train, settings)?;
    let test = match &parts.test {
        Some(files) => Some(read_part(files, settings)?.0),
        None => None,
    };
    let mut report = ReadingReport::default();
    parts.tell(&mut report);
    let has_names = matches!(train.labels, StoredLabels::Names(_));
    Ok(EncodedSet {
        train,
        test,
        class_names: class_names.filter(|_| !has_names),
        report,
    })
}

fn read_part(
    files: &[PathBuf],
    settings: &DatasetSettings,
) -> Result<(EncodedSamples, Option<Vec<String>>), DatasetError> {
    let mut images = ParquetRows::default();
    let mut all_labels: Option<StoredLabels> = None;
    let mut origins = Origins::default();
    let mut class_names = None;
    for path in files {
        let file = ParquetFile::open(path)?;
        let image = image_column(&file, settings.image_column.as_deref())?;
        let label = file.label_column(settings.label_column.as_deref())?;
        class_names = class_names.or_else(|| file.class_names(&label));
        images.push(path.clone(), image, file.metadata());
        let mut rows = 0;
        file.for_batches(&[&label], |first_row, batch| {
            let column = batch
                .column_by_name(&label)
                .ok_or_else(|| column_unreadable(path, &label))?;
            let labels = stored_labels(column, path, first_row)?;
            rows += batch.num_rows();
            let is_alike = match &mut all_labels {
                Some(all) => all.append(labels),
                None => {
                    all_labels = Some(labels);
                    true
                }
            };
            match is_alike {
                true => Ok(()),
                false => Err(DatasetError::MixedLabels { path: path.clone() }),
            }
        })?;
        origins.append(Origins::rows_of(path.display().to_string(), rows));
    }
    let labels = all_labels.ok_or_else(|| DatasetError::NoSamples {
        path: files.first().cloned().unwrap_or_default(),
    })?;
    let samples = EncodedSamples {
        images: EncodedSource::ParquetRows(images),
        labels,
        origins,
    };
    Ok((samples, class_names))
}

fn column_unreadable(path: &Path, column: &str) -> DatasetError {
    DatasetError::Damaged {
        path: path.to_owned(),
        reason: format!("its column {column} cannot be read"),
    }
}

fn image_column(file: &ParquetFile, wanted: Option<&str>) -> Result<String, DatasetError> {
    let is_image = |data_type: &DataType| match data_type {
        DataType::Binary => true,
        DataType::Struct(children) => children
            .iter()
            .any(|child| child.name() == "bytes" && child.data_type() == &DataType::Binary),
        _ => false,
    };
    let fit = file.fields().filter(|field| is_image(field.data_type()));
    let fit = fit.map(|field| field.name().as_str()).collect();
    file.choose("encoded images", "--image-column", wanted, fit)
}

#[cfg(test)]
mod tests;
