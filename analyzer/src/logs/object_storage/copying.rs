//! Copies objects into a folder of this machine, as far as they are needed: of a log or a sample table, the footer and
//! the columns that will be read, at their places in a file of the same length. In between is nothing, which
//! takes no space, and which no reader that asked for these columns looks at.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use logformat::{FileParts, SMALL_FILE_BYTES, WantedColumns, sample_origin_parts};
use object_store::path::Path as Key;
use object_store::{Error, GetOptions, GetRange, ObjectMeta, ObjectStoreExt};

use crate::error::AnalyzerError;
use crate::logs::object_storage::bucket::Bucket;
use crate::logs::object_storage::refusal::{Doing, refusal};

/// Nearly every footer lies within so many last bytes.
const END_BYTES: u64 = 64 << 10;
/// So many bytes in between cost less than another request.
const GAP_BYTES: u64 = 64 << 10;
/// What is asked for at once, and held in memory.
const PIECE_BYTES: u64 = 4 << 20;

/// Copies the objects of one bucket.
#[derive(Debug, Clone)]
pub(crate) struct Copying {
    pub(crate) bucket: Bucket,
    /// Where the bucket begins on this machine.
    pub(crate) folder: PathBuf,
}

/// What is copied of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    Whole,
    /// The columns of a log.
    Columns(WantedColumns),
    /// Where the samples of a sample table came from.
    Origins,
    /// Its name and its length: an empty file is seen to be there.
    Place,
}

impl Copying {
    /// Where the copy of an object lies.
    pub(crate) fn place(&self, key: &Key) -> PathBuf {
        self.folder.join(key.as_ref())
    }

    /// Copies what is needed of an object.
    pub(crate) async fn object(
        &self,
        object: &ObjectMeta,
        share: Share,
    ) -> Result<(), AnalyzerError> {
        let parts = match share {
            Share::Place => Vec::new(),
            Share::Columns(_) | Share::Origins if is_small_or_csv(object) => whole(object),
            Share::Whole => whole(object),
            Share::Columns(wanted) => {
                let parts = |end: &[u8]| FileParts::of(end, object.size, wanted);
                self.needed_parts(object, parts).await?
            }
            Share::Origins => {
                let parts = |end: &[u8]| sample_origin_parts(end, object.size);
                self.needed_parts(object, parts).await?
            }
        };
        let place = self.place(&object.location);
        let mut file = begun(&place, object.size).map_err(|error| unwritten(&place, &error))?;
        for piece in pieces(joined(parts)) {
            let start = piece.start;
            let bytes = self.read(object, piece).await?;
            let written = file
                .seek(SeekFrom::Start(start))
                .and_then(|_| file.write_all(&bytes));
            written.map_err(|error| unwritten(&place, &error))?;
        }
        Ok(())
    }

    /// What is there of this name; what may not be looked for counts as not there.
    pub(crate) async fn found(&self, key: &Key) -> Result<Option<ObjectMeta>, AnalyzerError> {
        match self.bucket.store.head(key).await {
            Ok(object) => Ok(Some(object)),
            Err(Error::NotFound { .. } | Error::PermissionDenied { .. }) => Ok(None),
            Err(error) => Err(refusal(&self.bucket.address(key), Doing::Reading, &error)),
        }
    }

    async fn needed_parts(
        &self,
        object: &ObjectMeta,
        parts: impl Fn(&[u8]) -> FileParts,
    ) -> Result<Vec<Range<u64>>, AnalyzerError> {
        let mut end_bytes = END_BYTES;
        loop {
            let end = object.size.saturating_sub(end_bytes)..object.size;
            let end = self.read(object, end).await?;
            match parts(&end) {
                FileParts::LongerEnd(longer) if longer > end_bytes => end_bytes = longer,
                FileParts::Parts(parts) => return Ok(parts),
                FileParts::LongerEnd(_) | FileParts::All => return Ok(whole(object)),
            }
        }
    }

    /// Some bytes of an object, which must still be the one that was listed.
    async fn read(&self, object: &ObjectMeta, range: Range<u64>) -> Result<Vec<u8>, AnalyzerError> {
        let expected = range.end - range.start;
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            if_match: object.e_tag.clone(),
            ..GetOptions::default()
        };
        let address = self.bucket.address(&object.location);
        let bytes = async {
            let found = self
                .bucket
                .store
                .get_opts(&object.location, options)
                .await?;
            found.bytes().await
        };
        let bytes = bytes.await;
        let bytes = bytes.map_err(|error| refusal(&address, Doing::Reading, &error))?;
        if bytes.len() as u64 != expected {
            return Err(AnalyzerError::ObjectStorage {
                address: address.to_string(),
                reason: format!(
                    "its server gave {} bytes where {expected} were asked for; give the command again",
                    bytes.len()
                ),
            });
        }
        Ok(bytes.to_vec())
    }
}

/// An empty file of this length.
pub(crate) fn begun(place: &Path, length: u64) -> io::Result<File> {
    fs::create_dir_all(place.parent().unwrap_or(place))?;
    let file = File::create(place)?;
    file.set_len(length)?;
    Ok(file)
}

/// What to say where a copy cannot be written.
pub(crate) fn unwritten(place: &Path, error: &io::Error) -> AnalyzerError {
    AnalyzerError::ObjectStorage {
        address: place.display().to_string(),
        reason: format!(
            "the copy of it cannot be written to this machine ({error}); make room, or name another folder for such files as TMPDIR"
        ),
    }
}

/// A small file is copied whole, so that its checksum can be compared; a CSV has no columns to choose.
fn is_small_or_csv(object: &ObjectMeta) -> bool {
    object.size <= SMALL_FILE_BYTES || object.location.extension() != Some("parquet")
}

fn whole(object: &ObjectMeta) -> Vec<Range<u64>> {
    std::iter::once(0..object.size).collect()
}

/// Ascending parts, put together where little lies in between.
fn joined(parts: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            Some(last) if part.start <= last.end + GAP_BYTES => last.end = last.end.max(part.end),
            _ => joined.push(part),
        }
    }
    joined
}

/// The parts, cut so that each fits into memory.
fn pieces(parts: Vec<Range<u64>>) -> impl Iterator<Item = Range<u64>> {
    parts.into_iter().flat_map(|part| {
        let starts = (part.start..part.end).step_by(PIECE_BYTES as usize);
        starts.map(move |start| start..part.end.min(start + PIECE_BYTES))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_over_small_gaps_and_cut_where_they_are_large() {
        let far = 2 * GAP_BYTES + PIECE_BYTES;
        let parts = vec![0..4, 4..10, 12..20, far..far + PIECE_BYTES + 1];
        let joined = joined(parts);
        assert_eq!(joined, [0..20, far..far + PIECE_BYTES + 1]);
        let pieces: Vec<Range<u64>> = pieces(joined).collect();
        let cut = far + PIECE_BYTES;
        assert_eq!(pieces, [0..20, far..cut, cut..cut + 1]);
    }
}
