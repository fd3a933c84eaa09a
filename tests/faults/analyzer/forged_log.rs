//! Logs that claim what they do not hold: a small true log, with numbers in its footer and the headers of
//! its pages changed. Built by the tests, so that no bomb lies in the repository.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, Int32Array, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::{
    ColumnChunkMetaData, ColumnChunkMetaDataBuilder, FileMetaData, ParquetMetaData,
    ParquetMetaDataBuilder, ParquetMetaDataReader, ParquetMetaDataWriter,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

/// Rows of the true log: one epoch of a thousand samples.
pub(crate) const ROWS: i64 = 1000;

/// A log in the plain encoding, a page a column.
pub(crate) fn true_log(epochs: &[i32]) -> Vec<u8> {
    let rows = ROWS as usize;
    let each = |number: i32| Int32Array::from(vec![number; rows * epochs.len()]);
    let epoch = epochs.iter().flat_map(|&epoch| vec![epoch; rows]);
    let ids = epochs.iter().flat_map(|_| 0..ROWS);
    let margins = (0..rows * epochs.len()).map(|row| (row as f32).sin());
    let columns: [(&str, ArrayRef); 4] = [
        ("epoch", Arc::new(Int32Array::from_iter_values(epoch))),
        ("sample_id", Arc::new(Int64Array::from_iter_values(ids))),
        ("assigned_label", Arc::new(each(0))),
        ("margin", Arc::new(Float32Array::from_iter_values(margins))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// The log with another footer: so many rows, and chunks as `change` makes them of what they were.
pub(crate) fn with_footer(
    mut log: Vec<u8>,
    rows: i64,
    change: impl Fn(usize, &ColumnChunkMetaData) -> ColumnChunkMetaDataBuilder,
) -> Vec<u8> {
    let file = bytes::Bytes::from(log.clone());
    let found: ParquetMetaData = ParquetMetaDataReader::new()
        .parse_and_finish(&file)
        .unwrap();
    let old = found.file_metadata();
    let metadata = FileMetaData::new(
        old.version(),
        rows,
        None,
        None,
        old.schema_descr_ptr(),
        None,
    );
    let group = found.row_group(0);
    let chunks = group.columns().iter().enumerate();
    let chunks = chunks.map(|(column, chunk)| change(column, chunk).build().unwrap());
    let group = group.clone().into_builder().set_num_rows(rows);
    let group = group.set_column_metadata(chunks.collect()).build().unwrap();
    let metadata = ParquetMetaDataBuilder::new(metadata);
    let metadata = metadata.set_row_groups(vec![group]).build();
    let footer = u32::from_le_bytes(*log.last_chunk::<8>().unwrap().first_chunk().unwrap());
    log.truncate(log.len() - footer as usize - 8);
    ParquetMetaDataWriter::new(&mut log, &metadata)
        .finish()
        .unwrap();
    log
}

/// The log with one page in place of those of the margins, whose header claims so many bytes.
pub(crate) fn with_page(header: &[u8], page: &[u8], compression: Compression) -> Vec<u8> {
    let mut log = true_log(&[1]);
    let place = log.len() as i64;
    log.extend(header);
    log.extend(page);
    let length = (header.len() + page.len()) as i64;
    // The footer comes anew behind it.
    let true_footer = true_log(&[1]);
    let footer = u32::from_le_bytes(
        *true_footer
            .last_chunk::<8>()
            .unwrap()
            .first_chunk()
            .unwrap(),
    );
    log.extend(&true_footer[true_footer.len() - footer as usize - 8..]);
    with_footer(log, ROWS, |column, chunk| {
        let builder = chunk.clone().into_builder();
        match column {
            3 => builder
                .set_compression(compression)
                .set_data_page_offset(place)
                .set_total_compressed_size(length)
                .set_total_uncompressed_size(length),
            _ => builder,
        }
    })
}

/// A Parquet file with this footer and nothing else.
pub(crate) fn footer_alone(footer: &[u8]) -> Vec<u8> {
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [b"PAR1", footer, &length, b"PAR1"].concat()
}

pub(crate) fn write(folder: &Path, bytes: &[u8]) {
    fs::write(folder.join("log.parquet"), bytes).unwrap();
}
