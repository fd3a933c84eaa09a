//! Encoded images in a column of Parquet files, read in order, or some rows in any order.
//!
//! Parquet has no direct way to a row: its page is found by the headers of those before it in the row
//! group (or by the file's page index), and decompressed as a whole. A page has about a megabyte, which
//! hundreds of small images fill. So many rows are read together, and each page for all of them once.

use std::fs::File;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use rayon::prelude::*;

use crate::dataset::files::finding::read_whole;
use crate::dataset::files::parquet_file::failed;
use crate::dataset::images::decoders;
use crate::dataset::images::decoders::{CHUNK, Chunk};
use crate::error::dataset::{DatasetError, ImagePlace};
use crate::error::layout::LayoutError;

/// The rows of several files, one after the other.
#[derive(Debug, Default)]
pub(crate) struct ParquetRows {
    files: Vec<ImageFile>,
}

/// One file, and which rows are in it.
#[derive(Debug)]
struct ImageFile {
    path: PathBuf,
    column: String,
    /// Where images lie that the column only holds the paths of.
    root: PathBuf,
    metadata: ArrowReaderMetadata,
    /// The first row of each row group, and the count of all rows.
    row_groups: Vec<usize>,
    /// Rows of the files before it.
    rows_before: usize,
}

impl ParquetRows {
    /// Puts the rows of another file behind.
    pub(crate) fn push(
        &mut self,
        path: PathBuf,
        column: String,
        metadata: ArrowReaderMetadata,
        root: PathBuf,
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
            root,
            metadata,
            row_groups,
            rows_before: self.len(),
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.files
            .last()
            .map_or(0, |file| file.rows_before + file.len())
    }

    pub(crate) fn send_all(&self, sender: &SyncSender<Chunk>) -> Result<(), DatasetError> {
        for file in &self.files {
            let mut row = 0;
            for batch in file.reader(None)? {
                let batch = batch.map_err(|error| failed(&file.path, &error))?;
                let images = file.images(&batch, |at| row + at)?;
                row += images.len();
                if sender.send(images).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Reads these rows, each of them once, in any order; the row groups that have some in parallel.
    pub(crate) fn read(&self, rows: &[usize]) -> Result<Vec<Vec<u8>>, DatasetError> {
        let mut sorted = rows.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let groups: Vec<&[usize]> = sorted
            .chunk_by(|&one, &next| self.row_group(one) == self.row_group(next))
            .collect();
        let read: Vec<Result<Vec<Vec<u8>>, DatasetError>> = decoders::run(|| {
            let groups = groups.par_iter();
            groups.map(|rows| self.read_row_group(rows)).collect()
        });
        let mut images = Vec::with_capacity(sorted.len());
        for group in read {
            images.extend(group?);
        }
        let image = |row: &usize| {
            let at = sorted.partition_point(|other| other < row);
            std::mem::take(&mut images[at])
        };
        Ok(rows.iter().map(image).collect())
    }

    /// The file of a row, and its row group there.
    fn row_group(&self, row: usize) -> (usize, usize) {
        let (file, row) = self.find(row);
        (file.rows_before, file.row_group(row))
    }

    /// Rows of one row group, ascending.
    fn read_row_group(&self, rows: &[usize]) -> Result<Vec<Vec<u8>>, DatasetError> {
        let Some(&first) = rows.first() else {
            return Ok(Vec::new());
        };
        let (file, first) = self.find(first);
        let rows: Vec<usize> = rows.iter().map(|row| row - file.rows_before).collect();
        let mut images = Vec::with_capacity(rows.len());
        for batch in file.reader(Some(&rows))? {
            let batch = batch.map_err(|error| failed(&file.path, &error))?;
            let before = images.len();
            for image in
                file.images(&batch, |at| rows.get(before + at).copied().unwrap_or(first))?
            {
                images.push(image?);
            }
        }
        match images.len() == rows.len() {
            true => Ok(images),
            false => Err(file.damaged(format!("row {first} or one after it cannot be read"))),
        }
    }

    pub(crate) fn place(&self, row: usize) -> ImagePlace {
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

    fn row_group(&self, row: usize) -> usize {
        self.row_groups.partition_point(|&first| first <= row) - 1
    }

    /// Reads the column of images: of all rows, or of some of one row group, ascending.
    fn reader(&self, rows: Option<&[usize]>) -> Result<ParquetRecordBatchReader, DatasetError> {
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
        let builder = match rows {
            Some([first, ..]) => {
                let row_group = self.row_group(*first);
                builder
                    .with_row_groups(vec![row_group])
                    .with_row_selection(self.selection(rows.unwrap_or_default(), row_group))
            }
            _ => builder,
        };
        let builder = builder.with_batch_size(CHUNK);
        builder.build().map_err(|error| failed(&self.path, &error))
    }

    /// These rows of the row group, and none of the others.
    fn selection(&self, rows: &[usize], row_group: usize) -> RowSelection {
        let mut next = self.row_groups[row_group];
        let mut selectors = Vec::with_capacity(2 * rows.len());
        for &row in rows {
            selectors.push(RowSelector::skip(row - next));
            selectors.push(RowSelector::select(1));
            next = row + 1;
        }
        RowSelection::from(selectors)
    }

    /// The images of a batch, whose rows have these numbers in the file.
    fn images(
        &self,
        batch: &RecordBatch,
        row_number: impl Fn(usize) -> usize,
    ) -> Result<Chunk, DatasetError> {
        let gone = || self.damaged(format!("its column {} cannot be read", self.column));
        let images: &ArrayRef = batch.column_by_name(&self.column).ok_or_else(gone)?;
        let (bytes, paths) = match images.as_struct_opt() {
            Some(images) => (
                images.column_by_name("bytes"),
                images.column_by_name("path"),
            ),
            None if images.data_type() == &DataType::Utf8 => (None, Some(images)),
            None => (Some(images), None),
        };
        let bytes = bytes.and_then(|bytes| bytes.as_binary_opt::<i32>());
        let paths = paths.and_then(|paths| paths.as_string_opt::<i32>());
        if bytes.is_none() && paths.is_none() {
            return Err(gone());
        }
        let image = |row: usize| {
            let bytes = bytes.filter(|bytes| bytes.is_valid(row) && images.is_valid(row));
            let path = paths.filter(|paths| paths.is_valid(row) && images.is_valid(row));
            match (bytes, path) {
                (Some(bytes), _) => Ok(bytes.value(row).to_vec()),
                (None, Some(paths)) => self.read_path(paths.value(row), row_number(row)),
                (None, None) => Err(DatasetError::EmptyCell {
                    path: self.path.clone(),
                    row: row_number(row) as u64,
                    content: "image",
                }),
            }
        };
        Ok((0..images.len()).map(image).collect())
    }

    /// The image that a row only holds the path of.
    fn read_path(&self, image: &str, row: usize) -> Result<Vec<u8>, DatasetError> {
        let path = self.root.join(image);
        if !path.is_file() {
            let place = format!("row {row}");
            let error = LayoutError::no_image_at(&self.path, place, image, &self.root);
            return Err(DatasetError::from(error));
        }
        read_whole(&path)
    }

    fn damaged(&self, reason: String) -> DatasetError {
        DatasetError::Damaged {
            path: self.path.clone(),
            reason,
        }
    }
}
