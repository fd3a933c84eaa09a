//! The rows of its owner's tables that the samples of a run came from, where these tables are at hand: CSV or
//! Parquet, with whatever columns they have.

use std::collections::BTreeMap;
use std::path::Path;

use logformat::check_parquet_claims;
use polars::prelude::{
    DataFrame, DataType, IdxCa, NamedFrom, ParquetReader, PolarsError, PolarsResult, SerReader,
};
use serde_json::{Map, Value};

use crate::error::AnalyzerError;
use crate::exports::exported_run::ExportedRun;
use crate::logs::table_frame::{csv_options, is_csv, is_table, open_table, refusal};

/// The rows of all samples of a run, in their order.
#[derive(Debug)]
pub(crate) struct OwnRows {
    pub(crate) frame: DataFrame,
}

impl OwnRows {
    /// Reads them; `None` where samples have no row, or a table is not there or is none.
    pub(crate) fn find(run: &ExportedRun<'_>) -> Result<Option<Self>, AnalyzerError> {
        let mut tables: BTreeMap<&str, (Vec<u32>, Vec<usize>)> = BTreeMap::new();
        for (at, origin) in run.origins.iter().enumerate() {
            let (Some(file), Some(row)) = (&origin.file, origin.row) else {
                return Ok(None);
            };
            let Ok(row) = u32::try_from(row) else {
                return Ok(None);
            };
            let (rows, places) = tables.entry(file).or_default();
            rows.push(row);
            places.push(at);
        }
        let is_at_hand = |file: &&str| is_table(Path::new(file)) && run.path(file).is_file();
        if tables.is_empty() || !tables.keys().all(is_at_hand) {
            return Ok(None);
        }
        let mut all: Option<DataFrame> = None;
        let mut order = Vec::new();
        for (file, (rows, places)) in tables {
            let path = run.path(file);
            let Some(frame) = read(&path, &rows)? else {
                return Ok(None);
            };
            order.extend(places);
            all = Some(match all.take() {
                None => frame,
                Some(mut above) => {
                    let stacked = above.vstack_mut(&frame).map(|_| ());
                    stacked.map_err(|error| unreadable(&path, &error))?;
                    above
                }
            });
        }
        let Some(frame) = all else { return Ok(None) };
        let mut back = vec![0_u32; order.len()];
        for (row, place) in (0..).zip(order) {
            back[place] = row;
        }
        let frame = frame.take(&IdxCa::new("".into(), back));
        let frame = frame.map_err(|error| unreadable(Path::new("the tables"), &error))?;
        Ok(Some(Self { frame }))
    }

    /// The cells of the row of a sample, as texts and numbers.
    pub(crate) fn cells(&self, sample: usize) -> Map<String, Value> {
        let columns = self.frame.columns().iter();
        let cell = |column: &polars::prelude::Column| {
            let value = column.get(sample).ok()?;
            let value = match value.dtype() {
                DataType::String => Value::from(value.get_str()?),
                dtype if dtype.is_integer() => Value::from(value.try_extract::<i64>().ok()?),
                dtype if dtype.is_float() => Value::from(value.try_extract::<f64>().ok()?),
                _ => return None,
            };
            Some((column.name().to_string(), value))
        };
        columns.filter_map(cell).collect()
    }
}

/// Some rows of a table; `None` where a column, such as one of images, is of a type that Polars was built
/// without, on which it gives up.
fn read(path: &Path, rows: &[u32]) -> Result<Option<DataFrame>, AnalyzerError> {
    let read = || -> PolarsResult<DataFrame> {
        let file = open_table(path)?;
        let frame = match is_csv(path) {
            true => {
                let whole = csv_options(path)?.with_infer_schema_length(None);
                whole
                    .try_into_reader_with_file_path(Some(path.to_owned()))?
                    .finish()?
            }
            false => {
                let damaged = |reason: String| PolarsError::ComputeError(reason.into());
                check_parquet_claims(&file).map_err(damaged)?;
                ParquetReader::new(file).finish()?
            }
        };
        frame.take(&IdxCa::new("".into(), rows))
    };
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)) {
        Err(_) => Ok(None),
        Ok(read) => read.map(Some).map_err(|error| unreadable(path, &error)),
    }
}

fn unreadable(path: &Path, error: &PolarsError) -> AnalyzerError {
    let error = error.to_string();
    let reason = error.lines().next().unwrap_or_default();
    refusal(
        path,
        format!(
            "cannot be read as the table that the samples came from ({reason}); give the folder that it lies in as it was recorded, or move it away to export without it"
        ),
    )
}
