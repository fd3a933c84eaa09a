//! The row groups of an opened file that are still to be read, and what is wanted of them.

use std::fs::File;
use std::sync::Arc;

use arrow_schema::Schema;
use parquet::file::metadata::ParquetMetaData;

use crate::read::pages::chunk_checksums::ChunkSums;
use crate::read::pages::shared_columns::SharedColumns;
use crate::schema::column::Column;

/// What is read of each row beside its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) margins: bool,
    pub(crate) rival_labels: bool,
    pub(crate) logits: bool,
}

/// The row groups of a file that have not been read yet.
pub(crate) struct UnreadGroups {
    pub(crate) file: Arc<File>,
    /// Of the file, in bytes.
    pub(crate) length: u64,
    pub(crate) metadata: Arc<ParquetMetaData>,
    pub(crate) schema: Arc<Schema>,
    pub(crate) columns: Vec<Column>,
    pub(crate) shared: Arc<SharedColumns>,
    pub(crate) wanted: Wanted,
    /// Of what was read; `None` where nobody will ask.
    pub(crate) checksums: Option<ChunkSums>,
    /// The next to read.
    pub(crate) next: usize,
}
