//! Logs to look at: a run of three samples by our writer, and files by others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, ListBuilder};
use arrow_array::{ArrayRef, Float32Array, Int8Array, Int32Array, RecordBatch, UInt64Array};
use logformat::{
    EpochLogits, EpochReader, ExistingRun, LogError, LogitsColumn, PassSamples, RowBatch,
    RunDescription, RunWriter, SampleRow,
};
use parquet::file::properties::WriterProperties;
use serde_json::json;
use tempfile::TempDir;
use tests::parquet_file::parquet_bytes;

pub(crate) const LOGITS: [[f32; 3]; 3] = [[2.0, 0.5, -1.0], [0.0, 1.0, 4.0], [-0.5, 0.25, 0.0]];

pub(crate) fn three_samples() -> Arc<PassSamples> {
    let row = |id: i64, assigned_label, given_label, true_label| SampleRow {
        sample_id: id.into(),
        assigned_label,
        given_label,
        true_label,
        is_threshold_sample: assigned_label != given_label,
    };
    let rows = vec![
        row(0, 0, 0, Some(0)),
        row(1, 1, 1, None),
        row(2, 2, 0, Some(1)),
    ];
    Arc::new(PassSamples::new(rows, 3).unwrap())
}

pub(crate) fn description() -> RunDescription {
    RunDescription {
        class_names: vec!["cat".to_owned(), "dog".to_owned()],
        configuration: json!({"seed": 3, "learning_rate_drops": [5]}),
    }
}

pub(crate) fn epoch(number: u32) -> EpochLogits {
    let mut epoch = EpochLogits::new(three_samples(), number);
    for sample in [2, 0, 1] {
        epoch.record(sample, &LOGITS[sample]).unwrap();
    }
    epoch
}

pub(crate) fn start(folder: &Path, existing: ExistingRun) -> Result<RunWriter, LogError> {
    RunWriter::create(
        folder,
        "pets",
        description(),
        LogitsColumn::Float32,
        existing,
    )
}

/// Logs one pass of `epochs` epochs and returns its files.
pub(crate) fn log(folder: &Path, epochs: u32) -> Vec<PathBuf> {
    let mut log = start(folder, ExistingRun::Refuse).unwrap();
    for number in 1..=epochs {
        let metrics = BTreeMap::from([("test_accuracy".to_owned(), 0.5)]);
        log.write(1, epoch(number), metrics).unwrap();
    }
    log.finish().unwrap()
}

pub(crate) fn read(path: &Path) -> Result<RowBatch, LogError> {
    let mut batches = EpochReader::open(path)?.rows()?;
    let batch = batches.next().unwrap()?;
    assert!(batches.next().is_none());
    Ok(batch)
}

/// Nullable, as most libraries write every column.
pub(crate) fn foreign(
    folder: &TempDir,
    columns: Vec<(&str, ArrayRef)>,
    properties: WriterProperties,
) -> PathBuf {
    let path = folder.path().join("foreign.parquet");
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let rows = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    fs::write(&path, parquet_bytes(&rows, Some(properties))).unwrap();
    path
}

pub(crate) fn read_foreign(columns: Vec<(&str, ArrayRef)>) -> Result<RowBatch, LogError> {
    let folder = TempDir::new().unwrap();
    read(&foreign(&folder, columns, WriterProperties::new()))
}

pub(crate) fn minimal() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("epoch", Arc::new(Int32Array::from(vec![1, 1]))),
        ("sample_id", Arc::new(UInt64Array::from(vec![7, 8]))),
        ("assigned_label", Arc::new(Int8Array::from(vec![0, 1]))),
        ("margin", Arc::new(Float32Array::from(vec![0.5, -0.5]))),
    ]
}

pub(crate) fn with(name: &'static str, array: ArrayRef) -> Vec<(&'static str, ArrayRef)> {
    let mut columns = minimal();
    columns.retain(|(other, _)| *other != name);
    columns.push((name, array));
    columns
}

pub(crate) fn without(name: &str) -> Vec<(&'static str, ArrayRef)> {
    let mut columns = minimal();
    columns.retain(|(other, _)| *other != name);
    columns
}

pub(crate) fn float32_lists(rows: &[&[f32]]) -> ArrayRef {
    let mut lists = ListBuilder::new(Float32Builder::new());
    for row in rows {
        lists.append_value(row.iter().map(|&value| Some(value)));
    }
    Arc::new(lists.finish())
}
