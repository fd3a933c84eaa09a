//! Features in a Parquet file: a column of lists of one length, or a column each.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::parquet_file::{LABEL_NAMES, ParquetFile, stored_labels};
use crate::dataset::kinds::features::columns::{Columns, Names, columns_named};
use crate::dataset::kinds::features::feature_file::FeatureFile;
use crate::dataset::kinds::features::numbers::{append_rows, floats, is_float, is_number};
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;

/// What pandas calls the column of its index.
const PANDAS_INDEX: &str = "__index_level_0__";

pub(crate) fn read(path: &Path, settings: &DatasetSettings) -> Result<FeatureFile, DatasetError> {
    let file = ParquetFile::open(path)?;
    let label = label_column(&file, settings)?;
    let names = feature_columns(&file, label.as_deref(), &settings.feature_columns)?;
    let class_names = label.as_ref().and_then(|label| file.class_names(label));
    let mut rows = Rows {
        path,
        width: match &names {
            Names::Columns(names) => Some(names.len()),
            _ => None,
        },
        row_count: file.row_count(),
        values: Vec::new(),
        labels: None,
    };
    let mut wanted: Vec<&str> = label.as_deref().into_iter().collect();
    match &names {
        Names::Columns(names) => wanted.extend(names.iter().map(String::as_str)),
        Names::List(name) => wanted.push(name),
        Names::Array => {}
    }
    file.for_batches(&wanted, |first_row, batch| {
        rows.append(first_row, batch, &names, label.as_deref())
    })?;
    Ok(FeatureFile {
        values: rows.values,
        columns: Columns {
            width: rows.width.unwrap_or_default(),
            names,
        },
        rows: rows.row_count,
        labels: rows.labels,
        class_names,
    })
}

/// With labels from elsewhere, only a column that is called so is taken for the set's own.
fn label_column(
    file: &ParquetFile,
    settings: &DatasetSettings,
) -> Result<Option<String>, DatasetError> {
    let found = file.label_column(settings.label_column.as_deref());
    match &settings.label_file {
        Some(_) => Ok(found
            .ok()
            .filter(|name| LABEL_NAMES.contains(&name.as_str()))),
        None => found.map(Some),
    }
}

fn is_list(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(item) if is_number(item.data_type()))
}

fn feature_columns(
    file: &ParquetFile,
    label: Option<&str>,
    wanted: &[String],
) -> Result<Names, DatasetError> {
    let others = || {
        file.fields()
            .filter(|field| Some(field.name().as_str()) != label && field.name() != PANDAS_INDEX)
    };
    let of_type = |fits: &dyn Fn(&DataType) -> bool| -> Vec<&str> {
        let fitting = others().filter(|field| fits(field.data_type()));
        fitting.map(|field| field.name().as_str()).collect()
    };
    let (lists, numbers) = (of_type(&is_list), of_type(&is_number));
    let columns = |names: Vec<&str>| {
        let names = names.into_iter().map(str::to_owned);
        Ok(Names::Columns(names.collect()))
    };
    if !wanted.is_empty() {
        let fitting = [&lists[..], &numbers[..]].concat();
        let chosen = columns_named(&fitting, wanted).map_err(|missing| {
            file.column_error(format!(
                "there is no column {missing} of numbers or lists of them"
            ))
        })?;
        let is_chosen_list = |name: &&str| lists.contains(name);
        return match chosen[..] {
            [only] if is_chosen_list(&only) => Ok(Names::List(only.to_owned())),
            _ if chosen.iter().any(is_chosen_list) => Err(file.column_error(
                "features are either one column of lists or columns of numbers; name the one or the others by --feature-column".to_owned(),
            )),
            _ => columns(chosen),
        };
    }
    let floats = of_type(&is_float);
    let integers: Vec<&str> = numbers
        .iter()
        .copied()
        .filter(|name| !floats.contains(name))
        .collect();
    match (&lists[..], &floats[..], &integers[..]) {
        ([list], ..) => Ok(Names::List((*list).to_owned())),
        ([], [_, ..], []) => columns(floats),
        ([], [_, ..], integers) => Err(file.column_error(format!(
            "the whole numbers in {} may be features or not; name all features by --feature-column (x* stands for all columns that begin with x)",
            integers.join(", ")
        ))),
        ([], [], _) => Err(file.column_error(
            "no column has features, lists of numbers or floats; name columns of whole numbers by --feature-column".to_owned(),
        )),
        (lists, ..) => Err(file.column_error(format!(
            "several columns have lists of numbers, {}; name one by --feature-column",
            lists.join(", ")
        ))),
    }
}

/// What was read so far.
struct Rows<'a> {
    path: &'a Path,
    /// Known from the columns, or from the first list.
    width: Option<usize>,
    row_count: usize,
    values: Vec<f32>,
    labels: Option<StoredLabels>,
}

impl Rows<'_> {
    fn append(
        &mut self,
        first_row: u64,
        batch: &RecordBatch,
        names: &Names,
        label: Option<&str>,
    ) -> Result<(), DatasetError> {
        if let Some(label) = label {
            let next = stored_labels(column(self.path, batch, label)?, self.path, first_row)?;
            match &mut self.labels {
                None => self.labels = Some(next),
                Some(labels) => {
                    labels.append(next);
                }
            }
        }
        match names {
            Names::List(name) => {
                let lists = column(self.path, batch, name)?;
                self.append_lists(first_row, lists, name)
            }
            Names::Columns(names) => self.append_columns(first_row, batch, names),
            Names::Array => Ok(()),
        }
    }

    fn append_columns(
        &mut self,
        first_row: u64,
        batch: &RecordBatch,
        names: &[String],
    ) -> Result<(), DatasetError> {
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let array = column(self.path, batch, name)?;
            if let Some(row) = first_null(array) {
                let row = first_row + row as u64;
                return Err(self.refusal(row, name, "there is no value".to_owned()));
            }
            columns.push(floats(array));
        }
        self.values.reserve_exact(match self.values.is_empty() {
            true => self.row_count * names.len(),
            false => 0,
        });
        let columns: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
        append_rows(&columns, batch.num_rows(), &mut self.values);
        Ok(())
    }

    fn append_lists(
        &mut self,
        first_row: u64,
        array: &ArrayRef,
        name: &str,
    ) -> Result<(), DatasetError> {
        if let Some(row) = first_null(array) {
            let row = first_row + row as u64;
            return Err(self.refusal(row, name, "there is no list".to_owned()));
        }
        let lists = array.as_list::<i32>();
        for (row, bounds) in (first_row..).zip(lists.value_offsets().windows(2)) {
            let length = (bounds[1] - bounds[0]) as usize;
            let width = *self.width.get_or_insert(length);
            if length != width {
                let reason = format!("it has {length} features, but the rows before have {width}");
                return Err(self.refusal(row, name, reason));
            }
        }
        let width = self.width.unwrap_or_default();
        let first = lists.value_offsets().first().copied().unwrap_or(0) as usize;
        let items = lists.values().slice(first, width * lists.len());
        if let Some(item) = first_null(&items) {
            let row = first_row + (item / width.max(1)) as u64;
            let reason = format!("element {} is missing", item % width.max(1));
            return Err(self.refusal(row, name, reason));
        }
        if self.values.is_empty() {
            self.values.reserve_exact(self.row_count * width);
        }
        self.values.extend(floats(&items));
        Ok(())
    }

    fn refusal(&self, row: u64, column: &str, reason: String) -> DatasetError {
        DatasetError::Feature {
            path: self.path.to_owned(),
            place: format!("row {row}, column {column}"),
            reason,
        }
    }
}

fn first_null(array: &dyn Array) -> Option<usize> {
    (array.null_count() > 0)
        .then(|| (0..array.len()).find(|&at| array.is_null(at)))
        .flatten()
}

fn column<'b>(
    path: &Path,
    batch: &'b RecordBatch,
    name: &str,
) -> Result<&'b ArrayRef, DatasetError> {
    batch
        .column_by_name(name)
        .ok_or_else(|| DatasetError::Damaged {
            path: path.to_owned(),
            reason: format!("its column {name} cannot be read"),
        })
}
