//! Reads columns of Parquet files: which there are, which of them is meant, and labels.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrowPrimitiveType, RecordBatch};
use arrow_schema::{DataType, Field};
use logformat::{check_parquet_claims, open_regular};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::PageIndexPolicy;
use serde_json::Value;

use crate::dataset::files::classes::StoredLabels;
use crate::error::dataset::DatasetError;

/// What the `datasets` library of Hugging Face writes about the columns.
const HUGGING_FACE_KEY: &str = "huggingface";
const ROWS_PER_BATCH: usize = 8192;
/// So many columns are told in an error; the rest is counted.
const MOST_TOLD_COLUMNS: usize = 12;
/// What label columns are called, where there are others that might be meant.
pub(crate) const LABEL_NAMES: [&str; 4] = ["label", "labels", "target", "class"];

/// A Parquet file that was opened.
pub(crate) struct ParquetFile {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    builder: ParquetRecordBatchReaderBuilder<File>,
}

impl ParquetFile {
    pub(crate) fn open(path: &Path) -> Result<Self, DatasetError> {
        let file = open_regular(path).map_err(|source| DatasetError::Read {
            path: path.to_owned(),
            source,
        })?;
        check_parquet_claims(&file).map_err(|reason| DatasetError::Damaged {
            path: path.to_owned(),
            reason,
        })?;
        // The types of Parquet itself are few; those that Arrow notes beside them are many.
        // A page index, where the file has one, spares single rows the way over the pages before them.
        let options = ArrowReaderOptions::new()
            .with_skip_arrow_metadata(true)
            .with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options);
        let metadata = metadata.map_err(|error| failed(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            builder: ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone()),
            metadata,
        })
    }

    /// What the file says about its rows, to read them once more.
    pub(crate) fn metadata(&self) -> ArrowReaderMetadata {
        self.metadata.clone()
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.builder.schema().fields().iter().map(AsRef::as_ref)
    }

    /// The column that holds the labels: the one asked for, the only one of class labels by Hugging
    /// Face's metadata, the one called so, or the only one that can.
    pub(crate) fn label_column(&self, wanted: Option<&str>) -> Result<String, DatasetError> {
        let fit = || {
            self.fields()
                .filter(|field| can_be_labels(field.data_type()))
        };
        let names = || fit().map(|field| field.name().as_str());
        let class_labels: Vec<&str> = names()
            .filter(|name| self.class_names(name).is_some())
            .collect();
        let by_name = LABEL_NAMES
            .iter()
            .copied()
            .find(|name| names().any(|column| column == *name));
        let preferred = match class_labels[..] {
            [only] => Some(only),
            _ => by_name,
        };
        let column = wanted.or(preferred);
        self.choose(
            "whole numbers or texts for labels",
            "--label-column",
            column,
            names().collect(),
        )
    }

    pub(crate) fn row_count(&self) -> usize {
        let rows = self.builder.metadata().file_metadata().num_rows();
        usize::try_from(rows).unwrap_or_default()
    }

    /// A problem with the choice of columns.
    pub(crate) fn column_error(&self, problem: String) -> DatasetError {
        let columns: Vec<&str> = self.fields().map(|field| field.name().as_str()).collect();
        let rest = columns.len().saturating_sub(MOST_TOLD_COLUMNS);
        let rest = match rest {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        let told = &columns[..columns.len().min(MOST_TOLD_COLUMNS)];
        DatasetError::Column {
            path: self.path.clone(),
            problem,
            columns: told.join(", ") + &rest,
        }
    }

    /// `wanted`, or the only one of the columns that `fit`.
    pub(crate) fn choose(
        &self,
        content: &'static str,
        option: &'static str,
        wanted: Option<&str>,
        fit: Vec<&str>,
    ) -> Result<String, DatasetError> {
        let chosen = match (wanted, &fit[..]) {
            (Some(wanted), fit) => fit.iter().find(|&&name| name == wanted).copied(),
            (None, &[only]) => Some(only),
            (None, _) => None,
        };
        chosen.map(str::to_owned).ok_or_else(|| {
            self.column_error(match wanted {
                Some(wanted) => {
                    format!("there is no column {wanted} of {content}; name one by {option}")
                }
                None if fit.is_empty() => format!("no column has {content}"),
                None => format!(
                    "several columns have {content}, {}; name one by {option}",
                    fit.join(", ")
                ),
            })
        })
    }

    /// The class names of a column that Hugging Face's metadata tells.
    pub(crate) fn class_names(&self, column: &str) -> Option<Vec<String>> {
        let pairs = self
            .builder
            .metadata()
            .file_metadata()
            .key_value_metadata()?;
        let pair = pairs.iter().find(|pair| pair.key == HUGGING_FACE_KEY)?;
        let metadata: Value = serde_json::from_str(pair.value.as_deref()?).ok()?;
        let names = metadata["info"]["features"][column]["names"].as_array()?;
        let text = |name: &Value| name.as_str().map(str::to_owned);
        names.iter().map(text).collect()
    }

    /// Calls `work` with each batch of rows of these columns, and the number of its first row.
    pub(crate) fn for_batches(
        self,
        columns: &[&str],
        mut work: impl FnMut(u64, &RecordBatch) -> Result<(), DatasetError>,
    ) -> Result<(), DatasetError> {
        let is_wanted = |name: &String| columns.contains(&name.as_str());
        let fields = self.builder.schema().fields().iter().enumerate();
        let roots: Vec<usize> = fields
            .filter(|(_, field)| is_wanted(field.name()))
            .map(|(root, _)| root)
            .collect();
        let mask = ProjectionMask::roots(self.builder.parquet_schema(), roots);
        let batches = self
            .builder
            .with_projection(mask)
            .with_batch_size(ROWS_PER_BATCH);
        let batches = batches
            .build()
            .map_err(|error| failed(&self.path, &error))?;
        let mut first_row = 0;
        for batch in batches {
            let batch = batch.map_err(|error| failed(&self.path, &error))?;
            work(first_row, &batch)?;
            first_row += batch.num_rows() as u64;
        }
        Ok(())
    }
}

pub(crate) fn failed(path: &Path, error: &dyn std::fmt::Display) -> DatasetError {
    DatasetError::Damaged {
        path: path.to_owned(),
        reason: format!("it cannot be read as Parquet ({error})"),
    }
}

fn can_be_labels(data_type: &DataType) -> bool {
    data_type.is_integer() || matches!(data_type, DataType::Utf8)
}

/// The labels in a column that [`ParquetFile::label_column`] chose.
pub(crate) fn stored_labels(
    column: &dyn Array,
    path: &Path,
    first_row: u64,
) -> Result<StoredLabels, DatasetError> {
    if let Some(row) = (0..column.len()).find(|&row| column.is_null(row)) {
        return Err(DatasetError::EmptyCell {
            path: path.to_owned(),
            row: first_row + row as u64,
            content: "label",
        });
    }
    let indices = match column.data_type() {
        DataType::Int8 => indices::<Int8Type>(column),
        DataType::Int16 => indices::<Int16Type>(column),
        DataType::Int32 => indices::<Int32Type>(column),
        DataType::Int64 => indices::<Int64Type>(column),
        DataType::UInt8 => indices::<UInt8Type>(column),
        DataType::UInt16 => indices::<UInt16Type>(column),
        DataType::UInt32 => indices::<UInt32Type>(column),
        DataType::UInt64 => indices::<UInt64Type>(column),
        _ => {
            let texts = column.as_string::<i32>().iter().flatten();
            return Ok(StoredLabels::Names(texts.map(str::to_owned).collect()));
        }
    };
    Ok(StoredLabels::Indices(indices))
}

/// A number beyond i64 is no class index whichever it is.
fn indices<T: ArrowPrimitiveType<Native: TryInto<i64>>>(column: &dyn Array) -> Vec<i64> {
    let values = column.as_primitive::<T>().values().iter();
    values
        .map(|&value| value.try_into().unwrap_or(i64::MAX))
        .collect()
}
