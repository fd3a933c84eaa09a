//! Parquet files as somebody else's program writes them.

use std::fs;
use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

/// A file of these columns, as most programs write it.
pub fn write_parquet<Name: AsRef<str>>(path: &Path, columns: Vec<(Name, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    fs::write(path, parquet_bytes(&batch, None)).unwrap();
}

/// The same, where the numbers of the column `label` are indices among `names`, as the `datasets` library writes it.
pub fn write_hub_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>, label: &str, names: &[&str]) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    let told = format!(
        r#"{{"info": {{"features": {{"{label}": {{"names": [{}], "_type": "ClassLabel"}}}}}}}}"#,
        names.join(",")
    );
    let pair = KeyValue::new("huggingface".to_owned(), told);
    let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![pair]));
    fs::write(path, parquet_bytes(&batch, Some(properties.build()))).unwrap();
}

/// The bytes of a file of these rows.
pub fn parquet_bytes(rows: &RecordBatch, properties: Option<WriterProperties>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), properties).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
    bytes
}
