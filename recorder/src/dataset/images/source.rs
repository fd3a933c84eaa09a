//! Where encoded images lie: a file each, rows of Parquet files, or entries of tar files. They are read in order, once, and
//! then one by one in any order.

use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

use rayon::prelude::*;

use crate::dataset::files::finding::read_whole;
use crate::dataset::images::decoders;
use crate::dataset::images::decoders::{CHUNK, Chunk};
use crate::dataset::images::parquet_rows::ParquetRows;
use crate::dataset::images::tar_entries::TarEntries;
use crate::error::dataset::{DatasetError, ImagePlace};
use crate::error::layout::LayoutError;

/// Encoded images on the disk.
#[derive(Debug)]
pub(crate) enum EncodedSource {
    Files(Vec<PathBuf>),
    ParquetRows(ParquetRows),
    TarEntries(TarEntries),
}

impl EncodedSource {
    /// Sends all images in order. Ends early, without an error, where nobody wants any more.
    pub(crate) fn send_all(&self, sender: &SyncSender<Chunk>) -> Result<(), DatasetError> {
        match self {
            EncodedSource::Files(paths) => {
                for paths in paths.chunks(CHUNK) {
                    let read = || paths.par_iter().map(|path| read_file(path)).collect();
                    if sender.send(decoders::run(read)).is_err() {
                        break;
                    }
                }
                Ok(())
            }
            EncodedSource::ParquetRows(rows) => rows.send_all(sender),
            EncodedSource::TarEntries(entries) => entries.send_all(sender),
        }
    }

    /// Reads some images.
    pub(crate) fn read(&self, rows: &[usize]) -> Result<Vec<Vec<u8>>, DatasetError> {
        match self {
            EncodedSource::Files(paths) => rows.iter().map(|&row| read_file(&paths[row])).collect(),
            EncodedSource::ParquetRows(parquet) => parquet.read(rows),
            EncodedSource::TarEntries(entries) => entries.read(rows),
        }
    }

    /// Whether reading many images together is cheaper than one by one.
    pub(crate) fn is_read_together(&self) -> bool {
        !matches!(self, EncodedSource::Files(_))
    }

    pub(crate) fn place(&self, row: usize) -> ImagePlace {
        match self {
            EncodedSource::Files(paths) => ImagePlace::File(paths[row].clone()),
            EncodedSource::ParquetRows(rows) => rows.place(row),
            EncodedSource::TarEntries(entries) => entries.place(row),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            EncodedSource::Files(paths) => paths.len(),
            EncodedSource::ParquetRows(rows) => rows.len(),
            EncodedSource::TarEntries(entries) => entries.entries.len(),
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, DatasetError> {
    read_whole(path).map_err(|error| match path.is_symlink() && !path.exists() {
        true => DatasetError::from(LayoutError::DeadLink {
            path: path.to_owned(),
        }),
        false => error,
    })
}
