//! The rows of its owner's tables that the samples of a run came from, where these tables are at hand: CSV or
//! Parquet, with whatever columns they have. A row is found by its owner's id, and else by its number, in a table that
//! is still the one that was recorded.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::interleave::interleave_record_batch;
use logformat::configuration::TABLE_CRC32;
use logformat::file_crc32;
use polars::prelude::AnyValue;
use serde_json::{Map, Value};

use crate::error::AnalyzerError;
use crate::exports::exported_run::ExportedRun;
use crate::exports::own_table_files::{OwnTable, read_tables};
use crate::logs::any_parquet::{ROWS_AT_ONCE, series_of};
use crate::logs::configuration::own_id_column;
use crate::logs::run_records::run_record;
use crate::logs::table_frame::{is_table, refusal};

/// The cells of a row by their columns.
type Cells = Map<String, Value>;

/// The rows of all samples of a run, in their order.
#[derive(Debug)]
pub(crate) struct OwnRows {
    pub(crate) schema: SchemaRef,
    batches: Vec<RecordBatch>,
    /// The batch of each sample, and its row there.
    places: Vec<(usize, usize)>,
    /// What a reader of the rows has to know.
    pub(crate) notes: Vec<String>,
}

impl OwnRows {
    /// Reads them; `None` where samples have no row, or a table is not there or is none.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] where a table cannot be read, or is not the one any more that was recorded.
    pub(crate) fn find(run: &ExportedRun<'_>) -> Result<Option<Self>, AnalyzerError> {
        let mut files: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, origin) in run.origins.iter().enumerate() {
            let (Some(file), Some(_)) = (&origin.file, origin.row) else {
                return Ok(None);
            };
            files.entry(file).or_default().push(at);
        }
        let is_at_hand = |file: &&str| is_table(Path::new(file)) && run.path(file).is_file();
        if files.is_empty() || !files.keys().all(is_at_hand) {
            return Ok(None);
        }
        let have_ids = run.origins.iter().all(|origin| origin.id.is_some());
        let ids = own_id_column(&run.log.configuration).filter(|_| have_ids);
        let paths = files.keys().map(|file| run.path(file));
        let (schema, tables) = read_tables(paths.collect(), ids)?;
        let record = run_record(run.files, run.log.run.as_deref());
        let checksums = record.map(|record| record.reading[TABLE_CRC32].clone());
        let checksums = checksums.unwrap_or_default();
        let mut rows = Self {
            schema,
            batches: Vec::new(),
            places: vec![(0, 0); run.samples.len()],
            notes: Vec::new(),
        };
        for ((file, samples), table) in files.into_iter().zip(tables) {
            let wanted = match ids.and_then(|column| cells_in(&table, column)) {
                Some(ids) => rows_of_ids(run, &table, &samples, &ids)?,
                None => {
                    let is_known = check_is_recorded(&table, checksums[file].as_str())?;
                    if !is_known {
                        rows.notes.push(format!(
                            "nothing tells whether {} is still as it was recorded; its rows are those of the same numbers",
                            table.path.display()
                        ));
                    }
                    numbers(run, &samples)
                }
            };
            let places = table.places();
            for (sample, row) in samples.into_iter().zip(wanted) {
                let place = places.get(row).ok_or_else(|| {
                    changed(
                        &table,
                        &format!(
                            "it has {} rows, and a sample came from row {row}",
                            places.len()
                        ),
                    )
                })?;
                rows.places[sample] = (rows.batches.len() + place.0, place.1);
            }
            rows.batches.extend(table.batches);
        }
        Ok(Some(rows))
    }

    /// The cells of the row of each sample, for a tool that shows these, or else files; and what a reader has to know.
    ///
    /// # Errors
    /// Those of [`OwnRows::find`], and [`AnalyzerError::NothingToExport`] where there are neither rows nor files.
    pub(crate) fn cells_or_files(
        run: &ExportedRun<'_>,
        tool: &str,
    ) -> Result<(Vec<Option<Cells>>, Vec<String>), AnalyzerError> {
        match Self::find(run)? {
            Some(rows) => Ok((rows.cells()?.into_iter().map(Some).collect(), rows.notes)),
            None => {
                run.need_files(tool)?;
                Ok((vec![None; run.samples.len()], Vec::new()))
            }
        }
    }

    /// The rows of the samples, some at a time.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        let chunks = self.places.chunks(ROWS_AT_ONCE);
        chunks.map(move |places| interleave_record_batch(&batches, places))
    }

    /// A column of the rows, where it has integers.
    pub(crate) fn integers(&self, name: &str) -> Option<Vec<Option<i64>>> {
        let batches = self.batches.iter().map(|batch| {
            let column = batch.column_by_name(name)?;
            let cells = column.data_type().is_integer().then(|| values(column))?;
            let numbers = cells.into_iter().map(|cell| cell?.as_i64());
            Some(numbers.collect())
        });
        let batches: Vec<Vec<Option<i64>>> = batches.collect::<Option<_>>()?;
        Some(
            self.places
                .iter()
                .map(|&(batch, row)| batches[batch][row])
                .collect(),
        )
    }

    /// The cells of the rows of all samples: texts, numbers, and what is neither but short, such as dates.
    fn cells(&self) -> Result<Vec<Cells>, AnalyzerError> {
        let mut all = Vec::with_capacity(self.places.len());
        for rows in self.chunks() {
            let rows =
                rows.map_err(|error| refusal(Path::new("your tables"), error.to_string()))?;
            let mut cells = vec![Map::new(); rows.num_rows()];
            for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
                for (cells, value) in cells.iter_mut().zip(values(column)) {
                    if let Some(value) = value {
                        cells.insert(field.name().clone(), value);
                    }
                }
            }
            all.append(&mut cells);
        }
        Ok(all)
    }
}

/// The cells of a column as texts; `None` where the table has none.
fn cells_in(table: &OwnTable, column: &str) -> Option<Vec<Option<String>>> {
    let columns = table
        .batches
        .iter()
        .map(|batch| batch.column_by_name(column));
    let cells = columns
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .flat_map(values);
    let text = |value: Value| {
        let text = value.as_str().map(|text| text.trim().to_owned());
        text.unwrap_or_else(|| value.to_string())
    };
    Some(cells.map(|cell| cell.map(text)).collect())
}

fn rows_of_ids(
    run: &ExportedRun<'_>,
    table: &OwnTable,
    samples: &[usize],
    ids: &[Option<String>],
) -> Result<Vec<usize>, AnalyzerError> {
    let mut row_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, id) in ids.iter().enumerate() {
        let Some(id) = id else { continue };
        if row_of.insert(id, row).is_some() {
            return Err(changed(table, &format!("two of its rows have the id {id}")));
        }
    }
    let row = |&sample: &usize| {
        let id = run.origins[sample]
            .id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        row_of
            .get(id.as_str())
            .copied()
            .ok_or_else(|| changed(table, &format!("no row has the id {id}")))
    };
    samples.iter().map(row).collect()
}

fn numbers(run: &ExportedRun<'_>, samples: &[usize]) -> Vec<usize> {
    let number = |&sample: &usize| {
        run.origins[sample]
            .row
            .and_then(|row| usize::try_from(row).ok())
    };
    samples
        .iter()
        .map(|sample| number(sample).unwrap_or(usize::MAX))
        .collect()
}

/// Whether a table is known to be the one that was recorded; where nothing tells, it is not.
fn check_is_recorded(table: &OwnTable, recorded: Option<&str>) -> Result<bool, AnalyzerError> {
    match (recorded, file_crc32(&table.path)) {
        (None, _) => Ok(false),
        (Some(recorded), Ok(found)) if found == recorded => Ok(true),
        _ => Err(changed(
            table,
            "its checksum is another one, and its rows have no ids",
        )),
    }
}

fn changed(table: &OwnTable, how: &str) -> AnalyzerError {
    refusal(
        &table.path,
        format!(
            "is not the table any more that was recorded: {how}; bring it back as it was, record with the column of your ids, by which rows are found wherever they stand, or move it away to export without its rows"
        ),
    )
}

/// The cells of a column: texts, numbers and flags; nothing of other types.
fn values(column: &ArrayRef) -> Vec<Option<Value>> {
    let value = |cell: AnyValue<'_>| match cell {
        AnyValue::String(text) => Some(Value::from(text)),
        AnyValue::Boolean(flag) => Some(Value::from(flag)),
        AnyValue::Int64(number) => Some(Value::from(number)),
        AnyValue::UInt64(number) => Some(Value::from(number)),
        // 0.1 and not what it is in 64 bits.
        AnyValue::Float32(number) => number.to_string().parse::<f64>().ok().map(Value::from),
        AnyValue::Float64(number) => Some(Value::from(number)),
        _ => None,
    };
    match series_of("", column) {
        Some(series) => series.iter().map(value).collect(),
        None => vec![None; column.len()],
    }
}
