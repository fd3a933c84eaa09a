//! Reads columns of Parquet files: which there are, which of them is meant, and labels.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrowPrimitiveType, RecordBatch};
use arrow_schema::{DataType, Field};
use logformat::{HUB_KEY, Label, check_parquet_claims, hub_class_names, open_regular};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::PageIndexPolicy;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::compression::compression_not_read;
use crate::dataset::files::label_column::{called_label, has_no_name};
use crate::error::dataset::DatasetError;

const ROWS_PER_BATCH: usize = 8192;
/// So many columns are told in an error; the rest is counted.
const MOST_TOLD_COLUMNS: usize = 12;

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
        let metadata = metadata.map_err(|error| match path.extension() {
            // What is called otherwise is no damaged Parquet.
            Some(suffix) if !suffix.eq_ignore_ascii_case("parquet") => {
                DatasetError::UnknownSuffix {
                    path: path.to_owned(),
                    expected: "Parquet is read here, and it is none",
                }
            }
            _ => failed(path, &error),
        })?;
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

    /// The column that is called as columns of labels are.
    pub(crate) fn called_label(&self) -> Option<String> {
        let names: Vec<&str> = self.fields().map(|field| field.name().as_str()).collect();
        called_label(&names).map(str::to_owned)
    }

    /// The column that holds the labels: the one asked for, the one called so, the only one of class labels by
    /// Hugging Face's metadata, or the only one of texts. Whole numbers without a name that says so may be
    /// anything beside columns of numbers, and are taken where there are none.
    pub(crate) fn label_column(&self, wanted: Option<&str>) -> Result<String, DatasetError> {
        if let Some(name) = wanted.map(str::to_owned).or_else(|| self.called_label()) {
            return self.check_label(&name).map(|()| name);
        }
        let of_type = |fits: &dyn Fn(&DataType) -> bool| -> Vec<&str> {
            let fitting = self.fields().filter(|field| fits(field.data_type()));
            fitting
                .map(|field| field.name().as_str())
                .filter(|name| !has_no_name(name))
                .collect()
        };
        let texts = of_type(&|data_type| matches!(data_type, DataType::Utf8));
        let whole = of_type(&DataType::is_integer);
        let has_floats = self.fields().any(|field| field.data_type().is_floating());
        let named: Vec<&str> = [&texts[..], &whole].concat();
        let named = named
            .into_iter()
            .filter(|name| self.class_names(name).is_some());
        let named: Vec<&str> = named.collect();
        let chosen = match (&named[..], &texts[..], &whole[..]) {
            ([only], ..) | ([], [only], []) => Some(*only),
            ([], [], [only]) if !has_floats => Some(*only),
            _ => None,
        };
        let can = [&texts[..], &whole].concat();
        chosen.map(str::to_owned).ok_or_else(|| {
            self.column_error(match can[..] {
                [] => "no column has whole numbers or texts for labels".to_owned(),
                [only] => format!("no column is called label, and {only} may be something else; name that of the labels by `label_column`"),
                _ => format!(
                    "several columns have whole numbers or texts for labels, {}; name one by `label_column`",
                    can.join(", ")
                ),
            })
        })
    }

    fn check_label(&self, name: &str) -> Result<(), DatasetError> {
        self.check_unique(&[name])?;
        let field = self.fields().find(|field| field.name() == name);
        match field.map(Field::data_type) {
            Some(found) if can_be_labels(found) => Ok(()),
            Some(found) => Err(self.column_error(format!(
                "the column {name} is of the type {found}, but labels are whole numbers, booleans or texts"
            ))),
            None => Err(self.column_error(format!(
                "there is no column {name} of whole numbers or texts for labels; name one by `label_column`"
            ))),
        }
    }

    /// Refuses columns of one name, where one of them would be read.
    pub(crate) fn check_unique(&self, wanted: &[&str]) -> Result<(), DatasetError> {
        let count = |name: &str| self.fields().filter(|field| field.name() == name).count();
        match wanted.iter().find(|name| count(name) > 1) {
            None => Ok(()),
            Some(name) => Err(self.column_error(format!(
                "two columns are called {name}; give them different names"
            ))),
        }
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
                    format!("there is no column {wanted} of {content}; name one by `{option}`")
                }
                None if fit.is_empty() => format!(
                    "no column has {content}; one that has the paths of them is named by `{option}`"
                ),
                None => format!(
                    "several columns have {content}, {}; name one by `{option}`",
                    fit.join(", ")
                ),
            })
        })
    }

    /// The class names of a column that Hugging Face's metadata tells.
    pub(crate) fn class_names(&self, column: &str) -> Option<Vec<String>> {
        hub_class_names(self.told(HUB_KEY)?, column)
    }

    /// What the file says about itself under a key.
    pub(crate) fn told(&self, key: &str) -> Option<&str> {
        let metadata = self.builder.metadata().file_metadata();
        let pairs = metadata.key_value_metadata()?;
        let pair = pairs.iter().find(|pair| pair.key == key)?;
        pair.value.as_deref()
    }

    /// The paths that a column of images has beside them, or holds in their place; none where it has none, or
    /// not for every row. The images themselves are not read.
    pub(crate) fn image_names(&self, column: &str) -> Result<Vec<String>, DatasetError> {
        let schema = self.builder.parquet_schema();
        let is_path = |parts: &[String]| match parts {
            [only] => only == column,
            [root, child] => root == column && child == "path",
            _ => false,
        };
        let mut leaves = schema.columns().iter();
        let leaf = leaves.position(|leaf| is_path(leaf.path().parts()));
        let Some(leaf) = leaf else {
            return Ok(Vec::new());
        };
        let mask = ProjectionMask::leaves(schema, [leaf]);
        let file = File::open(&self.path).map_err(|source| DatasetError::Read {
            path: self.path.clone(),
            source,
        })?;
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let builder = builder
            .with_projection(mask)
            .with_batch_size(ROWS_PER_BATCH);
        let batches = builder
            .build()
            .map_err(|error| failed(&self.path, &error))?;
        let mut names = Vec::new();
        for batch in batches {
            let batch = batch.map_err(|error| failed(&self.path, &error))?;
            let column = batch.column(0);
            let paths = column
                .as_struct_opt()
                .map_or(column, |image| image.column(0));
            let Some(paths) = paths.as_string_opt::<i32>() else {
                return Ok(Vec::new());
            };
            names.extend(paths.iter().flatten().map(str::to_owned));
        }
        match names.len() == self.row_count() {
            true => Ok(names),
            false => Ok(Vec::new()),
        }
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
    let path = path.to_owned();
    match compression_not_read(&error.to_string()) {
        Some(reason) => DatasetError::NotRead { path, reason },
        None => DatasetError::Damaged {
            path,
            reason: format!("it cannot be read as Parquet ({error})"),
        },
    }
}

fn can_be_labels(data_type: &DataType) -> bool {
    data_type.is_numeric()
        && !matches!(
            data_type,
            DataType::Decimal128(..) | DataType::Decimal256(..)
        )
        || matches!(data_type, DataType::Utf8 | DataType::Boolean)
}

/// The labels in a column that [`ParquetFile::label_column`] chose.
pub(crate) fn stored_labels(
    column: &dyn Array,
    path: &Path,
    first_row: u64,
) -> Result<StoredLabels, DatasetError> {
    let row = |row: usize| first_row + row as u64;
    let labels = labels_of(column).map_err(|at| match at {
        NoLabel::Null(at) => DatasetError::EmptyCell {
            path: path.to_owned(),
            row: row(at),
            content: "label",
        },
        NoLabel::NotWhole(at, value) => DatasetError::NoClass {
            path: path.to_owned(),
            row: row(at),
            reason: format!("the label is {value}, but labels are whole numbers, booleans or texts; is this the right column?"),
        },
        NoLabel::Beyond(at, value) => DatasetError::NoClass {
            path: path.to_owned(),
            row: row(at),
            reason: format!("the label {value} is beyond 64 bits with a sign; write such labels as texts"),
        },
        NoLabel::Type => DatasetError::Damaged {
            path: path.to_owned(),
            reason: format!("its labels cannot be read as {}", column.data_type()),
        },
    })?;
    Ok(match labels {
        ColumnLabels::Numbers(numbers) => StoredLabels::Indices(numbers),
        ColumnLabels::Texts(texts) => StoredLabels::Names(texts),
    })
}

/// What a column of labels holds.
pub(crate) enum ColumnLabels {
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

/// Why a column has no label somewhere.
pub(crate) enum NoLabel {
    /// In this row there is none.
    Null(usize),
    /// In this row there is a number that is not whole.
    NotWhole(usize, f64),
    /// In this row there is a whole number that 64 bits with a sign do not hold.
    Beyond(usize, i128),
    /// Nowhere is one of this type.
    Type,
}

/// The labels in a column of any type that labels have.
pub(crate) fn labels_of(column: &dyn Array) -> Result<ColumnLabels, NoLabel> {
    if let Some(row) = (0..column.len()).find(|&row| column.is_null(row)) {
        return Err(NoLabel::Null(row));
    }
    Ok(ColumnLabels::Numbers(match column.data_type() {
        DataType::Int8 => indices::<Int8Type>(column)?,
        DataType::Int16 => indices::<Int16Type>(column)?,
        DataType::Int32 => indices::<Int32Type>(column)?,
        DataType::Int64 => indices::<Int64Type>(column)?,
        DataType::UInt8 => indices::<UInt8Type>(column)?,
        DataType::UInt16 => indices::<UInt16Type>(column)?,
        DataType::UInt32 => indices::<UInt32Type>(column)?,
        DataType::UInt64 => indices::<UInt64Type>(column)?,
        DataType::Float16 => whole::<Float16Type>(column, |value| value.to_f64())?,
        DataType::Float32 => whole::<Float32Type>(column, f64::from)?,
        DataType::Float64 => whole::<Float64Type>(column, |value| value)?,
        DataType::Boolean => {
            let texts = column.as_boolean().values().iter().map(Label::of_boolean);
            return Ok(ColumnLabels::Texts(
                texts.map(|label| label.name().into_owned()).collect(),
            ));
        }
        DataType::Utf8 => {
            // Without blanks around them, as tables of text are read.
            let texts = column.as_string::<i32>().iter().flatten();
            let texts = texts.map(|text| text.trim_ascii().to_owned());
            return Ok(ColumnLabels::Texts(texts.collect()));
        }
        _ => return Err(NoLabel::Type),
    }))
}

/// NaN is a missing label.
fn whole<T: ArrowPrimitiveType>(
    column: &dyn Array,
    double: impl Fn(T::Native) -> f64,
) -> Result<Vec<i64>, NoLabel> {
    let values = column.as_primitive::<T>().values().iter().enumerate();
    let number = |(row, &value): (usize, &T::Native)| {
        let value = double(value);
        match Label::of_float(value).and_then(Label::number) {
            Some(number) => index(row, number),
            None if value.is_nan() => Err(NoLabel::Null(row)),
            None => Err(NoLabel::NotWhole(row, value)),
        }
    };
    values.map(number).collect()
}

fn indices<T: ArrowPrimitiveType<Native: Into<i128>>>(
    column: &dyn Array,
) -> Result<Vec<i64>, NoLabel> {
    let values = column.as_primitive::<T>().values().iter().enumerate();
    values
        .map(|(row, &value)| index(row, value.into()))
        .collect()
}

/// Such a label is a hash, perhaps, and not to be taken for another.
fn index(row: usize, number: i128) -> Result<i64, NoLabel> {
    i64::try_from(number).map_err(|_| NoLabel::Beyond(row, number))
}
