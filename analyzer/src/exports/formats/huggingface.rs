//! The cleaned set for the `datasets` library of Hugging Face: the rows of the owner's tables without those
//! that are flagged, with their columns as they are and the ids in the log beside them, as Parquet. The names
//! of the classes are in the schema's metadata as those of a `ClassLabel` (huggingface.co/docs/datasets,
//! *Dataset features*), for the column `label`, or `given_label` where the owner has another `label`.
//!
//! Where the data are not at hand, or are no tables, the rows have ids, files and labels alone.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{Field, Schema};
use logformat::{HUB_KEY, SampleId};
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};

use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::ExportedRun;
use crate::exports::format::ExportFormat;
use crate::exports::own_tables::OwnRows;
use crate::exports::scope::{Which, Writes};
use crate::logs::origins::{FILE, ID, ROW};

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "huggingface",
    about: "the cleaned set, without flagged samples, for the library datasets: a .parquet",
    writes: Writes::File("parquet"),
    which: Which::Unflagged,
    suggests: false,
    write,
};

const SAMPLE_ID: &str = "sample_id";

/// Columns that are written beside the owner's, by their names.
type Added = Vec<(&'static str, ArrayRef)>;

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    let rows = OwnRows::find(run)?;
    let labels = run.samples.iter().map(|sample| run.given_label(sample));
    let labels: Vec<Option<i64>> = labels.map(|label| label.map(i64::from)).collect();
    let sample_ids = run.samples.iter().map(|sample| Some(run.id(sample)));
    let mut added: Added = vec![(SAMPLE_ID, ids(sample_ids.collect()))];
    let (own, notes) = match &rows {
        Some(rows) => (rows.schema.as_ref().clone(), rows.notes.clone()),
        None => {
            added.extend(origins(run));
            (Schema::empty(), vec!["the data themselves are not at hand as tables, so that the rows have ids, files and labels alone; `root` says where files lie that are named from elsewhere".to_owned()])
        }
    };
    let name = label_name(rows.as_ref(), &labels);
    // The owner's column of that name stays.
    added.retain(|(name, _)| own.index_of(name).is_err());
    added.push((name, Arc::new(Int64Array::from(labels))));
    let features = features(&own, name, &run.classes());
    files.add("cleaned.parquet", |file| {
        let empty = with_added(&RecordBatch::new_empty(Arc::new(own)), &added, 0..0)?;
        // Of a file with a schema of Arrow, pyarrow reads this one's metadata alone.
        let mut schema = empty.schema().as_ref().clone();
        schema.metadata = [(HUB_KEY.to_owned(), features)].into_iter().collect();
        let schema = Arc::new(schema);
        let mut writer = ArrowWriter::try_new(file, schema.clone(), None)?;
        let mut first = 0;
        let mut write = |own: &RecordBatch| -> io::Result<()> {
            let samples = first..first + own.num_rows();
            first = samples.end;
            let rows = with_added(own, &added, samples)?;
            writer.write(&rows.with_schema(schema.clone()).map_err(io::Error::other)?)?;
            Ok(())
        };
        match &rows {
            Some(rows) => rows
                .chunks()
                .try_for_each(|own| write(&own.map_err(io::Error::other)?))?,
            None => write(&without_columns(run.samples.len())?)?,
        }
        writer.close()?;
        Ok(())
    })?;
    Ok(notes)
}

fn without_columns(rows: usize) -> io::Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options);
    batch.map_err(io::Error::other)
}

/// The owner's rows of these samples with what is added; a column of the same name gives way.
fn with_added(own: &RecordBatch, added: &Added, samples: Range<usize>) -> io::Result<RecordBatch> {
    let fields = own.schema();
    let fields = fields.fields().iter().map(|field| field.as_ref().clone());
    let mut columns: Vec<(Field, ArrayRef)> = fields.zip(own.columns().iter().cloned()).collect();
    for (name, all) in added {
        let column = (
            Field::new(*name, all.data_type().clone(), true),
            all.slice(samples.start, samples.len()),
        );
        match columns.iter_mut().find(|(field, _)| field.name() == name) {
            Some(own) => *own = column,
            None => columns.push(column),
        }
    }
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(io::Error::other)
}

/// What `datasets` is told of the columns: what the owner's file has told it, and the names of the classes.
fn features(own: &Schema, label: &str, classes: &[String]) -> String {
    let told = own.metadata().get(HUB_KEY);
    let told = told.and_then(|told| serde_json::from_str(told).ok());
    let told = told.filter(|told: &Value| told["info"]["features"].is_object());
    let mut told = told.unwrap_or_else(|| json!({ "info": { "features": {} } }));
    told["info"]["features"][label] = json!({ "names": classes, "_type": "ClassLabel" });
    told.to_string()
}

/// The column for the labels: `label`, unless the owner has something else there.
fn label_name(rows: Option<&OwnRows>, labels: &[Option<i64>]) -> &'static str {
    let is_free = |name: &&str| match rows {
        Some(rows) if rows.schema.index_of(name).is_ok() => {
            rows.integers(name).is_some_and(|own| own == labels)
        }
        _ => true,
    };
    let mut names = ["label", "given_label"].into_iter();
    names.find(is_free).unwrap_or("logged_label")
}

/// What is known of where samples came from.
fn origins(run: &ExportedRun<'_>) -> Added {
    let each = || run.origins.iter();
    let file: StringArray = each().map(|origin| origin.file.as_deref()).collect();
    let row: Int64Array = each().map(|origin| origin.row).collect();
    let id = ids(each().map(|origin| origin.id.clone()).collect());
    let all: Added = vec![(FILE, Arc::new(file)), (ROW, Arc::new(row)), (ID, id)];
    let is_known = |(_, column): &(&str, ArrayRef)| column.null_count() < column.len();
    all.into_iter().filter(is_known).collect()
}

/// Ids as integers, where all of them are.
fn ids(ids: Vec<Option<SampleId>>) -> ArrayRef {
    let number = |id: &Option<SampleId>| match id {
        Some(SampleId::Integer(id)) => Some(*id),
        Some(SampleId::Text(_)) | None => None,
    };
    let is_text = |id: &Option<SampleId>| matches!(id, Some(SampleId::Text(_)));
    let text = |id: &Option<SampleId>| id.as_ref().map(ToString::to_string);
    match ids.iter().any(is_text) {
        true => Arc::new(ids.iter().map(text).collect::<StringArray>()),
        false => Arc::new(ids.iter().map(number).collect::<Int64Array>()),
    }
}
