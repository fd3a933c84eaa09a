//! Images in Parquet files, as the hub of Hugging Face has them: a column of encoded images (a
//! struct of `bytes` and `path`, or plain bytes) and a column of labels.

use std::path::{Path, PathBuf};

use arrow_schema::{DataType, Field};

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::joined_names::JoinedNames;
use crate::dataset::files::label_column::why_unread;
use crate::dataset::files::parquet_file::{ParquetFile, stored_labels};
use crate::dataset::files::parts::Parts;
use crate::dataset::files::unlabelled::have_labels;
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

/// What columns of paths are called, as on the hub of Hugging Face and in tables that people make.
const PATH_NAMES: [&str; 8] = [
    "image",
    "file_name",
    "filename",
    "path",
    "image_path",
    "file",
    "filepath",
    "img",
];
const EXPECTED: &str = "a Parquet file of images, or a folder of train*.parquet and test*.parquet or validation*.parquet";

pub(crate) fn load(settings: &DatasetSettings) -> Result<Dataset, RecorderError> {
    let parts = Parts::find(settings.path(EXPECTED)?, &["parquet"], EXPECTED)?;
    Ok(read(parts, settings, &[])?.decode(settings)?)
}

/// Reads the parts with the columns that the settings name, or the only ones that can be meant. Where classes
/// are called as `expected`, they have its order.
pub(crate) fn read(
    mut parts: Parts,
    settings: &DatasetSettings,
    expected: &[&str],
) -> Result<EncodedSet, DatasetError> {
    let mut names = JoinedNames::expected(expected);
    let mut report = ReadingReport::default();
    let train = read_part(&parts.train, settings, &mut names, Some(&mut report))?;
    if let Some(test) = &parts.test
        && !have_labels(test, settings.label_column.as_deref())?
    {
        parts = parts.without_test();
    }
    let test = parts.test.as_ref();
    let test = test.map(|files| read_part(files, settings, &mut names, None));
    parts.tell(&mut report);
    let has_names = matches!(train.labels, StoredLabels::Names(_));
    Ok(EncodedSet {
        train,
        test: test.transpose()?,
        class_names: names.told().filter(|_| !has_names),
        report,
    })
}

fn read_part(
    files: &[PathBuf],
    settings: &DatasetSettings,
    names: &mut JoinedNames,
    mut report: Option<&mut ReadingReport>,
) -> Result<EncodedSamples, DatasetError> {
    let mut images = ParquetRows::default();
    let mut all_labels: Option<StoredLabels> = None;
    let mut origins = Origins::default();
    let mut columns = None;
    for path in files {
        let file = ParquetFile::open(path)?;
        let image = image_column(&file, settings.image_column.as_deref())?;
        let label = match file.label_column(settings.label_column.as_deref()) {
            Err(_) if !settings.needs_labels && settings.label_column.is_none() => None,
            label => Some(label?),
        };
        let own_names = label.as_ref().and_then(|label| file.class_names(label));
        if columns.is_none()
            && let Some(report) = &mut report
        {
            let read = [
                Some(image.as_str()),
                label.as_deref(),
                settings.own_truth(path),
            ];
            tell_others(report, &file, read, settings);
        }
        columns.get_or_insert_with(|| (image.clone(), label.clone()));
        let root = settings.root.as_deref().or(path.parent());
        let root = root.filter(|root| !root.as_os_str().is_empty());
        let root = root.unwrap_or(Path::new(".")).to_owned();
        // For a file of labels, which may call them so.
        let inner_names = match settings.label_file {
            Some(_) => file.image_names(&image)?,
            None => Vec::new(),
        };
        images.push(path.clone(), image, file.metadata(), root);
        let mut of_file: Option<StoredLabels> = None;
        match &label {
            Some(label) => file.for_batches(&[label], |first_row, batch| {
                let column = batch
                    .column_by_name(label)
                    .ok_or_else(|| column_unreadable(path, label))?;
                let labels = stored_labels(column, path, first_row)?;
                append(&mut of_file, labels, path)
            })?,
            None => of_file = Some(StoredLabels::Indices(vec![0; file.row_count()])),
        }
        let Some(mut labels) = of_file else {
            continue;
        };
        if let Some(own) = own_names {
            names.join(path, &own, &mut labels)?;
        }
        origins.append(Origins {
            names: inner_names,
            ..Origins::rows_of(path.display().to_string(), labels.len())
        });
        append(&mut all_labels, labels, path)?;
    }
    let labels = all_labels.ok_or_else(|| DatasetError::NoSamples {
        path: files.first().cloned().unwrap_or_default(),
    })?;
    if let (Some(report), Some((image, Some(label)))) = (report, columns) {
        let kind = match labels {
            StoredLabels::Indices(_) => "whole numbers",
            StoredLabels::Names(_) => "texts",
        };
        report.labels = Some(format!("column {label}, {kind}; images: column {image}"));
    }
    Ok(EncodedSamples {
        images: EncodedSource::ParquetRows(images),
        labels,
        origins,
    })
}

/// Says which columns of a table are not read.
fn tell_others(
    report: &mut ReadingReport,
    file: &ParquetFile,
    read: [Option<&str>; 3],
    settings: &DatasetSettings,
) {
    let others = file
        .fields()
        .filter(|field| !read.contains(&Some(field.name())));
    for field in others {
        let why = match settings.id_column.as_ref() == Some(field.name()) {
            true => "it holds your ids",
            false => why_unread(field.name(), "it holds neither images nor labels"),
        };
        report.leave_aside(&format!("column {}", field.name()), why);
    }
}

fn append(
    all: &mut Option<StoredLabels>,
    next: StoredLabels,
    path: &Path,
) -> Result<(), DatasetError> {
    let is_alike = match all {
        None => {
            *all = Some(next);
            true
        }
        Some(all) => all.append(next),
    };
    match is_alike {
        true => Ok(()),
        false => Err(DatasetError::MixedLabels {
            path: path.to_owned(),
        }),
    }
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
        DataType::Struct(children) => children.iter().any(|child| {
            let is_of =
                |name: &str, data_type| child.name() == name && child.data_type() == data_type;
            is_of("bytes", &DataType::Binary) || is_of("path", &DataType::Utf8)
        }),
        _ => false,
    };
    // Texts are paths of images where nothing else can be, or where they are asked for.
    let is_path = |name: &str, data_type: &DataType| {
        let is_called_so = PATH_NAMES.contains(&name.to_lowercase().as_str());
        data_type == &DataType::Utf8 && (wanted == Some(name) || (wanted.is_none() && is_called_so))
    };
    let named = |fits: &dyn Fn(&Field) -> bool| -> Vec<&str> {
        let fit = file.fields().filter(|field| fits(field));
        fit.map(|field| field.name().as_str()).collect()
    };
    let images = named(&|field| is_image(field.data_type()));
    let paths = named(&|field| is_path(field.name(), field.data_type()));
    let fit = match wanted {
        None if images.is_empty() => paths,
        None => images,
        Some(_) => [images, paths].concat(),
    };
    file.choose("encoded images", "image_column", wanted, fit)
}

#[cfg(test)]
mod tests;
