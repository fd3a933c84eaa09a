//! Parquet files as somebody else's program writes them.

use std::fs;
use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

/// A file of these columns, as most programs write it.
pub fn write_parquet<Name: AsRef<str>>(path: &Path, columns: Vec<(Name, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    fs::write(path, parquet_bytes(&batch, None)).unwrap();
}

/// The bytes of a file of these rows.
pub fn parquet_bytes(rows: &RecordBatch, properties: Option<WriterProperties>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), properties).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
    bytes
}
