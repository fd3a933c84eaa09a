//! Tables of somebody's own as they are in their files: Parquet with whatever types its columns have, or CSV, whose
//! columns are numbers only where nothing of a text is lost by it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use logformat::check_parquet_claims;

use crate::error::AnalyzerError;
use crate::imports::text_rows::TextRows;
use crate::logs::any_parquet::{ROWS_AT_ONCE, read_batches};
use crate::logs::table_frame::{is_csv, open_table, refusal};

/// The rows of a file, in order.
#[derive(Debug)]
pub(crate) struct OwnTable {
    pub(crate) path: PathBuf,
    pub(crate) batches: Vec<RecordBatch>,
}

impl OwnTable {
    /// The batch of each row, and its place there.
    pub(crate) fn places(&self) -> Vec<(usize, usize)> {
        let batches = self.batches.iter().map(RecordBatch::num_rows).enumerate();
        batches
            .flat_map(|(at, rows)| (0..rows).map(move |row| (at, row)))
            .collect()
    }
}

/// Reads files as parts of one table, with the columns of the first. In `ids`, the column of its owner's ids, texts stay
/// texts that are no integers.
///
/// # Errors
/// [`AnalyzerError::Table`] where one cannot be read, or its columns are others.
pub(crate) fn read_tables(
    paths: Vec<PathBuf>,
    ids: Option<&str>,
) -> Result<(SchemaRef, Vec<OwnTable>), AnalyzerError> {
    let mut tables = Vec::with_capacity(paths.len());
    for path in paths {
        let batches = match is_csv(&path) {
            true => read_texts(&path)?,
            false => read_parquet(&path)?,
        };
        tables.push(OwnTable { path, batches });
    }
    type_columns_of_texts(&mut tables, ids);
    let first = tables.first().and_then(|table| table.batches.first());
    let schema = first.map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    let wanted = columns(&schema);
    for table in &tables {
        for batch in &table.batches {
            let found = columns(&batch.schema());
            if let Some(at) =
                (0..found.len().max(wanted.len())).find(|&at| found.get(at) != wanted.get(at))
            {
                let none = || "no column".to_owned();
                let reason = format!(
                    "has {} where {} has {}; write them alike, or move them away to export without them",
                    found.get(at).cloned().unwrap_or_else(none),
                    tables[0].path.display(),
                    wanted.get(at).cloned().unwrap_or_else(none),
                );
                return Err(refusal(&table.path, reason));
            }
        }
    }
    Ok((schema, tables))
}

/// Names and types.
fn columns(schema: &Schema) -> Vec<String> {
    let column = |field: &Arc<Field>| format!("{} ({})", field.name(), field.data_type());
    schema.fields().iter().map(column).collect()
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> AnalyzerError {
    let error = error.to_string();
    let reason = error.lines().next().unwrap_or_default();
    refusal(
        path,
        format!(
            "cannot be read as the table that the samples came from ({reason}); bring it back as it was recorded, or move it away to export without it"
        ),
    )
}

fn read_parquet(path: &Path) -> Result<Vec<RecordBatch>, AnalyzerError> {
    let unreadable = |error: &dyn std::fmt::Display| unreadable(path, error);
    let file = open_table(path).map_err(|error| unreadable(&error))?;
    check_parquet_claims(&file).map_err(|error| unreadable(&error))?;
    let (_, batches) = read_batches(file, None).map_err(|error| unreadable(&error))?;
    Ok(batches)
}

/// All columns as texts; an empty one is none.
fn read_texts(path: &Path) -> Result<Vec<RecordBatch>, AnalyzerError> {
    let mut rows = TextRows::open(path)?;
    let header = rows.header().to_vec();
    let fields = header
        .iter()
        .map(|name| Field::new(name, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let mut batches = Vec::new();
    loop {
        let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); header.len()];
        let mut count = 0;
        while count < ROWS_AT_ONCE
            && let Some(row) = rows.next()?
        {
            for (at, column) in columns.iter_mut().enumerate() {
                let text = row.text(at)?;
                column.push((!text.is_empty()).then(|| text.to_owned()));
            }
            count += 1;
        }
        if count == 0 {
            return Ok(batches);
        }
        let arrays = columns
            .into_iter()
            .map(|column| Arc::new(StringArray::from(column)) as ArrayRef);
        let batch = RecordBatch::try_new(schema.clone(), arrays.collect());
        batches.push(batch.map_err(|error| unreadable(path, error))?);
    }
}

/// What a text is, to which all of its column have to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Integer,
    Float,
    Text,
}

impl Kind {
    /// Of a number nothing is lost: 007 is a name.
    fn of(text: &str) -> Self {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let has_zeros = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && !has_zeros && !text.starts_with('+') => {
                match text.parse::<i64>() {
                    Ok(integer) if integer.to_string() == text => Self::Integer,
                    _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => Self::Text,
                    _ => Self::Float,
                }
            }
            _ => Self::Text,
        }
    }
}

/// Gives the columns of CSV the type that all their cells have, over all files.
fn type_columns_of_texts(tables: &mut [OwnTable], ids: Option<&str>) {
    let texts = tables.iter_mut().filter(|table| is_csv(&table.path));
    let mut batches: Vec<&mut RecordBatch> = texts.flat_map(|table| &mut table.batches).collect();
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for batch in &batches {
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            let cells = column.as_string::<i32>().iter().flatten();
            if let Some(kind) = cells.map(Kind::of).max() {
                let known = kinds.entry(field.name().clone()).or_insert(kind);
                *known = kind.max(*known);
            }
        }
    }
    for batch in &mut batches {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns());
        let typed = columns.map(|(field, column)| {
            let kind = match kinds.get(field.name()) {
                Some(Kind::Float) if ids == Some(field.name()) => Kind::Text,
                Some(kind) => *kind,
                None => Kind::Text,
            };
            (field.name(), typed(column, kind), true)
        });
        if let Ok(typed) = RecordBatch::try_from_iter_with_nullable(typed) {
            **batch = typed;
        }
    }
}

fn typed(texts: &ArrayRef, kind: Kind) -> ArrayRef {
    let cells = texts.as_string::<i32>().iter();
    match kind {
        Kind::Text => texts.clone(),
        Kind::Integer => Arc::new(cells.map(|cell| cell?.parse().ok()).collect::<Int64Array>()),
        Kind::Float => Arc::new(
            cells
                .map(|cell| cell?.parse().ok())
                .collect::<Float64Array>(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_number_only_where_nothing_of_it_is_lost() {
        for (text, kind) in [
            ("1", Kind::Integer),
            ("-20", Kind::Integer),
            ("0", Kind::Integer),
            ("0.5", Kind::Float),
            ("-0.25", Kind::Float),
            ("3e-4", Kind::Float),
            ("001", Kind::Text),
            ("-07", Kind::Text),
            ("00.5", Kind::Text),
            ("+1", Kind::Text),
            ("12345678901234567890", Kind::Text),
            ("nan", Kind::Text),
            ("1e999", Kind::Text),
            ("cat", Kind::Text),
        ] {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }
}
