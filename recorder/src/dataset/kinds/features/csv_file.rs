//! Features in a CSV file: the first line names the columns, one of them is that of the labels.

use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};
use logformat::open_regular;
use rayon::prelude::*;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::finding::read_error;
use crate::dataset::files::parquet_file::LABEL_NAMES;
use crate::dataset::kinds::features::columns::{Columns, Names, columns_named};
use crate::dataset::kinds::features::feature_file::FeatureFile;
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;

/// Parsed in parallel at once.
const ROWS_AT_ONCE: usize = 1024;
/// From so many rows on, a column that counts them is none by chance.
const LEAST_COUNTED: usize = 4;
/// So many columns are told in an error.
const MOST_TOLD: usize = 12;

pub(crate) fn read(path: &Path, settings: &DatasetSettings) -> Result<FeatureFile, DatasetError> {
    let file = open_regular(path).map_err(|error| read_error(path, error))?;
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(file);
    let header = reader.headers().map_err(|error| csv_error(path, &error))?;
    let header: Vec<String> = header.iter().map(str::to_owned).collect();
    check_header(path, &header)?;
    let label = label_column(path, &header, settings)?;
    let features = feature_columns(path, &header, label, &settings.feature_columns)?;
    let (values, labels) = read_rows(path, &mut reader, &header, &features, label)?;
    let columns = Columns {
        width: features.len(),
        names: Names::Columns(features.iter().map(|&at| header[at].clone()).collect()),
    };
    if settings.feature_columns.is_empty() {
        check_counting(path, &values, &columns)?;
    }
    Ok(FeatureFile {
        rows: values.len() / columns.width.max(1),
        values,
        columns,
        labels: label.map(|_| stored(labels)),
        class_names: None,
    })
}

/// A table without names is common, and its first row would be lost.
fn check_header(path: &Path, header: &[String]) -> Result<(), DatasetError> {
    let is_number = |name: &String| name.parse::<f64>().is_ok();
    // pandas numbers the columns of an array.
    let are_numbered = (0..)
        .zip(header)
        .all(|(at, name): (usize, _)| *name == at.to_string());
    match header.iter().all(is_number) && !are_numbered {
        false => Ok(()),
        true => Err(DatasetError::NoHeader {
            path: path.to_owned(),
            first: header.first().cloned().unwrap_or_default(),
        }),
    }
}

fn label_column(
    path: &Path,
    header: &[String],
    settings: &DatasetSettings,
) -> Result<Option<usize>, DatasetError> {
    let position = |name: &str| header.iter().position(|column| column == name);
    if let Some(wanted) = &settings.label_column {
        let missing = || column_error(path, header, format!("there is no column {wanted}"));
        return position(wanted).map(Some).ok_or_else(missing);
    }
    let found = LABEL_NAMES.iter().find_map(|name| position(name));
    match (found, &settings.label_file) {
        (None, None) => Err(column_error(
            path,
            header,
            "no column is called label; name that of the labels by --label-column, or their file by --labels".to_owned(),
        )),
        (found, _) => Ok(found),
    }
}

fn feature_columns(
    path: &Path,
    header: &[String],
    label: Option<usize>,
    wanted: &[String],
) -> Result<Vec<usize>, DatasetError> {
    let others = header.iter().enumerate();
    let others = others.filter(|&(at, _)| Some(at) != label);
    let names: Vec<&str> = others.clone().map(|(_, name)| name.as_str()).collect();
    let wanted = match wanted {
        [] => names,
        wanted => columns_named(&names, wanted).map_err(|missing| {
            let problem = format!("no column of features is called {missing}");
            column_error(path, header, problem)
        })?,
    };
    let is_wanted = |name: &String| wanted.contains(&name.as_str());
    let features: Vec<usize> = others
        .filter(|(_, name)| is_wanted(name))
        .map(|(at, _)| at)
        .collect();
    match features.is_empty() {
        false => Ok(features),
        true => Err(column_error(
            path,
            header,
            "no column is left for features".to_owned(),
        )),
    }
}

fn read_rows(
    path: &Path,
    reader: &mut Reader<std::fs::File>,
    header: &[String],
    features: &[usize],
    label: Option<usize>,
) -> Result<(Vec<f32>, Vec<String>), DatasetError> {
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    let mut records = reader.byte_records();
    loop {
        let batch: Vec<ByteRecord> = records
            .by_ref()
            .take(ROWS_AT_ONCE)
            .collect::<Result<_, _>>()
            .map_err(|error| csv_error(path, &error))?;
        if batch.is_empty() {
            values.shrink_to_fit();
            return Ok((values, labels));
        }
        let begin = values.len();
        values.resize(begin + batch.len() * features.len(), 0.0);
        let rows = values[begin..].par_chunks_exact_mut(features.len());
        let wrong = rows.zip(&batch).find_map_first(|(row, record)| {
            let cell = |&at: &usize| number(record.get(at).unwrap_or_default());
            let parsed = features.iter().map(|at| (at, cell(at)));
            for (value, (&at, cell)) in row.iter_mut().zip(parsed) {
                match cell {
                    Some(cell) => *value = cell,
                    None => return Some((record, at)),
                }
            }
            None
        });
        if let Some((record, at)) = wrong {
            return Err(no_number(path, &header[at], record, at));
        }
        for record in label.is_some().then_some(&batch).into_iter().flatten() {
            let text = label.and_then(|at| record.get(at)).unwrap_or_default();
            if text.is_empty() {
                return Err(DatasetError::Feature {
                    path: path.to_owned(),
                    place: format!("line {}", line(record)),
                    reason: "there is no label".to_owned(),
                });
            }
            labels.push(String::from_utf8_lossy(text).into_owned());
        }
    }
}

fn number(cell: &[u8]) -> Option<f32> {
    std::str::from_utf8(cell).ok()?.parse().ok()
}

fn no_number(path: &Path, column: &str, record: &ByteRecord, at: usize) -> DatasetError {
    let cell = String::from_utf8_lossy(record.get(at).unwrap_or_default());
    DatasetError::NoNumber {
        path: path.to_owned(),
        line: line(record),
        column: column.to_owned(),
        cell: cell.chars().take(40).collect(),
    }
}

fn line(record: &ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

/// Numbers where all are, as in [`StoredLabels`].
fn stored(labels: Vec<String>) -> StoredLabels {
    let numbers: Result<Vec<i64>, _> = labels.iter().map(|label| label.parse()).collect();
    match numbers {
        Ok(numbers) => StoredLabels::Indices(numbers),
        Err(_) => StoredLabels::Names(labels),
    }
}

/// A column that counts the rows, as pandas writes its index, would tell the label wherever the file is
/// sorted by it.
fn check_counting(path: &Path, values: &[f32], columns: &Columns) -> Result<(), DatasetError> {
    let rows = values.len() / columns.width.max(1);
    let counts = |feature: &usize| {
        let column = values.iter().skip(*feature).step_by(columns.width);
        let next = column.clone().skip(1);
        column.zip(next).all(|(value, next)| next - value == 1.0)
    };
    let counting = (0..columns.width).find(counts);
    match counting.filter(|_| rows >= LEAST_COUNTED) {
        None => Ok(()),
        Some(feature) => Err(DatasetError::CountingColumn {
            path: path.to_owned(),
            place: columns.place(feature),
        }),
    }
}

fn column_error(path: &Path, header: &[String], problem: String) -> DatasetError {
    let told: Vec<&str> = header.iter().take(MOST_TOLD).map(String::as_str).collect();
    let rest = header.len() - told.len();
    let rest = match rest {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    DatasetError::Column {
        path: path.to_owned(),
        problem,
        columns: told.join(", ") + &rest,
    }
}

fn csv_error(path: &Path, error: &csv::Error) -> DatasetError {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => DatasetError::Feature {
            path: path.to_owned(),
            place: format!("line {}", pos.as_ref().map_or(0, csv::Position::line)),
            reason: format!("it has {len} cells, but the first line names {expected_len} columns"),
        },
        csv::ErrorKind::Io(error) => DatasetError::Read {
            path: path.to_owned(),
            source: std::io::Error::new(error.kind(), error.to_string()),
        },
        _ => DatasetError::Damaged {
            path: path.to_owned(),
            reason: format!("it cannot be read as CSV ({error})"),
        },
    }
}
