//! Writes one epoch of one pass to one Parquet file: complete or not at all.
//!
//! Encodings are chosen by measurement and explained in `FORMAT.md`: floats PLAIN and uncompressed,
//! because compression saves an eighth and costs a multiple in reading; labels dictionary-coded.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float32Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, ParquetMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::error::LogError;
use crate::schema::column::Column;
use crate::schema::file_checksums::{ChunkChecksums, SMALL_FILE_BYTES};
use crate::schema::metadata::{MODEL_KEY, RunDescription};
use crate::write::epoch_rows::{EpochColumns, EpochRows};
use crate::write::logits_column::{LogitsColumn, check_range};
use crate::write::samples::int32;
use crate::write::whole_file::WholeFile;

/// A row group of about this many bytes is large enough to read fast and small enough to hold.
const ROW_GROUP_BYTES: usize = 64 << 20;

/// What was written: enough to notice later that a file was damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    pub(crate) crc32: u32,
    /// Of a large log, by column and row group.
    pub(crate) chunks: ChunkChecksums,
}

/// Writes the epochs of one run, each to a file of its own.
#[derive(Debug, Clone)]
pub struct EpochWriter {
    run: String,
    description: RunDescription,
    logits_column: LogitsColumn,
    /// Whose held-out logits these are; `None` for the epochs of a log.
    model: Option<String>,
}

impl EpochWriter {
    /// A writer for the run of this name.
    pub fn new(run: &str, description: RunDescription, logits_column: LogitsColumn) -> Self {
        Self {
            run: run.to_owned(),
            description,
            logits_column,
            model: None,
        }
    }

    /// The same for the held-out logits of `model`: always with all of them, since they are what it is for.
    pub(crate) fn of_model(&self, model: &str) -> Self {
        Self {
            logits_column: LogitsColumn::Float32,
            model: Some(model.to_owned()),
            ..self.clone()
        }
    }

    /// Writes `epoch` of the 1-based `pass` to `path`.
    ///
    /// The file is written under a temporary name beside its place, synced and then renamed, so
    /// that it is there completely or not at all.
    ///
    /// # Errors
    /// [`LogError::Record`] where a sample is missing, [`LogError::FileExists`] where `path` is
    /// taken, [`LogError::Write`] and [`LogError::Encode`] where writing fails.
    pub fn write(
        &self,
        path: &Path,
        pass: u32,
        epoch: impl Into<EpochRows>,
    ) -> Result<(), LogError> {
        self.write_counted(path, pass, epoch.into()).map(|_| ())
    }

    pub(crate) fn write_counted(
        &self,
        path: &Path,
        pass: u32,
        epoch: EpochRows,
    ) -> Result<Written, LogError> {
        let epoch_number = epoch.epoch();
        let columns = epoch.into_columns()?;
        if self.logits_column == LogitsColumn::Float16 {
            check_range(&columns)?;
        }
        let logit_count = columns.samples.logit_count();
        let batch = self
            .record_batch(pass, epoch_number, columns)
            .map_err(|error| LogError::Encode {
                path: path.to_owned(),
                source: error.into(),
            })?;
        let (written, metadata) = write_new_file(path, |sink| {
            let properties = self.properties(&batch, logit_count);
            let mut writer = ArrowWriter::try_new(sink, batch.schema(), Some(properties))?;
            writer.write(&batch)?;
            writer.close()
        })?;
        written.with_chunk_checksums(path, &metadata)
    }

    fn record_batch(
        &self,
        pass: u32,
        epoch: u32,
        of_epoch: EpochColumns,
    ) -> Result<RecordBatch, ArrowError> {
        let rows = of_epoch.samples.len();
        let width = of_epoch.samples.logit_count();
        let run_names: ArrayRef = Arc::new(StringArray::from(vec![self.run.as_str()]));
        let run = DictionaryArray::<Int32Type>::try_new(vec![0; rows].into(), run_names)?;
        let mut columns: Vec<(Column, ArrayRef)> = vec![
            (Column::Run, Arc::new(run)),
            (Column::Pass, int32(&vec![pass; rows])),
            (Column::Epoch, int32(&vec![epoch; rows])),
        ];
        columns.extend(of_epoch.samples.columns().iter().cloned());
        let margins = Float32Array::from(of_epoch.margins);
        columns.push((Column::Margin, Arc::new(margins)));
        let rivals = of_epoch.rival_labels;
        columns.extend(rivals.map(|rivals| (Column::RivalLabel, int32(&rivals))));
        if let Some(logits) = of_epoch.logits {
            let lists = self.logits_column.lists(logits, width)?;
            columns.extend(lists.map(|lists| (Column::Logits, lists)));
        }
        let fields: Vec<Field> = columns
            .iter()
            .map(|(column, array)| {
                let nullable = matches!(column, Column::TrueLabel | Column::IsMislabeled);
                Field::new(column.name(), array.data_type().clone(), nullable)
            })
            .collect();
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
    }

    fn properties(&self, batch: &RecordBatch, logit_count: usize) -> WriterProperties {
        let flat_bytes = 8 * batch.num_columns();
        let row_group_rows = ROW_GROUP_BYTES / (flat_bytes + 4 * logit_count);
        let mut pairs = self.description.to_key_values();
        let model = self.model.clone();
        pairs.extend(model.map(|model| KeyValue::new(MODEL_KEY.to_owned(), model)));
        let mut properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_created_by(concat!("aum logformat ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::UNCOMPRESSED)
            .set_dictionary_enabled(false)
            .set_encoding(Encoding::PLAIN)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_max_row_group_row_count(Some(row_group_rows.max(1)))
            .set_key_value_metadata(Some(pairs));
        // Few distinct values: a dictionary makes them cost next to nothing, and statistics let an
        // engine skip the files of other passes and epochs.
        for column in [
            Column::Run,
            Column::Pass,
            Column::Epoch,
            Column::AssignedLabel,
            Column::GivenLabel,
            Column::TrueLabel,
            Column::RivalLabel,
        ] {
            properties = properties
                .set_column_dictionary_enabled(path_of(column), true)
                .set_column_statistics_enabled(path_of(column), EnabledStatistics::Chunk);
        }
        properties =
            properties.set_column_encoding(path_of(Column::IsThresholdSample), Encoding::RLE);
        // Ascending integers: the differences take a byte or less.
        if batch
            .column_by_name(Column::SampleId.name())
            .is_some_and(|ids| *ids.data_type() == DataType::Int64)
        {
            let ids = path_of(Column::SampleId);
            properties = properties.set_column_encoding(ids, Encoding::DELTA_BINARY_PACKED);
        }
        properties.build()
    }
}

fn path_of(column: Column) -> ColumnPath {
    ColumnPath::new(vec![column.name().to_owned()])
}

/// Creates `path` with what `fill` writes: completely, or not at all, and never over a file that
/// is there.
pub(crate) fn write_new_file<T>(
    path: &Path,
    fill: impl FnOnce(&mut CountingSink) -> Result<T, ParquetError>,
) -> Result<(Written, T), LogError> {
    if path.exists() {
        return Err(LogError::FileExists {
            path: path.to_owned(),
        });
    }
    let failed = |source| LogError::Write {
        path: path.to_owned(),
        source,
    };
    let file = WholeFile::create(path).map_err(failed)?;
    let mut sink = CountingSink::new(file.as_file().try_clone().map_err(failed)?);
    let filled = fill(&mut sink).map_err(|error| encode_error(path, error))?;
    let written = sink.finish().map_err(failed)?;
    file.keep().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => LogError::FileExists {
            path: path.to_owned(),
        },
        _ => failed(error),
    })?;
    Ok((written, filled))
}

impl Written {
    /// With the checksums of its column chunks where the file is large.
    pub(crate) fn with_chunk_checksums(
        self,
        path: &Path,
        metadata: &ParquetMetaData,
    ) -> Result<Self, LogError> {
        if self.bytes <= SMALL_FILE_BYTES {
            return Ok(self);
        }
        let chunks = File::open(path).and_then(|file| chunk_checksums(file, metadata));
        let failed = |source| LogError::Write {
            path: path.to_owned(),
            source,
        };
        Ok(Self {
            chunks: chunks.map_err(failed)?,
            ..self
        })
    }
}

/// Of each column chunk of a file that was just written.
fn chunk_checksums(mut file: File, metadata: &ParquetMetaData) -> io::Result<ChunkChecksums> {
    let mut checksums = ChunkChecksums::new();
    let mut piece = vec![0; 1 << 20];
    for (group, row_group) in metadata.row_groups().iter().enumerate() {
        for chunk in row_group.columns() {
            let (start, length) = chunk.byte_range();
            let (mut hasher, mut left) = (crc32fast::Hasher::new(), length as usize);
            file.seek(SeekFrom::Start(start))?;
            while left > 0 {
                let part = left.min(piece.len());
                file.read_exact(&mut piece[..part])?;
                hasher.update(&piece[..part]);
                left -= part;
            }
            let column = chunk.column_path().string();
            checksums.insert((column, group), hasher.finalize());
        }
    }
    Ok(checksums)
}

/// A full disk is an I/O error even where it reaches us through the encoder.
fn encode_error(path: &Path, error: ParquetError) -> LogError {
    let path = path.to_owned();
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => LogError::Write {
                path,
                source: *source,
            },
            Err(source) => LogError::Encode {
                path,
                source: ParquetError::External(source),
            },
        },
        source => LogError::Encode { path, source },
    }
}

/// Counts and checksums the bytes on their way to the file.
pub(crate) struct CountingSink {
    file: BufWriter<File>,
    bytes: u64,
    hasher: crc32fast::Hasher,
}

impl CountingSink {
    fn new(file: File) -> Self {
        Self {
            file: BufWriter::with_capacity(1 << 20, file),
            bytes: 0,
            hasher: crc32fast::Hasher::new(),
        }
    }

    fn finish(mut self) -> io::Result<Written> {
        self.file.flush()?;
        Ok(Written {
            bytes: self.bytes,
            crc32: self.hasher.finalize(),
            chunks: ChunkChecksums::new(),
        })
    }
}

impl Write for CountingSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.bytes += count as u64;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
