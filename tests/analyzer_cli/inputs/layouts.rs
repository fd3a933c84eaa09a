//! The same rows of two passes, in files of every layout.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, Int32Array, Int64Array, RecordBatch};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;
use tests::parquet_file::parquet_bytes;

const SAMPLES: i64 = 40;
const EPOCHS: i32 = 12;
/// The extra class.
const CLASSES: i32 = 3;

#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) pass: i32,
    pub(crate) epoch: i32,
    pub(crate) sample: i64,
}

impl Row {
    /// Any numbers, of very different sizes, so that the order in which they are added up shows.
    fn margin(self) -> f32 {
        let number = f64::from(self.pass * 7919 + self.epoch * 104_729) + self.sample as f64 * 0.37;
        ((number.sin() * 9.0).exp() * number.cos()) as f32
    }

    fn is_threshold_sample(self) -> bool {
        self.sample % 8 == i64::from(self.pass)
    }
}

/// Two passes, in the order of pass, epoch and sample; sample 5 misses some epochs, and sample 6 begins
/// late.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for pass in 1..=2 {
        for epoch in 1..=EPOCHS {
            let samples = (0..SAMPLES).map(|sample| Row {
                pass,
                epoch,
                sample,
            });
            let is_there =
                |row: &Row| !(row.sample == 5 && epoch % 3 == 0 || row.sample == 6 && epoch < 4);
            rows.extend(samples.filter(is_there));
        }
    }
    rows
}

fn write(path: &Path, rows: &[Row]) {
    write_with_drop(path, rows, None);
}

/// With the epoch at which the learning rate drops, in what the file says of its run.
pub(crate) fn write_with_drop(path: &Path, rows: &[Row], drop: Option<i32>) {
    let column = |of: &dyn Fn(&Row) -> i32| -> ArrayRef {
        Arc::new(Int32Array::from_iter_values(rows.iter().map(of)))
    };
    let given = |row: &Row| (row.sample % 3) as i32;
    let assigned = |row: &Row| {
        if row.is_threshold_sample() {
            CLASSES
        } else {
            given(row)
        }
    };
    let marks: Vec<bool> = rows.iter().map(|row| row.is_threshold_sample()).collect();
    let ids = rows.iter().map(|row| row.sample);
    let margins = rows.iter().map(|row| row.margin());
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("pass", column(&|row| row.pass)),
        ("epoch", column(&|row| row.epoch)),
        ("sample_id", Arc::new(Int64Array::from_iter_values(ids))),
        ("assigned_label", column(&assigned)),
        ("given_label", column(&given)),
        ("is_threshold_sample", Arc::new(BooleanArray::from(marks))),
        ("margin", Arc::new(Float32Array::from_iter_values(margins))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let says = drop.map(|epoch| {
        let run = format!(r#"{{"learning_rate_drops": [{epoch}]}}"#);
        vec![KeyValue::new("aum.run".to_owned(), run)]
    });
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(100))
        .set_key_value_metadata(says);
    fs::write(path, parquet_bytes(&batch, Some(properties.build()))).unwrap();
}

/// The rows in a file for each of their names.
pub(crate) fn logs(name: impl Fn(&Row) -> String, rows: &[Row]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut files = BTreeMap::<String, Vec<Row>>::new();
    for row in rows {
        files.entry(name(row)).or_default().push(*row);
    }
    for (name, rows) in files {
        write(&folder.path().join(name), &rows);
    }
    folder
}

/// Layouts of the same rows whose epochs come one after the other in every pass.
pub(crate) fn in_order() -> Vec<(&'static str, TempDir)> {
    let rows = rows();
    let epoch = |row: &Row| format!("p{}-e{:02}.parquet", row.pass, row.epoch);
    let shard = |row: &Row| format!("e{:02}-rank{}.parquet", row.epoch, row.sample % 3);
    let mut by_epoch = rows.clone();
    by_epoch.sort_by_key(|row| row.epoch);
    vec![
        ("a file per epoch", logs(epoch, &rows)),
        ("shards", logs(shard, &rows)),
        ("one file", logs(|_| "all.parquet".to_owned(), &rows)),
        (
            "passes mixed",
            logs(|_| "all.parquet".to_owned(), &by_epoch),
        ),
    ]
}

/// Epoch 10 before epoch 2, by name.
pub(crate) fn without_leading_zeros() -> TempDir {
    logs(|row| format!("e{}.parquet", row.epoch), &rows())
}

pub(crate) fn shuffled() -> TempDir {
    let mut rows = rows();
    rows.sort_by_key(|row| (row.sample * 31 + i64::from(row.epoch) * 17) % 101);
    logs(|_| "all.parquet".to_owned(), &rows)
}

/// By pass and epoch, as the recorder names its files.
pub(crate) fn by_epoch() -> TempDir {
    logs(
        |row| format!("p{}-e{:02}.parquet", row.pass, row.epoch),
        &rows(),
    )
}

pub(crate) fn word(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}
