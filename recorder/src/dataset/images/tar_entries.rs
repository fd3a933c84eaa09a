//! Encoded images in tar files, read in order, or some of them in any order. An entry of a tar file lies in one
//! piece, so that its place and length are all that is needed to read it again.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;

use logformat::{check_file_memory, open_regular};
use rayon::prelude::*;

use crate::dataset::files::finding::read_error;
use crate::dataset::images::decoders::{self, CHUNK, Chunk};
use crate::error::dataset::{DatasetError, ImagePlace};

/// What an image may take where nothing else is set.
const USUAL_IMAGE_BYTES: u64 = 1 << 30;

/// An image in one of the files.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TarEntry {
    /// Which file.
    pub shard: u32,
    pub name: String,
    pub offset: u64,
    pub length: u64,
}

/// The images of several tar files, one file after the other.
#[derive(Debug, Default)]
pub(crate) struct TarEntries {
    pub shards: Vec<PathBuf>,
    pub entries: Vec<TarEntry>,
}

impl TarEntries {
    pub(crate) fn send_all(&self, sender: &SyncSender<Chunk>) -> Result<(), DatasetError> {
        let of_shards = self.entries.chunk_by(|one, next| one.shard == next.shard);
        for entries in of_shards {
            for entries in entries.chunks(CHUNK) {
                let entries: Vec<&TarEntry> = entries.iter().collect();
                let images = self.read_shard(&entries)?.into_iter().map(Ok);
                if sender.send(images.collect()).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Reads these rows, in any order; the files that have some in parallel, each in the order of its entries.
    pub(crate) fn read(&self, rows: &[usize]) -> Result<Vec<Vec<u8>>, DatasetError> {
        let mut sorted = rows.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let shards: Vec<&[usize]> = sorted
            .chunk_by(|&one, &next| self.entries[one].shard == self.entries[next].shard)
            .collect();
        let read: Vec<Result<Vec<Vec<u8>>, DatasetError>> = decoders::run(|| {
            let shards = shards.par_iter().map(|rows| {
                let entries: Vec<&TarEntry> = rows.iter().map(|&row| &self.entries[row]).collect();
                self.read_shard(&entries)
            });
            shards.collect()
        });
        let mut images = Vec::with_capacity(sorted.len());
        for shard in read {
            images.extend(shard?);
        }
        let image = |row: &usize| {
            let at = sorted.partition_point(|other| other < row);
            images[at].clone()
        };
        Ok(rows.iter().map(image).collect())
    }

    /// Entries of one file, ascending.
    fn read_shard(&self, entries: &[&TarEntry]) -> Result<Vec<Vec<u8>>, DatasetError> {
        let Some(first) = entries.first() else {
            return Ok(Vec::new());
        };
        let path = &self.shards[first.shard as usize];
        let read = || -> io::Result<Vec<Vec<u8>>> {
            let mut file = open_regular(path)?;
            let mut images = Vec::with_capacity(entries.len());
            for entry in entries {
                file.seek(SeekFrom::Start(entry.offset))?;
                check_file_memory(entry.length, USUAL_IMAGE_BYTES).map_err(|reason| {
                    io::Error::other(format!("{} in it: {reason}", entry.name))
                })?;
                let mut image = Vec::new();
                (&file).take(entry.length).read_to_end(&mut image)?;
                images.push(image);
            }
            Ok(images)
        };
        read().map_err(|error| read_error(path, error))
    }

    pub(crate) fn place(&self, row: usize) -> ImagePlace {
        ImagePlace::File(self.path(row))
    }

    /// As if the tar file were a folder.
    pub(crate) fn path(&self, row: usize) -> PathBuf {
        let entry = &self.entries[row];
        self.shards[entry.shard as usize].join(&entry.name)
    }

    /// Which of the images of its tar file a row is, from 0.
    pub(crate) fn row_in_shard(&self, row: usize) -> u64 {
        let shard = self.entries[row].shard;
        let before = self.entries.partition_point(|entry| entry.shard < shard);
        (row - before) as u64
    }
}
