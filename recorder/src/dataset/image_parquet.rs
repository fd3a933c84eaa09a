//! Images in Parquet files, as the hub of Hugging Face has them: a column of encoded images (a
//! struct of `bytes` and `path`, or plain bytes) and a column of labels.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use super::classes::StoredLabels;
use super::encoded::{EncodedSamples, EncodedSet};
use super::parquet_file::{ParquetFile, stored_labels};
use super::parts::Parts;
use super::{Dataset, DatasetError, DatasetSettings, Origins};

const EXPECTED: &str = "a Parquet file of images, or a folder of train*.parquet and test*.parquet or validation*.parquet";

pub(super) fn load(settings: &DatasetSettings, data_seed: u64) -> Result<Dataset, DatasetError> {
    let parts = Parts::find(settings.path(EXPECTED)?, &["parquet"], EXPECTED)?;
    read(&parts, settings)?.decode(settings, data_seed)
}

/// Reads the parts with the columns that the settings name, or the only ones that can be meant.
pub(super) fn read(parts: &Parts, settings: &DatasetSettings) -> Result<EncodedSet, DatasetError> {
    let (train, class_names) = read_part(&parts.train, settings)?;
    let test = match &parts.test {
        Some(files) => Some(read_part(files, settings)?.0),
        None => None,
    };
    let has_names = matches!(train.labels, StoredLabels::Names(_));
    Ok(EncodedSet {
        train,
        test,
        class_names: class_names.filter(|_| !has_names),
    })
}

fn read_part(
    files: &[PathBuf],
    settings: &DatasetSettings,
) -> Result<(EncodedSamples, Option<Vec<String>>), DatasetError> {
    let mut whole: Option<EncodedSamples> = None;
    let mut class_names = None;
    for path in files {
        let file = ParquetFile::open(path)?;
        let image = image_column(&file, settings.image_column.as_deref())?;
        let label = file.label_column(settings.label_column.as_deref())?;
        class_names = class_names.or_else(|| file.class_names(&label));
        file.for_batches(&[&image, &label], |first_row, batch| {
            let samples = read_batch(path, first_row, batch, &image, &label)?;
            let is_alike = match &mut whole {
                Some(whole) => whole.append(samples),
                None => {
                    whole = Some(samples);
                    true
                }
            };
            if !is_alike {
                return Err(DatasetError::MixedLabels { path: path.clone() });
            }
            Ok(())
        })?;
    }
    let whole = whole.ok_or_else(|| DatasetError::NoSamples {
        path: files.first().cloned().unwrap_or_default(),
    })?;
    Ok((whole, class_names))
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

fn read_batch(
    path: &Path,
    first_row: u64,
    batch: &RecordBatch,
    image: &str,
    label: &str,
) -> Result<EncodedSamples, DatasetError> {
    let gone = |column: &str| DatasetError::Damaged {
        path: path.to_owned(),
        reason: format!("its column {column} cannot be read"),
    };
    let column = |name: &str| batch.column_by_name(name).ok_or_else(|| gone(name));
    let labels = stored_labels(column(label)?, path, first_row)?;
    let images: &ArrayRef = column(image)?;
    let bytes = match images.as_struct_opt() {
        Some(images) => images.column_by_name("bytes").ok_or_else(|| gone(image))?,
        None => images,
    };
    let bytes = bytes.as_binary_opt::<i32>().ok_or_else(|| gone(image))?;
    let images = (0..bytes.len()).map(|row| {
        let is_there = bytes.is_valid(row) && images.is_valid(row);
        is_there
            .then(|| bytes.value(row).to_vec())
            .ok_or_else(|| DatasetError::EmptyCell {
                path: path.to_owned(),
                row: first_row + row as u64,
                content: "image",
            })
    });
    Ok(EncodedSamples {
        images: images.collect::<Result<_, _>>()?,
        labels,
        origins: Origins {
            files: vec![path.display().to_string()],
            rows: (first_row..first_row + batch.num_rows() as u64)
                .map(|row| (0, row))
                .collect(),
        },
    })
}

#[cfg(test)]
mod tests;
