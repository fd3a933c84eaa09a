//! Columns that are the same in file after file are decoded once.
//!
//! Ids and labels do not change from epoch to epoch, and a writer that puts the rows in the same
//! order writes the same bytes for them. So the bytes of a column are compared first (which is as
//! fast as memory), and only where they differ are they decoded. Whoever puts files together sees
//! that two columns are one and the same by their pointer, and need not compare their values either.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use parquet::basic::{Compression, Type};

use crate::read::pages::list_levels::SharedLevels;
use crate::read::repeated::{Repeated, RepeatedTexts};
use crate::schema::column::Column;
use crate::schema::sample_id::SampleIds;

/// What is kept is the columns of one file; beyond this row they are not, so that a file of many
/// epochs is not held in memory.
const MOST_SHARED_ROWS: usize = 1 << 20;

/// Fewer bytes than this are copied, so that they do not keep those that were read with them.
const SMALL: usize = 1 << 10;

/// The columns that were decoded last, for several readers, on several threads.
#[derive(Debug, Default)]
pub struct SharedColumns {
    chunks: Mutex<BTreeMap<(Column, usize), Slot>>,
    levels: SharedLevels,
}

/// What was decoded last of a column of one row group; locked while it is decoded for the first time, so
/// that threads that begin at the same time do not all decode it.
type Slot = Arc<Mutex<Option<SharedChunk>>>;

/// A decoded column of one row group.
#[derive(Debug, Clone)]
pub(crate) enum ColumnValues {
    Texts(Arc<RepeatedTexts>),
    Ordinals(Arc<Repeated<u32>>),
    Labels(Arc<Vec<u32>>),
    NullableLabels(Arc<Vec<Option<u32>>>),
    Marks(Arc<Vec<bool>>),
    Ids(Arc<SampleIds>),
}

/// Where a column chunk lies, and all that its bytes leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChunkKind {
    pub(crate) physical_type: Option<Type>,
    pub(crate) compression: Compression,
    pub(crate) is_nullable: bool,
    pub(crate) rows: usize,
}

#[derive(Debug, Clone)]
struct SharedChunk {
    kind: ChunkKind,
    bytes: bytes::Bytes,
    values: ColumnValues,
}

impl SharedColumns {
    /// The values of `column` in the row group with this number, which begins at `first_row`:
    /// those decoded before where the bytes are the same, else those that `decode` makes of them.
    pub(crate) fn values(
        &self,
        (column, group, first_row): (Column, usize, usize),
        kind: ChunkKind,
        bytes: &bytes::Bytes,
        decode: impl FnOnce() -> Option<ColumnValues>,
    ) -> Option<ColumnValues> {
        if first_row + kind.rows > MOST_SHARED_ROWS {
            return decode();
        }
        let chunk = |values: &ColumnValues| SharedChunk {
            kind,
            bytes: match bytes.len() {
                ..SMALL => bytes::Bytes::copy_from_slice(bytes),
                _ => bytes.clone(),
            },
            values: values.clone(),
        };
        let slot = Arc::clone(lock(&self.chunks).entry((column, group)).or_default());
        let known = {
            let mut first = lock(&slot);
            let Some(known) = first.as_ref() else {
                let values = decode()?;
                *first = Some(chunk(&values));
                return Some(values);
            };
            known.clone()
        };
        if known.kind == kind && known.bytes == bytes {
            return Some(known.values);
        }
        let values = decode()?;
        *lock(&slot) = Some(chunk(&values));
        Some(values)
    }

    /// Levels of lists that were verified.
    pub(crate) fn levels(&self) -> &SharedLevels {
        &self.levels
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Poisoned only where a decoder panicked elsewhere; what is there is whole even then.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: ChunkKind = ChunkKind {
        physical_type: Some(Type::INT32),
        compression: Compression::UNCOMPRESSED,
        is_nullable: false,
        rows: 2,
    };

    fn labels(shared: &SharedColumns, kind: ChunkKind, bytes: &'static [u8]) -> Arc<Vec<u32>> {
        let bytes = bytes::Bytes::from_static(bytes);
        let decode = || Some(ColumnValues::Labels(Arc::new(vec![7, 8])));
        let place = (Column::GivenLabel, 0, 0);
        match shared.values(place, kind, &bytes, decode) {
            Some(ColumnValues::Labels(labels)) => labels,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_same_bytes_are_decoded_once_and_other_bytes_or_kinds_anew() {
        let shared = SharedColumns::default();
        let first = labels(&shared, KIND, b"ab");
        assert!(Arc::ptr_eq(&first, &labels(&shared, KIND, b"ab")));
        assert!(!Arc::ptr_eq(&first, &labels(&shared, KIND, b"ac")));
        let nullable = ChunkKind {
            is_nullable: true,
            ..KIND
        };
        let before = labels(&shared, KIND, b"ab");
        assert!(!Arc::ptr_eq(&before, &labels(&shared, nullable, b"ab")));
    }
}
