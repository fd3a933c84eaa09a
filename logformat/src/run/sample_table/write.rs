//! Writes a sample table: completely or not at all, batch by batch, since the pictures of a large set
//! are many.

use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BinaryArray, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::error::LogError;
use crate::run::sample_table::{SampleEntry, column};
use crate::schema::metadata::RunDescription;
use crate::schema::sample_id::SampleId;
use crate::write::writer::{Written, write_new_file};

/// Readers want a few samples of many: they skip the pages of the others, and all within a page that
/// they need has to be read.
const PAGE_BYTES: usize = 64 << 10;
const ROWS_PER_GROUP: usize = 65_536;

/// Writes the file `path` with the samples of `batches`; `class_names` go to the footer.
pub(crate) fn write_sample_table(
    path: &Path,
    class_names: &[String],
    batches: impl IntoIterator<Item = Vec<SampleEntry>>,
) -> Result<Written, LogError> {
    let description = RunDescription {
        class_names: class_names.to_vec(),
        ..RunDescription::default()
    };
    let (written, metadata) = write_new_file(path, |sink| {
        let mut batches = batches.into_iter().peekable();
        let first = batches.peek().and_then(|entries| entries.first());
        let schema = schema(first.and_then(|entry| entry.id.as_ref()));
        let properties = Some(properties(&description));
        let mut writer = ArrowWriter::try_new(sink, Arc::clone(&schema), properties)?;
        for entries in batches {
            writer.write(&record_batch(&schema, &entries)?)?;
        }
        writer.close()
    })?;
    written.with_chunk_checksums(path, &metadata)
}

/// With a column of ids like that of the first sample.
fn schema(id: Option<&SampleId>) -> Arc<Schema> {
    let file = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let id = id.map(|id| match id {
        SampleId::Integer(_) => Field::new(column::ID, DataType::Int64, false),
        SampleId::Text(_) => Field::new(column::ID, DataType::Utf8, false),
    });
    let mut fields = vec![
        Field::new(column::SAMPLE_ID, DataType::Int64, false),
        Field::new(column::FILE, file, true),
        Field::new(column::ROW, DataType::Int64, true),
    ];
    fields.extend(id);
    fields.extend([
        Field::new(column::GIVEN_LABEL, DataType::Int32, false),
        Field::new(column::TRUE_LABEL, DataType::Int32, true),
        Field::new(column::PNG, DataType::Binary, true),
    ]);
    Arc::new(Schema::new(fields))
}

/// The ids, of the kind that the schema has; refused by it where a sample has none of that kind.
fn ids(entries: &[SampleEntry], of: &DataType) -> ArrayRef {
    let ids = entries.iter().map(|entry| entry.id.as_ref());
    if *of == DataType::Int64 {
        let integers = ids.map(|id| match id? {
            SampleId::Integer(id) => Some(*id),
            SampleId::Text(_) => None,
        });
        return Arc::new(integers.collect::<Int64Array>());
    }
    let texts = ids.map(|id| match id? {
        SampleId::Integer(_) => None,
        SampleId::Text(id) => Some(id.as_str()),
    });
    Arc::new(texts.collect::<StringArray>())
}

fn record_batch(
    schema: &Arc<Schema>,
    entries: &[SampleEntry],
) -> Result<RecordBatch, ParquetError> {
    let label = |label: u32| label.cast_signed();
    let sample_ids = entries.iter().map(|entry| entry.sample_id);
    let files: DictionaryArray<Int32Type> =
        entries.iter().map(|entry| entry.file.as_deref()).collect();
    let rows: Int64Array = entries
        .iter()
        .map(|entry| entry.row.and_then(|row| i64::try_from(row).ok()))
        .collect();
    let given = entries.iter().map(|entry| label(entry.given_label));
    let truth: Int32Array = entries
        .iter()
        .map(|entry| entry.true_label.map(label))
        .collect();
    let pictures = entries.iter().map(|entry| entry.png.as_deref());
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(sample_ids)),
        Arc::new(files),
        Arc::new(rows),
    ];
    let id = schema.field_with_name(column::ID).ok();
    columns.extend(id.map(|id| ids(entries, id.data_type())));
    columns.extend([
        Arc::new(Int32Array::from_iter_values(given)) as ArrayRef,
        Arc::new(truth),
        Arc::new(BinaryArray::from_iter(pictures)),
    ]);
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

fn properties(description: &RunDescription) -> WriterProperties {
    let path = |name: &str| ColumnPath::new(vec![name.to_owned()]);
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_created_by(concat!("aum logformat ", env!("CARGO_PKG_VERSION")).to_owned())
        // Pictures are compressed already, and the rest is little.
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_data_page_size_limit(PAGE_BYTES)
        // The limit of bytes is looked at once so many rows.
        .set_write_batch_size(16)
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_key_value_metadata(Some(description.to_key_values()));
    for column in [column::FILE, column::GIVEN_LABEL, column::TRUE_LABEL] {
        properties = properties.set_column_dictionary_enabled(path(column), true);
    }
    for column in [column::SAMPLE_ID, column::ROW] {
        properties = properties.set_column_encoding(path(column), Encoding::DELTA_BINARY_PACKED);
    }
    properties.build()
}
