//! The columns of a table that somebody wrote (AUMs, true labels) as files have them: CSV, where
//! everything is text, or Parquet with types of whatever engine wrote it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::str::FromStr;

use logformat::{
    HUB_KEY, HubLabel, HubNames, LogError, PANDAS_KEY, TABLE_CHECKSUM_KEY, check_file_memory,
    check_parquet_claims, is_index_in_metadata, open_regular, separator_of,
};
use polars::prelude::{
    CsvParseOptions, CsvReadOptions, DataFrame, DataType, ParquetReader, PolarsError, PolarsResult,
    SerReader, Series,
};

use crate::error::AnalyzerError;
use crate::logs::any_parquet::read_frame;
use crate::logs::spreadsheet_cells;
use crate::logs::table_checksum::checksum;

/// What Polars says of other encodings.
const NOT_UTF8: &str = "invalid utf-8 sequence";

const TWO_COLUMNS: &str = "two columns are called";

/// A table that was read, and where from.
pub(crate) struct Frame<'a> {
    path: &'a Path,
    frame: DataFrame,
    /// The types of columns that cannot be read.
    unread: BTreeMap<String, String>,
    /// What it had when it was written; `None` where the file does not say it.
    written_checksum: Option<String>,
    /// What the `datasets` library has told of its columns.
    told_by_hub: Option<String>,
    /// What pandas has told of its index.
    told_by_pandas: Option<String>,
    /// Whether it is a text whose cells are separated by something else than commas, so that decimals may have them.
    may_have_commas: bool,
}

impl<'a> Frame<'a> {
    pub(crate) fn read(path: &'a Path) -> Result<Self, AnalyzerError> {
        Self::read_part(path, None)
    }

    /// Some rows of a Parquet file, from `first` on.
    pub(crate) fn read_rows(
        path: &'a Path,
        first: usize,
        rows: usize,
    ) -> Result<Self, AnalyzerError> {
        Self::read_part(path, Some((first, rows)))
    }

    fn read_part(path: &'a Path, part: Option<(usize, usize)>) -> Result<Self, AnalyzerError> {
        let mut may_have_commas = false;
        let mut unread = BTreeMap::new();
        let read = || -> PolarsResult<(DataFrame, [Option<String>; 3])> {
            let file = open_table(path)?;
            if is_csv(path) {
                // No types are guessed: a run may be called 1.
                let options = csv_options(path)?.with_infer_schema_length(Some(0));
                may_have_commas = options.parse_options.separator != b',';
                let reader = options.try_into_reader_with_file_path(Some(path.to_owned()))?;
                let frame = reader.finish()?;
                check_names(&frame)?;
                return Ok((frame, [None, None, None]));
            }
            let damaged = |reason: String| PolarsError::ComputeError(reason.into());
            check_parquet_claims(&file).map_err(damaged)?;
            let mut reader = ParquetReader::new(file.try_clone()?);
            let pairs = reader.get_metadata()?.key_value_metadata().clone();
            let told = [TABLE_CHECKSUM_KEY, HUB_KEY, PANDAS_KEY].map(|key| {
                let pair = pairs.iter().flatten().find(|pair| pair.key == key);
                pair.and_then(|pair| pair.value.clone())
            });
            if let [Some(_), ..] = told {
                return Ok((reader.with_slice(part).finish()?, told));
            }
            let (frame, types) = read_frame(file, part)?;
            unread = types;
            Ok((frame, told))
        };
        // Polars gives up on types that it was built without.
        let frame = catch_unwind(AssertUnwindSafe(read));
        let frame = frame.map_err(|_| "a column is of a type that is not read".to_owned());
        match frame.and_then(|read| read.map_err(|error| error.to_string())) {
            Ok((frame, [checksum, told_by_hub, told_by_pandas])) => Ok(Self {
                path,
                frame,
                unread,
                // It is of all rows.
                written_checksum: checksum.filter(|_| part.is_none()),
                told_by_hub,
                told_by_pandas,
                may_have_commas,
            }),
            Err(reason) => {
                let reason = reason.lines().next().unwrap_or_default();
                let way_out = match () {
                    () if reason.contains(NOT_UTF8) => {
                        "as UTF-8, as by `iconv -f latin1 -t utf-8` or `iconv -f utf-16 -t utf-8`"
                    }
                    () if reason.starts_with(TWO_COLUMNS) => "with different names",
                    // A file of another kind is no damaged Parquet.
                    () if reason.contains("PAR1") && !is_table(path) => {
                        return Err(refusal(
                            path,
                            "is none of .csv, .tsv and .parquet by its name, and no Parquet; where it is packed, unpack it, and else write it again as one of these".to_owned(),
                        ));
                    }
                    () => "as CSV or Parquet",
                };
                Err(refusal(
                    path,
                    format!("cannot be read as a table ({reason}); write it again {way_out}"),
                ))
            }
        }
    }

    /// Whether the table is known to hold what was written; where nothing tells it, a warning.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] where it holds something else.
    pub(crate) fn check(&self) -> Result<Option<&'static str>, AnalyzerError> {
        match &self.written_checksum {
            Some(written) if *written == checksum(&self.frame) => Ok(None),
            Some(_) => Err(refusal(
                self.path,
                "is damaged or was changed: its checksum is not the one of what was written; copy it again, or compute it from the logs again".to_owned(),
            )),
            None => Ok(Some(
                "has no checksum, so that damage to it goes unnoticed; tables that analyzer aum writes as .parquet have one",
            )),
        }
    }

    /// Refuses a column that pandas keeps in its metadata alone.
    pub(crate) fn check_is_column(&self, name: &str) -> Result<(), AnalyzerError> {
        let told = self.told_by_pandas.as_deref();
        let is_index = told.is_some_and(|told| is_index_in_metadata(told, name));
        match is_index && self.series(name).is_none() {
            false => Ok(()),
            true => Err(AnalyzerError::from(LogError::IndexOfPandas {
                path: self.path.to_owned(),
                column: name.to_owned(),
            })),
        }
    }

    pub(crate) fn path(&self) -> &'a Path {
        self.path
    }

    pub(crate) fn len(&self) -> usize {
        self.frame.height()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.frame.get_column_names().into_iter();
        names.map(|name| name.as_str())
    }

    /// Texts; an empty one is none.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<Option<String>>>, AnalyzerError> {
        let Some(series) = self.series(name) else {
            return Ok(None);
        };
        let texts = self.cast(name, &series, &DataType::String)?;
        let texts = texts.str().map_err(|_| self.wrong_type(name))?;
        let given = |text: &&str| !text.is_empty();
        let is_csv = is_csv(self.path);
        let texts = texts.iter().map(|cell| match is_csv {
            true => cell.map(spreadsheet_cells::text),
            false => cell,
        });
        let owned = texts.map(|text| text.filter(given).map(str::to_owned));
        Ok(Some(owned.collect()))
    }

    /// The same, where the file says names of classes for numbers: these, and none for a number below 0, which marks
    /// a missing one.
    pub(crate) fn label_texts(
        &self,
        name: &str,
    ) -> Result<Option<Vec<Option<String>>>, AnalyzerError> {
        let texts = self.texts(name)?;
        let names = self.told_by_hub.as_ref();
        let Some(names) = names.and_then(|told| HubNames::of(told, name)) else {
            return Ok(texts);
        };
        let named = |text: String| match text.parse().map(|number| names.label(number)) {
            Ok(HubLabel::Named(name)) => Some(name.to_owned()),
            Ok(HubLabel::Number) | Err(_) => Some(text),
            Ok(HubLabel::Missing) => None,
        };
        let named = texts.map(|texts| texts.into_iter().map(|text| named(text?)).collect());
        Ok(named)
    }

    /// Whether a column holds floats by its type.
    pub(crate) fn is_float(&self, name: &str) -> bool {
        let series = self.series(name);
        series.is_some_and(|series| series.dtype().is_float())
    }

    /// Whether a column holds integers by its type, not its text.
    pub(crate) fn is_integer(&self, name: &str) -> bool {
        let series = self.series(name);
        series.is_some_and(|series| series.dtype().is_integer())
    }

    pub(crate) fn integers(&self, name: &str) -> Result<Option<Vec<Option<i64>>>, AnalyzerError> {
        self.values(name, &DataType::Int64, |series| {
            Some(series.i64().ok()?.iter().collect())
        })
    }

    /// Classes, from 0.
    pub(crate) fn labels(&self, name: &str) -> Result<Option<Vec<Option<u32>>>, AnalyzerError> {
        let Some(values) = self.integers(name)? else {
            return Ok(None);
        };
        let label = |(row, value): (usize, Option<i64>)| match value.map(i32::try_from) {
            None => Ok(None),
            Some(Ok(label)) if label >= 0 => Ok(Some(label.cast_unsigned())),
            Some(_) => Err(self.value(row, name, "is no class index")),
        };
        let labels = values.into_iter().enumerate().map(label);
        labels.collect::<Result<_, _>>().map(Some)
    }

    pub(crate) fn flags(&self, name: &str) -> Result<Option<Vec<Option<bool>>>, AnalyzerError> {
        self.values(name, &DataType::Boolean, |series| {
            Some(series.bool().ok()?.iter().collect())
        })
    }

    /// Finite floats.
    pub(crate) fn floats(&self, name: &str) -> Result<Option<Vec<Option<f64>>>, AnalyzerError> {
        let values = self.values::<f64>(name, &DataType::Float64, |series| {
            Some(series.f64().ok()?.iter().collect())
        })?;
        let mut numbers = values.iter().flatten();
        let odd = numbers.position(|value| value.is_some_and(|value| !value.is_finite()));
        match odd {
            Some(row) => Err(self.value(row, name, "is not finite")),
            None => Ok(values),
        }
    }

    fn values<T: FromStr>(
        &self,
        name: &str,
        data_type: &DataType,
        typed: impl Fn(&Series) -> Option<Vec<Option<T>>>,
    ) -> Result<Option<Vec<Option<T>>>, AnalyzerError> {
        let Some(series) = self.series(name) else {
            return Ok(None);
        };
        if series.dtype().is_string() {
            let texts = self
                .texts(name)?
                .unwrap_or_default()
                .into_iter()
                .enumerate();
            let parsed = texts.map(|(row, text)| {
                let Some(text) = text else { return Ok(None) };
                // pandas writes True, and whole numbers beside missing ones as 1.0; spreadsheets write 0,5.
                let whole = text.strip_suffix(".0").unwrap_or(&text);
                let decimal = match self.may_have_commas {
                    true => text.replacen(',', ".", 1),
                    false => String::new(),
                };
                let parsed = text.parse().or_else(|_| text.to_ascii_lowercase().parse());
                let parsed = parsed.or_else(|_| whole.parse());
                let parsed = parsed.or_else(|_| decimal.parse());
                let refused = |_| self.value(row, name, &format!("cannot be {text:?}"));
                parsed.map(Some).map_err(refused)
            });
            return parsed.collect::<Result<_, _>>().map(Some);
        }
        let series = self.cast(name, &series, data_type)?;
        typed(&series)
            .map(Some)
            .ok_or_else(|| self.wrong_type(name))
    }

    fn series(&self, name: &str) -> Option<Series> {
        let column = self.frame.column(name).ok()?;
        Some(column.as_materialized_series().clone())
    }

    fn cast(&self, name: &str, series: &Series, to: &DataType) -> Result<Series, AnalyzerError> {
        match self.unread.contains_key(name) {
            false => series.strict_cast(to).map_err(|_| self.wrong_type(name)),
            true => Err(self.wrong_type(name)),
        }
    }

    fn wrong_type(&self, name: &str) -> AnalyzerError {
        let known = || self.series(name).map(|series| series.dtype().to_string());
        let found = self.unread.get(name).cloned().or_else(known);
        let found = found.unwrap_or_default();
        let reason = format!(
            "the column {name} has the type {found}, which it cannot have; write the table again as CSV, or with another type"
        );
        refusal(self.path, reason)
    }

    /// What is wrong with a value; rows are counted from 0, without a header.
    pub(crate) fn value(&self, row: usize, name: &str, reason: &str) -> AnalyzerError {
        refusal(self.path, format!("row {row}: the column {name} {reason}"))
    }
}

/// What a table may take where nothing else is set.
pub(crate) const USUAL_BYTES: u64 = 8 << 30;

/// Opens a table that is read whole.
pub(crate) fn open_table(path: &Path) -> PolarsResult<File> {
    let file = open_regular(path)?;
    let too_large = |reason: String| PolarsError::ComputeError(reason.into());
    check_file_memory(file.metadata()?.len(), USUAL_BYTES).map_err(too_large)?;
    Ok(file)
}

/// Whether a file is a table of texts by its name: CSV, or TSV.
pub(crate) fn is_csv(path: &Path) -> bool {
    has_suffix(path, &["csv", "tsv"])
}

/// Whether a file is a table by its name.
pub(crate) fn is_table(path: &Path) -> bool {
    is_csv(path) || has_suffix(path, &["parquet"])
}

pub(crate) fn has_suffix(path: &Path, suffixes: &[&str]) -> bool {
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    let is = |suffix: &str| suffixes.iter().any(|one| suffix.eq_ignore_ascii_case(one));
    suffix.is_some_and(is)
}

/// Refuses two columns of one name, the second of which Polars calls by another.
fn check_names(frame: &DataFrame) -> PolarsResult<()> {
    let names = frame.get_column_names();
    let twice = names.iter().find_map(|name| {
        let (first, number) = name.split_once("_duplicated_")?;
        let is_copy = number.bytes().all(|byte| byte.is_ascii_digit());
        (is_copy && names.iter().any(|name| *name == first)).then_some(first)
    });
    match twice {
        None | Some("") => Ok(()),
        Some(name) => Err(PolarsError::ComputeError(
            format!("{TWO_COLUMNS} {name}, and which one is meant cannot be told").into(),
        )),
    }
}

/// How a table of texts is read, by what separates the names of its columns.
pub(crate) fn csv_options(path: &Path) -> PolarsResult<CsvReadOptions> {
    const MOST_HEADER_BYTES: u64 = 1 << 20;
    let mut header = Vec::new();
    BufReader::new(open_regular(path)?.take(MOST_HEADER_BYTES)).read_until(b'\n', &mut header)?;
    if header.starts_with(&[0xff, 0xfe]) || header.starts_with(&[0xfe, 0xff]) {
        let reason = format!("{NOT_UTF8}: it begins as UTF-16 does");
        return Err(PolarsError::ComputeError(reason.into()));
    }
    let separator = separator_of(&header);
    let with_separator = |options: CsvParseOptions| options.with_separator(separator);
    Ok(CsvReadOptions::default().map_parse_options(with_separator))
}

pub(crate) fn refusal(path: &Path, reason: String) -> AnalyzerError {
    AnalyzerError::Table {
        path: path.to_owned(),
        reason,
    }
}
