//! Encoded images in a column of Parquet files, read in order, or one row by itself.
//!
//! Parquet has no direct way to a row: its page is found by the headers of those before it in the row
//! group (or by the file's page index), and decompressed. A page has about a megabyte, so this suits
//! large images, a few of which fill one; small ones are kept in memory where they fit there.

use std::fs::File;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};

use super::source::{CHUNK, Chunk};
use crate::dataset::DatasetError;
use crate::dataset::error::ImagePlace;
use crate::dataset::parquet_file::failed;

/// The rows of several files, one after the other.
#[derive(Debug, Default)]
pub(in crate::dataset) struct ParquetRows {
    files: Vec<ImageFile>,
}

/// One file, and which rows are in it.
#[derive(Debug)]
struct ImageFile {
    path: PathBuf,
    column: String,
    metadata: ArrowReaderMetadata,
    /// The first row of each row group, and the count of all rows.
    row_groups: Vec<usize>,
    /// Rows of the files before it.
    rows_before: usize,
}

impl ParquetRows {
    /// Puts the rows of another file behind.
    pub(in crate::dataset) fn push(
        &mut self,
        path: PathBuf,
        column: String,
        metadata: ArrowReaderMetadata,
    ) {
        let mut row_groups = vec![0];
        let mut rows = 0;
        for row_group in metadata.metadata().row_groups() {
            rows += row_group.num_rows() as usize;
            row_groups.push(rows);
        }
        self.files.push(ImageFile {
            path,
            column,
            metadata,
            row_groups,
            rows_before: self.len(),
        });
    }

    pub(super) fn len(&self) -> usize {
        self.files
            .last()
            .map_or(0, |file| file.rows_before + file.len())
    }

    pub(super) fn send_all(&self, sender: &SyncSender<Chunk>) -> Result<(), DatasetError> {
        for file in &self.files {
            let mut row = 0;
            for batch in file.reader(None)? {
                let batch = batch.map_err(|error| failed(&file.path, &error))?;
                let images = file.images(&batch, row)?;
                row += images.len();
                if sender.send(images).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    pub(super) fn read(&self, row: usize) -> Result<Vec<u8>, DatasetError> {
        let (file, row) = self.find(row);
        let gone = || file.damaged(format!("row {row} cannot be read"));
        let batch = file.reader(Some(row))?.next().ok_or_else(gone)?;
        let batch = batch.map_err(|error| failed(&file.path, &error))?;
        file.images(&batch, row)?.pop().ok_or_else(gone)?
    }

    pub(super) fn place(&self, row: usize) -> ImagePlace {
        let (file, row) = self.find(row);
        ImagePlace::Row(file.path.clone(), row as u64)
    }

    /// The file of a row, and the row's number in it.
    fn find(&self, row: usize) -> (&ImageFile, usize) {
        let file = self.files.partition_point(|file| file.rows_before <= row) - 1;
        let file = &self.files[file];
        (file, row - file.rows_before)
    }
}

impl ImageFile {
    fn len(&self) -> usize {
        self.row_groups.last().copied().unwrap_or_default()
    }

    /// Reads the column of images: of all rows, or of one alone.
    fn reader(&self, row: Option<usize>) -> Result<ParquetRecordBatchReader, DatasetError> {
        // Opened each time: threads that share an open file share the place in it as well.
        let file = File::open(&self.path).map_err(|source| DatasetError::Read {
            path: self.path.clone(),
            source,
        })?;
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let mut fields = builder.schema().fields().iter();
        let root = fields.position(|field| *field.name() == self.column);
        let mask = ProjectionMask::roots(builder.parquet_schema(), root);
        let builder = builder.with_projection(mask);
        let builder = match row {
            None => builder.with_batch_size(CHUNK),
            Some(row) => {
                let row_group = self.row_groups.partition_point(|&first| first <= row) - 1;
                let before = row - self.row_groups[row_group];
                let selectors = vec![RowSelector::skip(before), RowSelector::select(1)];
                builder
                    .with_batch_size(1)
                    .with_row_groups(vec![row_group])
                    .with_row_selection(RowSelection::from(selectors))
            }
        };
        builder.build().map_err(|error| failed(&self.path, &error))
    }

    fn images(&self, batch: &RecordBatch, first_row: usize) -> Result<Chunk, DatasetError> {
        let gone = || self.damaged(format!("its column {} cannot be read", self.column));
        let images: &ArrayRef = batch.column_by_name(&self.column).ok_or_else(gone)?;
        let bytes = match images.as_struct_opt() {
            Some(images) => images.column_by_name("bytes").ok_or_else(gone)?,
            None => images,
        };
        let bytes = bytes.as_binary_opt::<i32>().ok_or_else(gone)?;
        let image = |row: usize| match bytes.is_valid(row) && images.is_valid(row) {
            true => Ok(bytes.value(row).to_vec()),
            false => Err(DatasetError::EmptyCell {
                path: self.path.clone(),
                row: (first_row + row) as u64,
                content: "image",
            }),
        };
        Ok((0..bytes.len()).map(image).collect())
    }

    fn damaged(&self, reason: String) -> DatasetError {
        DatasetError::Damaged {
            path: self.path.clone(),
            reason,
        }
    }
}
