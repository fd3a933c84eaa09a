//! Reads a set of features: its parts, their labels and classes.

use std::path::{Path, PathBuf};

use crate::dataset::files::joined_names::JoinedNames;
use crate::dataset::files::label_column::called_label;
use crate::dataset::files::parts::{Parts, labels_beside};
use crate::dataset::files::unlabelled::have_labels;
use crate::dataset::kinds::features::columns::{MOST_NAMED, Names};
use crate::dataset::kinds::features::labels_again::labels_again;
use crate::dataset::kinds::features::numbers::COARSE;
use crate::dataset::kinds::features::part::Part;
use crate::dataset::kinds::features::row_numbers::row_numbers;
use crate::dataset::kinds::part_labels::{PartFiles, PartLabels};
use crate::dataset::label_file::file::LabelFile;
use crate::dataset::own_ids::{
    check_column, check_shared_columns, has_column, ids_of_tables, own_ids,
};
use crate::dataset::reading_report::{ReadingReport, first_names};
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::{DatasetKind, DatasetSettings};
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;
use crate::error::run::RecorderError;

pub(crate) static FEATURES: DatasetKind = DatasetKind {
    name: "features",
    help: "Vectors of your own, such as embeddings, in Parquet, CSV, TSV, NPY or NPZ files",
    is_format: true,
    has_images: false,
    may_be_plain_pixels: false,
    hub_repository: None,
    options: &[
        "data",
        "test_share",
        "label_column",
        "feature_column",
        "id_column",
    ],
    unused_reason: "its samples are vectors, and all of them are kept in memory",
    load: |settings, _| load(settings),
};

const EXPECTED: &str = "a Parquet, CSV, TSV, NPY or NPZ file of features, or a folder of files called train… and test… or validation…";

const FORMATS: [&str; 4] = ["parquet", "csv", "tsv", "npy"];

pub(crate) fn load(settings: &DatasetSettings) -> Result<Dataset, RecorderError> {
    let mut parts = find(settings.path(EXPECTED)?)?;
    check_column(&parts.train, settings)?;
    check_labels_beside(&parts.train, settings)?;
    let mut names = JoinedNames::default();
    let train = Part::read(&parts.train, settings, None, &mut names)?;
    let mut train = train.with_labels_of(settings)?;
    // Before the labels, which may be joined by them.
    if let Some(column) = &settings.id_column {
        train.origins.own_ids = match has_column(&parts.train, column) {
            true => Some(ids_of_tables(&parts.train, column)?),
            false => own_ids(settings, &train.origins)?,
        };
    }
    if let Some(labels) = settings.label_file.as_ref().filter(|file| !file.is_of_data) {
        let own = train.origins.own_ids.as_ref();
        let own = own.filter(|own| has_column(&parts.train, &own.column));
        let are_joined = own.map(|own| labels.has_ids(own)).transpose()?;
        if are_joined != Some(true) {
            check_shared_columns(&parts.train, labels)?;
        }
    }
    if let (Some(test), true) = (&parts.test, settings.needs_labels)
        && PartFiles::of(test)?.labels.is_none()
        && !have_labels(test, settings.label_column.as_deref())?
    {
        parts = parts.without_test();
    }
    let mut read = |parts: &Parts| {
        let test = parts.test.as_ref();
        let test = test.map(|files| Part::read(files, settings, Some(&train), &mut names));
        test.transpose()
    };
    let mut test = read(&parts)?;
    if !settings.needs_labels {
        let without = test.map(|test| test.with_labels_of(settings));
        test = without.transpose()?;
        // The classes are those of the training part.
        if let (PartLabels::Unneeded, Some(test)) = (&train.labels, &mut test) {
            test.labels = PartLabels::Unneeded;
        }
    }
    let is_unlabelled = |part: &Part| match &part.labels {
        PartLabels::Stored(labels) => !labels.any(),
        PartLabels::None => true,
        PartLabels::File(_) | PartLabels::Unneeded => false,
    };
    if test.as_ref().is_some_and(is_unlabelled) {
        parts = parts.without_test();
        test = read(&parts)?;
    }
    if settings.feature_columns.is_empty() {
        let counts = row_numbers(&train.values, &train.columns);
        check_left(&train, counts.len())?;
        train.leave_aside(&counts);
        test.iter_mut().for_each(|test| test.leave_aside(&counts));
    }
    for part in [Some(&mut train), test.as_mut()].into_iter().flatten() {
        part.labels
            .check_missing(settings.missing_is_a_class, &part.origins)?;
    }
    train.class_names = names.told();
    let class_names = train.class_names()?;
    let mut reading = report(&parts, &train);
    PartFiles::of(&parts.train)?.tell(&mut reading);
    let (columns, offsets) = (train.columns.clone(), train.offsets.clone());
    let (train, notes) = train.into_samples(&class_names)?;
    // Those of a file that was asked for are told with its labels.
    if settings.label_file.is_none() {
        reading.remarks.extend(notes);
    }
    if let (true, Inputs::Values(values)) = (settings.feature_columns.is_empty(), &train.inputs) {
        let again = labels_again(values, &train.labels, &columns, &class_names);
        reading.remarks.extend(again);
    }
    let test = test.map(|test| test.into_samples(&class_names));
    let test = test.transpose()?;
    let test = test.map_or_else(Samples::none, |(samples, _)| samples);
    Ok(Dataset {
        name: settings.label(),
        sample_shape: [columns.width, 1, 1],
        standardisation: Standardisation::measure(&train, columns.width),
        feature_offsets: offsets,
        class_names,
        train,
        test,
        validation: None,
        unreadable: 0,
        reading,
        notes: Vec::new(),
    })
}

/// Refuses features without labels where another file in their folder may have them.
fn check_labels_beside(files: &[PathBuf], settings: &DatasetSettings) -> Result<(), DatasetError> {
    let ([path], None, None, true) = (
        files,
        &settings.label_file,
        &settings.label_column,
        settings.needs_labels,
    ) else {
        return Ok(());
    };
    let file = LabelFile {
        path: path.clone(),
        ..LabelFile::default()
    };
    // What cannot be read is told by whoever needs it.
    let Ok(columns) = file.columns() else {
        return Ok(());
    };
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    match labels_beside(path, &FORMATS) {
        Some(labels) if called_label(&columns).is_none() => {
            let path = path.clone();
            Err(LayoutError::LabelsBeside { path, labels }.into())
        }
        _ => Ok(()),
    }
}

/// Refuses a table that has nothing but numbers of rows.
fn check_left(train: &Part, aside: usize) -> Result<(), DatasetError> {
    match aside < train.columns.width {
        true => Ok(()),
        false => Err(DatasetError::OnlyRowNumbers {
            path: train.origins.place(0).0,
            place: train.columns.place(0),
        }),
    }
}

fn report(parts: &Parts, train: &Part) -> ReadingReport {
    let mut report = ReadingReport {
        features: Some(train.columns.in_words()),
        feature_columns: match &train.columns.names {
            Names::Columns(names) => names.clone(),
            Names::List(_) | Names::Array => Vec::new(),
        },
        remarks: remarks(train),
        ..ReadingReport::default()
    };
    report.labels = match (&train.labels, &train.label_column) {
        (PartLabels::Stored(labels), Some(column)) => {
            Some(format!("{column}, {}", labels.in_words()))
        }
        (PartLabels::File(file), _) => Some(file.in_words()),
        _ => None,
    };
    for (column, why) in &train.aside {
        let name = if column.is_empty() {
            "the column without a name".to_owned()
        } else {
            format!("column {column}")
        };
        report.leave_aside(&name, why);
    }
    parts.tell(&mut report);
    report
}

/// What else is worth knowing: constant features, those whose values 32 bits do not tell apart, and values that may
/// mark missing ones.
fn remarks(train: &Part) -> Vec<String> {
    let width = train.columns.width.max(1);
    let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); width];
    for row in train.values.chunks_exact(width) {
        for ((low, high), value) in ranges.iter_mut().zip(row) {
            *low = low.min(*value);
            *high = high.max(*value);
        }
    }
    let places = |is_meant: &dyn Fn(&(f32, f32)) -> bool| -> Vec<String> {
        let meant = ranges
            .iter()
            .enumerate()
            .filter(|(_, range)| is_meant(range));
        meant
            .map(|(feature, _)| train.columns.place(feature))
            .collect()
    };
    let told = |places: &[String]| first_names(places.iter().map(String::as_str), MOST_NAMED);
    let constant = places(&|(low, high)| low == high);
    let coarse = places(&|(low, high)| high.max(-low) >= COARSE);
    let constant = match constant.len() {
        0 => None,
        all if all == width => Some(
            "all features are constant: nothing can be learned from them; is it the right file?"
                .to_owned(),
        ),
        _ => Some(format!(
            "constant features, which tell nothing: {}",
            told(&constant)
        )),
    };
    let coarse = (!coarse.is_empty()).then(|| {
        format!("values so large or so far apart that neighbouring whole numbers become equal in 32 bits: {}", told(&coarse))
    });
    let marks: Vec<String> = (0..width)
        .filter_map(|feature| {
            let offset = train
                .offsets
                .get(feature)
                .map_or(0.0, |offset| *offset as f32);
            let column = train.values.iter().skip(feature).step_by(width);
            let (low, high) = ranges[feature];
            let mark = missing_mark(
                &|| column.clone().map(|value| value + offset),
                [low + offset, high + offset],
            )?;
            Some(format!("{mark} in {}", train.columns.place(feature)))
        })
        .collect();
    let marks = (!marks.is_empty()).then(|| {
        format!("values that lie far from all others: {}; where they mark missing ones, fill these in first, as with the column's median", told(&marks))
    });
    [train.remark.clone(), constant, coarse, marks]
        .into_iter()
        .flatten()
        .collect()
}

/// A value such as -999 or 9999 by which people mark missing ones: the lowest or highest of a feature, there several
/// times, and farther from the others than these are from one another.
fn missing_mark<C: Iterator<Item = f32>>(column: &dyn Fn() -> C, range: [f32; 2]) -> Option<f32> {
    const MARKS: [f32; 4] = [99.0, 999.0, 9999.0, 99999.0];
    let mark = range
        .into_iter()
        .find(|value| MARKS.contains(&value.abs()))?;
    let others = column().filter(|value| *value != mark);
    let (low, high) = others.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let distance = (low - mark).max(mark - high);
    let is_far = low < high && distance > high - low;
    (is_far && column().filter(|value| *value == mark).nth(1).is_some()).then_some(mark)
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
