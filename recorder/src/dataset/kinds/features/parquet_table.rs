//! Features in a Parquet file: a column of lists of one length, or a column each.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field};

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::embedding_table::{EmbeddingTable, IMAGE_COLUMNS};
use crate::dataset::files::label_column::{
    check_features, has_no_name, is_called_part, why_unread,
};
use crate::dataset::files::parquet_file::{ParquetFile, stored_labels};
use crate::dataset::kinds::features::columns::{Columns, First, Names, columns_named};
use crate::dataset::kinds::features::csv_file::{NO_NAME, NOT_NAMED, OF_PARTS, OWN_IDS};
use crate::dataset::kinds::features::feature_file::FeatureFile;
use crate::dataset::kinds::features::numbers::{
    Differences, FirstOfRows, append_rows, for_numbers, is_number,
};
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;

pub(crate) fn read(
    path: &Path,
    settings: &DatasetSettings,
    first: Option<First<'_>>,
) -> Result<FeatureFile, DatasetError> {
    let file = ParquetFile::open(path)?;
    let label = label_column(&file, settings)?;
    let truth = settings.own_truth(path);
    let names = feature_columns(&file, label.as_deref(), truth, settings)?;
    let mut class_names = label.as_ref().and_then(|label| file.class_names(label));
    let mut embedding = EmbeddingTable::of(path, &file, settings.most_picture_bytes)?;
    let mut aside = aside(&file, &names, &[label.as_deref(), truth], settings);
    let mut rows = Rows {
        path,
        width: match &names {
            Names::Columns(names) => Some(names.len()),
            _ => None,
        },
        row_count: file.row_count(),
        offsets: first.map_or_else(Vec::new, |(_, offsets)| offsets.to_vec()),
        values: Vec::new(),
        labels: None,
    };
    let mut wanted: Vec<&str> = label.as_deref().into_iter().collect();
    match &names {
        Names::Columns(names) => wanted.extend(names.iter().map(String::as_str)),
        Names::List(name) => wanted.push(name),
        Names::Array => {}
    }
    if let Some(embedding) = &embedding {
        wanted.extend(embedding.columns().map(|column| -> &str { column }));
        aside.retain(|(name, _)| !IMAGE_COLUMNS.contains(&name.as_str()));
    }
    file.check_unique(&wanted)?;
    file.for_batches(&wanted, |first_row, batch| {
        if let Some(embedding) = &mut embedding {
            embedding.append(path, batch)?;
        }
        rows.append(first_row, batch, &names, label.as_deref())
    })?;
    let labels_of_images = embedding.as_ref().zip(rows.labels.as_ref());
    if let Some((embedding, indices)) = labels_of_images
        .and_then(|(embedding, labels)| Some((embedding, embedding.indices(labels)?)))
    {
        class_names = Some(embedding.class_names());
        rows.labels = Some(indices);
    }
    let columns = Columns {
        width: rows.width.unwrap_or_default(),
        names,
    };
    if let Some((expected, _)) = first {
        columns.check(path, expected)?;
    }
    Ok(FeatureFile {
        values: rows.values,
        offsets: rows.offsets,
        columns,
        rows: rows.row_count,
        labels: rows.labels,
        class_names,
        label_column: label.map(|label| format!("column {label}")),
        aside,
        remark: embedding.as_ref().map(EmbeddingTable::remark),
        origins: embedding.map(EmbeddingTable::origins),
    })
}

/// With labels from elsewhere, only a column that is called so is taken for the set's own.
fn label_column(
    file: &ParquetFile,
    settings: &DatasetSettings,
) -> Result<Option<String>, DatasetError> {
    let are_elsewhere = settings.label_file.is_some() || !settings.needs_labels;
    match are_elsewhere && settings.label_column.is_none() {
        true => Ok(file.called_label()),
        false => file
            .label_column(settings.label_column.as_deref())
            .map(Some),
    }
}

/// The columns that are neither features nor labels, and why.
fn aside(
    file: &ParquetFile,
    names: &Names,
    labels: &[Option<&str>],
    settings: &DatasetSettings,
) -> Vec<(String, String)> {
    let is_taken = |name: &str| {
        labels.contains(&Some(name))
            || match names {
                Names::Columns(names) => names.iter().any(|taken| taken == name),
                Names::List(taken) => taken == name,
                Names::Array => false,
            }
    };
    let why = |field: &Field| match () {
        () if settings.id_column.as_ref() == Some(field.name()) => OWN_IDS.to_owned(),
        () if has_no_name(field.name()) => NO_NAME.to_owned(),
        () if !settings.feature_columns.is_empty() => NOT_NAMED.to_owned(),
        () if is_called_part(field.name()) => OF_PARTS.to_owned(),
        () => {
            let is_number = is_number(field.data_type()) || is_list(field.data_type());
            let otherwise = match is_number {
                true => "the features are in a column of lists".to_owned(),
                false => format!("it holds no numbers but {}", field.data_type()),
            };
            why_unread(field.name(), &otherwise).to_owned()
        }
    };
    let fields = file.fields().filter(|field| !is_taken(field.name()));
    fields
        .map(|field| (field.name().clone(), why(field)))
        .collect()
}

fn is_list(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(item) if is_number(item.data_type()))
}

fn feature_columns(
    file: &ParquetFile,
    label: Option<&str>,
    truth: Option<&str>,
    settings: &DatasetSettings,
) -> Result<Names, DatasetError> {
    let wanted = &settings.feature_columns[..];
    let no_features = [label, truth, settings.id_column.as_deref()];
    let is_label = |name: &str| no_features.contains(&Some(name));
    let others = || {
        let others = file.fields().filter(move |field| !is_label(field.name()));
        let may_be = |name: &str| !has_no_name(name) && !is_called_part(name);
        others.filter(move |field| !wanted.is_empty() || may_be(field.name()))
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
                "features are either one column of lists or columns of numbers; name the one or the others by `feature_column`".to_owned(),
            )),
            _ => columns(chosen),
        };
    }
    if lists.is_empty() {
        check_features(&numbers, label).map_err(|problem| file.column_error(problem))?;
    }
    match (&lists[..], &numbers[..]) {
        ([list], _) => Ok(Names::List((*list).to_owned())),
        ([], [_, ..]) => columns(numbers),
        ([], []) => Err(file.column_error(
            "no column is left for features, which are numbers or lists of them".to_owned(),
        )),
        (lists, _) => Err(file.column_error(format!(
            "several columns have lists of numbers, {}; name one by `feature_column`",
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
    /// Empty until the first rows are read.
    offsets: Vec<f64>,
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
        for (feature, name) in names.iter().enumerate() {
            let array = column(self.path, batch, name)?;
            if let Some(row) = first_null(array) {
                let row = first_row + row as u64;
                return Err(self.refusal(row, name, "there is no value".to_owned()));
            }
            if self.offsets.len() == feature {
                let offsets = &mut self.offsets;
                for_numbers(array, &mut FirstOfRows { width: 1, offsets });
            }
            let mut values = Vec::with_capacity(array.len());
            let offsets = &self.offsets[feature..=feature];
            for_numbers(
                array,
                &mut Differences {
                    offsets,
                    values: &mut values,
                },
            );
            columns.push(values);
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
        if self.offsets.is_empty() {
            let offsets = &mut self.offsets;
            for_numbers(&items, &mut FirstOfRows { width, offsets });
        }
        let (offsets, values) = (&self.offsets, &mut self.values);
        for_numbers(&items, &mut Differences { offsets, values });
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
