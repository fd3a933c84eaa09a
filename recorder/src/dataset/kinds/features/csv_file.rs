//! Features in a table of text: the first line names the columns, one of them is that of the labels.

use std::path::Path;

use csv::ByteRecord;
use logformat::Label;
use rayon::prelude::*;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::label_column::{
    called_label, check_features, has_no_name, is_called_part,
};
use crate::dataset::files::text_table::{TextTable, line};
use crate::dataset::kinds::features::columns::{Columns, First, Names, columns_named};
use crate::dataset::kinds::features::feature_file::FeatureFile;
use crate::dataset::kinds::features::numbers::{FIRST_ROWS, Number, offset};
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;

/// So many columns are told in an error.
const MOST_TOLD: usize = 12;
/// From here on, 64-bit floats do not tell neighbouring whole numbers apart.
const COARSE: f64 = 9_007_199_254_740_992.0;

/// Reads the table, whose features shall be those of the files before; without such, its first rows say where they lie.
pub(crate) fn read(
    path: &Path,
    settings: &DatasetSettings,
    first: Option<First<'_>>,
) -> Result<FeatureFile, DatasetError> {
    let table = TextTable::open(path);
    let mut table = table.map_err(|problem| DatasetError::text(path, problem))?;
    let header = table.header.clone();
    check_header(path, &header)?;
    let label = label_column(path, &header, settings)?;
    let (features, mut aside) = feature_columns(path, &header, label, settings)?;
    let first_rows = table.rows(FIRST_ROWS);
    let first_rows = first_rows.map_err(|problem| DatasetError::text(path, problem))?;
    let is_text =
        |at: &usize| settings.feature_columns.is_empty() && is_text(&table, &first_rows, *at);
    let (texts, features): (Vec<usize>, Vec<usize>) = features.into_iter().partition(is_text);
    if features.is_empty() {
        let problem = "no column is left for features: what is no label holds texts".to_owned();
        return Err(column_error(path, &header, problem));
    }
    aside.extend(
        texts
            .into_iter()
            .map(|at| (header[at].clone(), TEXTS.to_owned())),
    );
    let columns = Columns {
        width: features.len(),
        names: Names::Columns(features.iter().map(|&at| header[at].clone()).collect()),
    };
    if let Some((expected, _)) = first {
        columns.check(path, expected)?;
    }
    let mut rows = Rows {
        path,
        header: &header,
        features: &features,
        label,
        offsets: first.map_or_else(Vec::new, |(_, offsets)| offsets.to_vec()),
        values: Vec::new(),
        labels: Vec::new(),
    };
    rows.read(&mut table, first_rows)?;
    let column = label.map(|at| format!("column {}", header[at]));
    let separator = table.separator();
    Ok(FeatureFile {
        rows: rows.values.len() / columns.width.max(1),
        values: rows.values,
        offsets: rows.offsets,
        columns,
        labels: label.map(|_| StoredLabels::Names(rows.labels)),
        class_names: None,
        label_column: column,
        aside,
        remark: separator.map(|name| format!("cells are separated by {name}")),
        origins: None,
    })
}

/// Whether a column holds texts: none of its first cells is a number, and none is without letters, as one that is
/// written otherwise may be.
fn is_text(table: &TextTable, first: &[ByteRecord], at: usize) -> bool {
    let is_text = |row: &ByteRecord| {
        let cell = row.get(at).unwrap_or_default();
        let has_letters = String::from_utf8_lossy(cell).contains(char::is_alphabetic);
        has_letters && number_in(table, cell).is_none()
    };
    let cell =
        |row: &ByteRecord| String::from_utf8_lossy(row.get(at).unwrap_or_default()).into_owned();
    first.iter().all(is_text) && !first.iter().all(|row| is_missing(&cell(row)))
}

/// Whether a cell of a feature says that its value is missing; some of these are names of classes elsewhere.
fn is_missing(cell: &str) -> bool {
    let others = ["?", "-", "na", "none", "missing"];
    Label::Text(cell).says_missing() || others.contains(&cell.to_lowercase().as_str())
}

/// The number in a cell; booleans are 0 and 1, as in pandas, which writes indicators so.
fn number_in(table: &TextTable, cell: &[u8]) -> Option<f64> {
    let is = |word: &[u8]| cell.eq_ignore_ascii_case(word);
    let boolean = || is(b"true").then_some(1.0).or(is(b"false").then_some(0.0));
    table.number(cell).or_else(boolean)
}

/// A table without names is common, and its first row would be lost.
fn check_header(path: &Path, header: &[String]) -> Result<(), DatasetError> {
    let numbers = header.iter().filter_map(|name| name.parse::<f64>().ok());
    let numbers: Vec<f64> = numbers.collect();
    // pandas numbers the columns of an array.
    let are_numbered = (0..)
        .zip(header)
        .all(|(at, name): (usize, _)| *name == at.to_string());
    // Spectra go by wavelengths.
    let steps: Vec<f64> = numbers.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let is_even = |step: &f64| (step - steps[0]).abs() <= 0.01 * steps[0].abs();
    let are_places = steps.iter().all(|step| *step > 0.0) || steps.iter().all(is_even);
    let is_row = match numbers.len() == header.len() {
        true => !are_numbered,
        false => steps.len() >= 2 && 2 * numbers.len() >= header.len() && !are_places,
    };
    match is_row {
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
    let names: Vec<&str> = header.iter().map(String::as_str).collect();
    let found = called_label(&names).and_then(position);
    match (found, &settings.label_file) {
        (None, None) if settings.needs_labels => {
            let alone = match header.len() {
                1 => ", and it has but one: cells are divided by commas, semicolons, tabs or |",
                _ => "",
            };
            Err(column_error(
                path,
                header,
                format!(
                    "no column is called label{alone}; name that of the labels by `label_column`, or their file by `labels`"
                ),
            ))
        }
        (found, _) => Ok(found),
    }
}

/// Columns by their places, and others with the reason why they are none of these.
type Features = (Vec<usize>, Vec<(String, String)>);

/// The columns that are features, and the others.
fn feature_columns(
    path: &Path,
    header: &[String],
    label: Option<usize>,
    settings: &DatasetSettings,
) -> Result<Features, DatasetError> {
    let refused = |problem: String| column_error(path, header, problem);
    let truth = settings.own_truth(path);
    let is_label = |at: usize| Some(at) == label || Some(header[at].as_str()) == truth;
    let is_id = |at: &usize| settings.id_column.as_ref() == Some(&header[*at]);
    let others = (0..header.len()).filter(|&at| !is_label(at));
    let (ids, others): (Vec<usize>, Vec<usize>) = others.partition(is_id);
    let names: Vec<&str> = others.iter().map(|&at| header[at].as_str()).collect();
    let ids = ids
        .into_iter()
        .map(|at| (header[at].clone(), OWN_IDS.to_owned()));
    let mut aside: Vec<(String, String)> = ids.collect();
    let features: Vec<usize> = match &settings.feature_columns[..] {
        [] => {
            let why_not = |at: usize| match &*header[at] {
                name if has_no_name(name) => Some(NO_NAME),
                name if is_called_part(name) => Some(OF_PARTS),
                _ => None,
            };
            let left = others.iter().filter_map(|&at| Some((at, why_not(at)?)));
            aside.extend(left.map(|(at, why)| (header[at].clone(), why.to_owned())));
            others
                .into_iter()
                .filter(|&at| why_not(at).is_none())
                .collect()
        }
        wanted => {
            let wanted = columns_named(&names, wanted)
                .map_err(|missing| refused(format!("no column of features is called {missing}")))?;
            let is_wanted = |at: &usize| wanted.contains(&header[*at].as_str());
            let (features, unwanted): (Vec<usize>, Vec<usize>) =
                others.into_iter().partition(is_wanted);
            aside.extend(
                unwanted
                    .iter()
                    .map(|&at| (header[at].clone(), NOT_NAMED.to_owned())),
            );
            features
        }
    };
    if settings.feature_columns.is_empty() {
        let taken: Vec<&str> = features.iter().map(|&at| header[at].as_str()).collect();
        check_features(&taken, label.map(|at| header[at].as_str())).map_err(refused)?;
    }
    match features.is_empty() {
        false => Ok((features, aside)),
        true => Err(refused("no column is left for features".to_owned())),
    }
}

pub(crate) const NO_NAME: &str =
    "it has no name, as an index that pandas writes; a column that has one is a feature";
pub(crate) const OWN_IDS: &str = "it holds your ids";
pub(crate) const OF_PARTS: &str =
    "it is called as columns are that divide the rows into parts; `feature_column` takes it";
const TEXTS: &str = "it holds texts and no numbers";
pub(crate) const NOT_NAMED: &str = "it is not among those of `feature_column`";

/// What was read so far.
struct Rows<'a> {
    path: &'a Path,
    header: &'a [String],
    features: &'a [usize],
    label: Option<usize>,
    /// Empty until the first rows are read.
    offsets: Vec<f64>,
    values: Vec<f32>,
    labels: Vec<String>,
}

impl Rows<'_> {
    /// From these first rows on.
    fn read(
        &mut self,
        table: &mut TextTable,
        mut rows: Vec<ByteRecord>,
    ) -> Result<(), DatasetError> {
        while !rows.is_empty() {
            self.append_values(table, &rows)?;
            self.append_labels(table, &rows)?;
            rows = table
                .rows(FIRST_ROWS)
                .map_err(|problem| DatasetError::text(self.path, problem))?;
        }
        self.values.shrink_to_fit();
        Ok(())
    }

    fn append_values(
        &mut self,
        table: &TextTable,
        rows: &[ByteRecord],
    ) -> Result<(), DatasetError> {
        let width = self.features.len();
        let mut numbers = vec![0.0; rows.len() * width];
        let parsed = numbers.par_chunks_exact_mut(width).zip(rows);
        let wrong = parsed.find_map_first(|(numbers, record)| {
            for (number, &at) in numbers.iter_mut().zip(self.features) {
                match number_in(table, record.get(at).unwrap_or_default()) {
                    Some(parsed) => *number = parsed,
                    None => return Some((record, at)),
                }
            }
            None
        });
        if let Some((record, at)) = wrong {
            return Err(self.no_number(table, record, at));
        }
        if self.offsets.is_empty() {
            let of = |feature: usize| numbers.iter().copied().skip(feature).step_by(width);
            self.offsets = (0..width)
                .map(|feature| offset(of(feature).collect()))
                .collect();
        }
        let begin = self.values.len();
        self.values.resize(begin + numbers.len(), 0.0);
        for (at, (value, &number)) in self.values[begin..].iter_mut().zip(&numbers).enumerate() {
            let (row, feature) = (at / width, at % width);
            let offset = self.offsets[feature];
            *value = match number.abs() < COARSE {
                true => number.minus(offset),
                false => digits(&rows[row], self.features[feature]).map_or_else(
                    || number.minus(offset),
                    |digits| (digits - offset as i128) as f32,
                ),
            };
        }
        Ok(())
    }

    fn append_labels(
        &mut self,
        table: &TextTable,
        rows: &[ByteRecord],
    ) -> Result<(), DatasetError> {
        let Some(label) = self.label else {
            return Ok(());
        };
        for record in rows {
            let text = record.get(label).unwrap_or_default();
            if text.is_empty() {
                return Err(DatasetError::NoLabel {
                    path: self.path.to_owned(),
                    line: line(record),
                });
            }
            // Rows are UTF-8 since they were read.
            let text = String::from_utf8_lossy(text);
            self.labels.push(table.label(&text).into_owned());
        }
        Ok(())
    }

    fn no_number(&self, table: &TextTable, record: &ByteRecord, at: usize) -> DatasetError {
        let cell = String::from_utf8_lossy(record.get(at).unwrap_or_default());
        let why = match (is_missing(&cell), table.has_other_decimals(&cell)) {
            (true, _) => {
                ", and a missing value has to be filled in first, as with the column's median"
            }
            (false, true) => {
                ", as the decimals of other cells are written otherwise, so that it may have thousands"
            }
            (false, false) => "",
        };
        DatasetError::NoNumber {
            path: self.path.to_owned(),
            line: line(record),
            column: self.header[at].clone(),
            cell: cell.chars().take(40).collect(),
            why,
        }
    }
}

/// All digits of a cell that holds a whole number.
fn digits(record: &ByteRecord, at: usize) -> Option<i128> {
    std::str::from_utf8(record.get(at)?).ok()?.parse().ok()
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
