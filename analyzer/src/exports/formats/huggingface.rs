//! The cleaned set for the `datasets` library of Hugging Face: the rows of the owner's tables without those
//! that are flagged, with their columns as they are and the ids in the log beside them, as Parquet. The names
//! of the classes are in the schema's metadata as those of a `ClassLabel` (huggingface.co/docs/datasets,
//! *Dataset features*), for the column `label`, or `given_label` where the owner has another `label`.
//!
//! Where the data are not at hand, or are no tables, the rows have ids, files and labels alone.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use polars::prelude::{Column, DataFrame, DataType, NamedFrom, PolarsResult, Series};
use serde_json::json;

use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::ExportedRun;
use crate::exports::format::ExportFormat;
use crate::exports::own_tables::OwnRows;
use crate::exports::scope::{Which, Writes};
use crate::logs::table_frame::refusal;
use crate::results::tables::ResultTable;

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "huggingface",
    about: "the cleaned set, without flagged samples, for the library datasets: a .parquet",
    writes: Writes::File("parquet"),
    which: Which::Unflagged,
    suggests: false,
    write,
};

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    let rows = OwnRows::find(run)?;
    let is_at_hand = rows.is_some();
    let positions = run.samples.iter().map(|sample| sample.at);
    let mut frame = match rows {
        Some(rows) => rows.frame,
        None => ResultTable::new()
            .samples(run.log, positions)
            .frame()
            .clone(),
    };
    let labels: Vec<Option<i64>> = run
        .samples
        .iter()
        .map(|sample| run.given_label(sample).map(i64::from))
        .collect();
    let name = label_name(&frame, &labels);
    let ids = ResultTable::new().sample_ids(run.samples.iter().map(|sample| run.id(sample)));
    let ids = ids.frame().columns().iter().cloned();
    let added = [Column::from(Series::new(name.into(), labels))];
    for column in ids.chain(added) {
        // The owner's column of that name stays.
        if column.name() == name || frame.column(column.name()).is_err() {
            let done = frame.with_column(column).map(|_| ());
            done.expect("there is a row for each sample");
        }
    }
    let features = json!({ "info": { "features": {
        name: { "names": run.classes(), "_type": "ClassLabel" },
    }}});
    let rows = rows_for_arrow(&frame, &features.to_string())?;
    files.add("cleaned.parquet", |file| {
        let mut writer = ArrowWriter::try_new(file, rows.schema(), None)?;
        writer.write(&rows)?;
        writer.close()?;
        Ok(())
    })?;
    Ok(match is_at_hand {
        true => Vec::new(),
        false => vec![
            "the data themselves are not at hand as tables, so that the rows have ids, files and labels alone; `root` says where files lie that are named from elsewhere".to_owned(),
        ],
    })
}

/// The rows with the features in the metadata of their schema, where pyarrow looks for it: beside a schema of
/// Arrow, it reads no metadata of the file.
fn rows_for_arrow(frame: &DataFrame, features: &str) -> Result<RecordBatch, AnalyzerError> {
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for column in frame.columns() {
        let array = array(column).ok().flatten().ok_or_else(|| {
            let (name, dtype) = (column.name(), column.dtype());
            let reason = format!(
                "the column {name} has the type {dtype}, which is not exported; leave it out of the table, or export the flagged samples alone as csv, and drop these rows there"
            );
            refusal(Path::new("the table"), reason)
        })?;
        fields.push(Field::new(
            column.name().as_str(),
            array.data_type().clone(),
            true,
        ));
        arrays.push(array);
    }
    let schema = Schema::new(fields).with_metadata([("huggingface", features)]);
    let rows = RecordBatch::try_new(Arc::new(schema), arrays);
    Ok(rows.expect("each column has its own type and a row for each sample"))
}

/// A column as Arrow has it; `None` for types that are not exported.
fn array(column: &Column) -> PolarsResult<Option<ArrayRef>> {
    let series = column.as_materialized_series();
    Ok(match column.dtype() {
        DataType::String => Some(Arc::new(series.str()?.iter().collect::<StringArray>())),
        DataType::Boolean => Some(Arc::new(series.bool()?.iter().collect::<BooleanArray>())),
        DataType::Binary => Some(Arc::new(series.binary()?.iter().collect::<BinaryArray>())),
        dtype if dtype.is_integer() => {
            let wide = series.strict_cast(&DataType::Int64)?;
            Some(Arc::new(wide.i64()?.iter().collect::<Int64Array>()))
        }
        dtype if dtype.is_float() => {
            let wide = series.strict_cast(&DataType::Float64)?;
            Some(Arc::new(wide.f64()?.iter().collect::<Float64Array>()))
        }
        _ => None,
    })
}

/// The column for the labels: `label`, unless the owner has something else there.
fn label_name(frame: &DataFrame, labels: &[Option<i64>]) -> &'static str {
    let is_the_same = |own: &Column| {
        let own = own.cast(&DataType::Int64).ok()?;
        Some(own.i64().ok()?.iter().eq(labels.iter().copied()))
    };
    match frame.column("label") {
        Err(_) => "label",
        Ok(own) if own.dtype().is_integer() && is_the_same(own) == Some(true) => "label",
        Ok(_) => "given_label",
    }
}
