//! Reads a log file, whoever wrote it: checks its schema first, then hands out its rows in batches
//! of plain vectors, every value checked.
//!
//! What concerns one file is refused here. What concerns several (a sample twice in an epoch, a
//! label that changes from epoch to epoch) is for whoever puts files together.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Type;
use parquet::file::statistics::Statistics;

use crate::error::LogError;
use crate::read::claims::{check_footer, check_rows};
use crate::read::column_chunks::flat_chunk;
use crate::read::data_parts::part_of;
use crate::read::file_checks::{
    check_compressions, check_extent, check_frame, check_list_lengths, columns_of, guarded,
};
use crate::read::pages::chunk_checksums::ChunkSums;
use crate::read::pages::shared_columns::SharedColumns;
use crate::read::pages::unread_groups::{UnreadGroups, Wanted};
use crate::read::partitions::Partitions;
use crate::read::regular_file::open_regular;
use crate::read::row_batches::RowBatches;
use crate::schema::column::Column;
use crate::schema::file_checksums::SMALL_FILE_BYTES;
use crate::schema::metadata::FileMetadata;
use crate::schema::part_name::PartName;

/// A log file that was opened and whose schema is that of a log.
#[derive(Debug)]
pub struct EpochReader {
    path: PathBuf,
    file: Arc<File>,
    /// Of the file, in bytes.
    length: u64,
    parquet: ArrowReaderMetadata,
    metadata: FileMetadata,
    columns: Vec<Column>,
    shared: Arc<SharedColumns>,
    wanted: Wanted,
    partitions: Partitions,
}

impl EpochReader {
    /// Opens `path` and checks that it is a log.
    ///
    /// # Errors
    /// [`LogError`] for a file that cannot be read, is empty, truncated, no Parquet, damaged, of a
    /// newer format version, without a required column, or with a column of a wrong type.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let (file, length, parquet) = open_parquet(path)?;
        let pairs = parquet.metadata().file_metadata().key_value_metadata();
        let metadata = FileMetadata::from_key_values(path, pairs.map_or(&[], Vec::as_slice))?;
        check_compressions(path, parquet.metadata())?;
        let partitions = Partitions::of(path)?;
        let columns = columns_of(path, &parquet, &partitions)?;
        let reader = Self {
            path: path.to_owned(),
            file: Arc::new(file),
            length,
            wanted: Wanted {
                margins: columns.contains(&Column::Margin),
                rival_labels: true,
                logits: false,
            },
            columns,
            parquet,
            metadata,
            shared: Arc::default(),
            partitions,
        };
        match reader.row_count() {
            0 => Err(LogError::NoRows {
                path: path.to_owned(),
            }),
            _ => Ok(reader),
        }
    }

    /// What the file says of its run.
    pub fn metadata(&self) -> &FileMetadata {
        &self.metadata
    }

    /// The number of rows.
    pub fn row_count(&self) -> usize {
        let rows = self.parquet.metadata().file_metadata().num_rows();
        usize::try_from(rows).unwrap_or(0)
    }

    /// The first epoch of the file, as its footer says, which may not know it.
    pub fn first_epoch(&self) -> Option<i64> {
        if let Some(epoch) = self.partitions.epoch {
            return Some(epoch.into());
        }
        let groups = self.parquet.metadata().row_groups().iter();
        let epochs = groups.map(
            |group| match flat_chunk(group, Column::Epoch)?.statistics()? {
                Statistics::Int32(found) => found.min_opt().copied().map(i64::from),
                Statistics::Int64(found) => found.min_opt().copied(),
                _ => None,
            },
        );
        epochs.min()?
    }

    /// Whether the file has `column`.
    pub fn has(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }

    /// How many bits each of its logits has; `None` without any.
    pub fn logit_bits(&self) -> Option<usize> {
        let schema = self.parquet.metadata().file_metadata().schema_descr();
        let mut leaves = schema.columns().iter();
        let leaf = leaves.find(|leaf| leaf.path().parts()[0] == Column::Logits.name())?;
        Some(match leaf.physical_type() {
            Type::DOUBLE => 64,
            Type::FIXED_LEN_BYTE_ARRAY => 16,
            _ => 32,
        })
    }

    /// Shares the columns that are the same in several files with the readers of the other files;
    /// each is then decoded once.
    #[must_use]
    pub fn sharing(mut self, columns: &Arc<SharedColumns>) -> Self {
        self.shared = Arc::clone(columns);
        self
    }

    /// Leaves the rival labels out, which differ from epoch to epoch and so have to be decoded.
    #[must_use]
    pub fn without_rival_labels(mut self) -> Self {
        self.wanted.rival_labels = false;
        self
    }

    /// Has the margins computed from the logits even where the log has a column of margins; without
    /// logits it stays with that column.
    #[must_use]
    pub fn from_logits(mut self) -> Self {
        self.wanted.margins &= !self.has(Column::Logits);
        self
    }

    /// The rows with their margins. Logits are read only where the margins have to be computed from
    /// them, and are not kept.
    ///
    /// # Errors
    /// [`LogError::SeveralParts`] for rows of more than one part of a data set.
    pub fn margins(self) -> Result<RowBatches, LogError> {
        self.batches()
    }

    /// The rows with everything that is there, logits included.
    ///
    /// # Errors
    /// [`LogError::SeveralParts`] for rows of more than one part of a data set.
    pub fn rows(mut self) -> Result<RowBatches, LogError> {
        self.wanted = Wanted {
            margins: self.has(Column::Margin),
            rival_labels: true,
            logits: true,
        };
        self.batches()
    }

    fn batches(self) -> Result<RowBatches, LogError> {
        let metadata = self.parquet.metadata();
        Ok(RowBatches {
            part: part_of(&self.path, &self.file, self.length, metadata)?,
            path: self.path,
            groups: UnreadGroups {
                file: self.file,
                length: self.length,
                metadata: Arc::clone(self.parquet.metadata()),
                schema: Arc::clone(self.parquet.schema()),
                columns: self.columns,
                shared: self.shared,
                wanted: self.wanted,
                checksums: (self.length > SMALL_FILE_BYTES).then(ChunkSums::default),
                next: 0,
            },
            parquet: self.parquet,
            partitions: self.partitions,
            batches: None,
            next_row: 0,
            logit_count: None,
            ended: false,
        })
    }
}

/// The part of a data set that all rows of a Parquet file are of, where a column says it.
///
/// # Errors
/// [`LogError::SeveralParts`] for rows of more than one, and those of a file that is no whole Parquet.
pub fn part_of_rows(path: &Path) -> Result<Option<PartName>, LogError> {
    let (file, length, parquet) = open_parquet(path)?;
    part_of(path, &Arc::new(file), length, parquet.metadata())
}

/// The file, its length in bytes, and its footer.
fn open_parquet(path: &Path) -> Result<(File, u64, ArrowReaderMetadata), LogError> {
    let mut file = open_regular(path).map_err(|source| LogError::Read {
        path: path.to_owned(),
        source,
    })?;
    let length = check_frame(&mut file, path)?;
    let parquet = guarded(path, || {
        check_footer(&file, length)?;
        let parquet = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(|error| error.to_string())?;
        check_extent(parquet.metadata(), length)?;
        check_rows(parquet.metadata(), length)?;
        check_list_lengths(&parquet)?;
        Ok(parquet)
    })?;
    Ok((file, length, parquet))
}
