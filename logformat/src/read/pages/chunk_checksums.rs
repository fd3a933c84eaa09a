//! Checksums of what is read of a file, as it is read: of each column chunk that a reader looks at. Whoever
//! has the record of the run compares them, since nobody else notices a flipped byte in a page of floats.

use std::fs::File;
use std::io::{BufReader, Error};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use crc32fast::Hasher;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};

use crate::read::pages::group_bytes::read_at;
use crate::schema::file_checksums::ChunkChecksums;

/// Where checksums come together.
#[derive(Debug, Default)]
pub(crate) struct ChunkSums(Mutex<ChunkChecksums>);

impl ChunkSums {
    pub(crate) fn add(&self, chunk: &ColumnChunkMetaData, group: usize, checksum: u32) {
        let column = chunk.column_path().string();
        self.all().insert((column, group), checksum);
    }

    pub(crate) fn all(&self) -> std::sync::MutexGuard<'_, ChunkChecksums> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The checksum of a column chunk, read from the file piece by piece.
pub(crate) fn checksum_in(file: &File, chunk: &ColumnChunkMetaData) -> Option<u32> {
    const PIECE: u64 = 1 << 20;
    let (start, length) = chunk.byte_range();
    let mut hasher = Hasher::new();
    for piece in (0..length).step_by(PIECE as usize) {
        hasher.update(&read_at(file, start + piece, PIECE.min(length - piece))?);
    }
    Some(hasher.finalize())
}

/// A file of which one column chunk is read in order, page by page.
pub(crate) struct HashedChunk {
    file: Arc<File>,
    end: u64,
    is_hashed: bool,
    /// The first byte that was not hashed.
    hashed: Mutex<(u64, Hasher)>,
}

impl HashedChunk {
    pub(crate) fn new(file: &Arc<File>, chunk: &ColumnChunkMetaData, is_hashed: bool) -> Self {
        let (start, length) = chunk.byte_range();
        Self {
            file: Arc::clone(file),
            end: start + length,
            is_hashed,
            hashed: Mutex::new((start, Hasher::new())),
        }
    }

    /// The checksum, where all of the chunk was read.
    pub(crate) fn checksum(&self) -> Option<u32> {
        let hashed = self.hashed.lock().unwrap_or_else(PoisonError::into_inner);
        (hashed.0 == self.end).then(|| hashed.1.clone().finalize())
    }

    fn read(&self, start: u64, length: u64) -> ParquetResult<Bytes> {
        let bytes = read_at(&self.file, start, length);
        bytes.ok_or_else(|| ParquetError::External(Box::new(Error::other("it ends early"))))
    }
}

impl Length for HashedChunk {
    fn len(&self) -> u64 {
        Length::len(self.file.as_ref())
    }
}

impl ChunkReader for HashedChunk {
    type T = BufReader<File>;

    /// For the header of a page, which is hashed with its page.
    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        self.file.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let bytes = self.read(start, length as u64)?;
        let mut hashed = self.hashed.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, hasher) = &mut *hashed;
        if self.is_hashed && *next <= start {
            hasher.update(&self.read(*next, start - *next)?);
            hasher.update(&bytes);
            *next = start + length as u64;
        }
        Ok(bytes)
    }
}
