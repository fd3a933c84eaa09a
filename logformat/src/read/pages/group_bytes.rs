//! The bytes of the columns of a row group, read at once where these lie together, as those beside the
//! logits do in most files: a log of many row groups is read in a tenth of the system calls.

use std::fs::File;

use bytes::Bytes;

/// Bytes between two columns are read, too: up to one for so many that are wanted.
const WANTED_FOR_EACH_OTHER: u64 = 4;

/// Some bytes of a file.
#[derive(Debug, Default)]
pub(crate) struct GroupBytes {
    start: u64,
    bytes: Bytes,
}

impl GroupBytes {
    /// The bytes of all `chunks` (start and length); of none where they lie far apart or cannot be read, so
    /// that each is read by itself, with its own error.
    pub(crate) fn read(file: &File, chunks: impl Iterator<Item = (u64, u64)> + Clone) -> Self {
        let start = chunks.clone().map(|(start, _)| start).min();
        let end = chunks.clone().map(|(start, length)| start + length).max();
        let wanted: u64 = chunks.map(|(_, length)| length).sum();
        let (Some(start), Some(end)) = (start, end) else {
            return Self::default();
        };
        if end - start > wanted + wanted / WANTED_FOR_EACH_OTHER {
            return Self::default();
        }
        let bytes = read_at(file, start, end - start).unwrap_or_default();
        Self { start, bytes }
    }

    /// Some of the bytes, where they were read.
    pub(crate) fn get(&self, start: u64, length: u64) -> Option<Bytes> {
        let first = usize::try_from(start.checked_sub(self.start)?).ok()?;
        let end = first.checked_add(usize::try_from(length).ok()?)?;
        (end <= self.bytes.len()).then(|| self.bytes.slice(first..end))
    }
}

/// `length` bytes of `file` from `start` on.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, start: u64, length: u64) -> Option<Bytes> {
    use std::os::unix::fs::FileExt;

    // The lengths in a footer were compared with that of the file (see `check_extent`).
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    file.read_exact_at(&mut bytes, start).ok()?;
    Some(bytes.into())
}

/// `length` bytes of `file` from `start` on.
#[cfg(not(unix))]
pub(crate) fn read_at(file: &File, start: u64, length: u64) -> Option<Bytes> {
    use parquet::file::reader::ChunkReader;

    file.get_bytes(start, usize::try_from(length).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(chunks: &[(u64, u64)]) -> GroupBytes {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        GroupBytes::read(&file, chunks.iter().copied())
    }

    #[test]
    fn columns_that_lie_together_are_read_at_once() {
        let bytes = read(&[(5, 3), (2, 2)]); // one byte in between
        assert_eq!(bytes.get(2, 2).as_deref(), Some(&b"23"[..]));
        assert_eq!(bytes.get(5, 3).as_deref(), Some(&b"567"[..]));
        assert_eq!(bytes.get(1, 2), None);
        assert_eq!(bytes.get(7, 2), None);
        assert_eq!(bytes.get(3, u64::MAX), None);
    }

    #[test]
    fn columns_far_apart_or_beyond_the_end_are_left_to_be_read_one_by_one() {
        for chunks in [&[(0, 1), (9, 1)][..], &[(8, 4)], &[]] {
            assert_eq!(read(chunks).get(9, 1), None);
        }
    }
}
