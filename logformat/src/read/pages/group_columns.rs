//! The columns of one row group: those that are the same in file after file by way of the shared ones, the
//! others from their bytes, logits page by page. `None` is "not this way", as in `row_groups`.

use std::sync::Arc;

use arrow_schema::DataType;
use bytes::Bytes;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

use crate::read::claims::{check_chunk, check_pages};
use crate::read::column_chunks::{chunks_of, flat_chunk};
use crate::read::pages::chunk_checksums::HashedChunk;
use crate::read::pages::flat_column::FlatColumn;
use crate::read::pages::group_bytes::{GroupBytes, read_at};
use crate::read::pages::logit_pages;
use crate::read::pages::shared_columns::{ChunkKind, ColumnValues};
use crate::read::pages::unread_groups::UnreadGroups;
use crate::read::repeated::{Repeated, RepeatedTexts};
use crate::read::row_batch::RowBatch;
use crate::schema::column::Column;
use crate::schema::sample_id::SampleIds;

/// Of a row group with more logits, batches of logits are handed out, which the Arrow reader does.
const MOST_LOGITS: usize = 1 << 24;

/// Whether each label is one of `width` classes.
fn labels_are_within(batch: &RowBatch, width: usize) -> bool {
    let is_class = |&label: &u32| (label as usize) < width;
    let are_classes =
        |labels: Option<&Arc<Vec<u32>>>| labels.is_none_or(|labels| labels.iter().all(is_class));
    let mut truth = batch.true_labels.iter().flat_map(|labels| labels.iter());
    are_classes(Some(&batch.assigned_labels))
        && are_classes(batch.given_labels.as_ref())
        && are_classes(batch.rival_labels.as_ref())
        && truth.all(|label| label.as_ref().is_none_or(is_class))
}

/// The columns of one row group.
pub(crate) struct GroupColumns<'a> {
    pub(crate) groups: &'a UnreadGroups,
    pub(crate) group: &'a RowGroupMetaData,
    pub(crate) first_row: usize,
    pub(crate) rows: usize,
    pub(crate) bytes: GroupBytes,
}

impl GroupColumns<'_> {
    /// `Some(None)` for a column that the file does not have.
    pub(crate) fn if_there<T>(
        &self,
        column: Column,
        read: impl Fn(&Self, Column) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.groups.columns.contains(&column) {
            read(self, column).map(Some)
        } else {
            Some(None)
        }
    }

    /// The column chunk of the logits.
    fn logits_chunk(&self) -> Option<&ColumnChunkMetaData> {
        let mut leaves = chunks_of(self.group, Column::Logits.name());
        let chunk = match (leaves.next(), leaves.next()) {
            (Some(chunk), None) => chunk,
            _ => return None,
        };
        check_chunk(&self.groups.file, self.groups.length, chunk).ok()?;
        Some(chunk)
    }

    pub(crate) fn read_logits(&self, batch: &mut RowBatch) -> Option<()> {
        let chunk = self.logits_chunk()?;
        let levels = self.groups.shared.levels();
        let (logits, width) = self.hashed(chunk, |file| {
            logit_pages::logits(file, chunk, self.rows, MOST_LOGITS, levels)
        })?;
        if !labels_are_within(batch, width) {
            return None;
        }
        batch.logits = logits;
        batch.logit_count = width;
        Some(())
    }

    pub(crate) fn margins_from_logits(&self, batch: &mut RowBatch) -> Option<()> {
        let chunk = self.logits_chunk()?;
        let with_rivals = self.groups.wanted.rival_labels && batch.rival_labels.is_none();
        let labels = &batch.assigned_labels;
        let levels = self.groups.shared.levels();
        let found = self.hashed(chunk, |file| {
            logit_pages::margins(file, chunk, labels, with_rivals, levels)
        })?;
        if !labels_are_within(batch, found.width) {
            return None;
        }
        batch.margins = found.margins;
        if with_rivals {
            batch.rival_labels = Some(Arc::new(found.rival_labels));
        }
        batch.logit_count = found.width;
        Some(())
    }

    /// What `read` makes of the pages of a chunk, with its checksum on the way.
    fn hashed<T>(
        &self,
        chunk: &ColumnChunkMetaData,
        read: impl FnOnce(&Arc<HashedChunk>) -> Option<T>,
    ) -> Option<T> {
        let file = Arc::new(HashedChunk::new(
            &self.groups.file,
            chunk,
            self.groups.checksums.is_some(),
        ));
        let found = read(&file)?;
        if let (Some(checksums), Some(checksum)) = (&self.groups.checksums, file.checksum()) {
            checksums.add(chunk, self.groups.next, checksum);
        }
        Some(found)
    }

    /// A column without lists, and its bytes.
    pub(crate) fn flat(&self, column: Column) -> Option<FlatColumn<'_>> {
        let chunk = flat_chunk(self.group, column)?;
        let (start, length) = chunk.byte_range();
        let bytes = self.bytes.get(start, length);
        let bytes = bytes.or_else(|| read_at(&self.groups.file, start, length))?;
        let from = |place: u64, most: u64| {
            let first = usize::try_from(place.checked_sub(start)?).ok()?;
            let end = first.saturating_add(usize::try_from(most).ok()?);
            (first < bytes.len()).then(|| bytes.slice(first..end.min(bytes.len())))
        };
        check_pages(chunk, start + length, from).ok()?;
        if let Some(checksums) = &self.groups.checksums {
            checksums.add(chunk, self.groups.next, crc32fast::hash(&bytes));
        }
        Some(FlatColumn {
            chunk,
            bytes,
            rows: self.rows,
        })
    }

    /// A column that may be the same as in the file before.
    fn shared(
        &self,
        column: Column,
        decode: impl FnOnce(&FlatColumn<'_>) -> Option<ColumnValues>,
    ) -> Option<ColumnValues> {
        let flat = self.flat(column)?;
        let kind = ChunkKind {
            physical_type: Some(flat.chunk.column_type()),
            compression: flat.chunk.compression(),
            is_nullable: flat.chunk.column_descr().max_def_level() > 0,
            rows: self.rows,
        };
        let place = (column, self.groups.next, self.first_row);
        let shared = &self.groups.shared;
        shared.values(place, kind, &flat.bytes, || decode(&flat))
    }

    /// A column that the file does not have, as it counts without.
    fn absent(
        &self,
        column: Column,
        values: impl FnOnce(usize) -> ColumnValues,
    ) -> Option<ColumnValues> {
        let kind = ChunkKind {
            physical_type: None,
            compression: parquet::basic::Compression::UNCOMPRESSED,
            is_nullable: false,
            rows: self.rows,
        };
        let place = (column, self.groups.next, self.first_row);
        let shared = &self.groups.shared;
        shared.values(place, kind, &Bytes::new(), || Some(values(self.rows)))
    }

    /// Epochs, from 0 on.
    pub(crate) fn epochs(&self) -> Option<Arc<Repeated<u32>>> {
        self.ordinals(Column::Epoch, 0)
    }

    /// Passes or epochs, none of them below `least`.
    fn ordinals(&self, column: Column, least: u32) -> Option<Arc<Repeated<u32>>> {
        if !self.is_signed(column) {
            return None;
        }
        let values = self.shared(column, |flat| {
            Some(ColumnValues::Ordinals(Arc::new(
                flat.repeated_numbers(least)?,
            )))
        })?;
        match values {
            ColumnValues::Ordinals(ordinals) => Some(ordinals),
            _ => None,
        }
    }

    pub(crate) fn passes(&self) -> Option<Arc<Repeated<u32>>> {
        if self.groups.columns.contains(&Column::Pass) {
            return self.ordinals(Column::Pass, 1);
        }
        let first = |rows| ColumnValues::Ordinals(Arc::new(Repeated::of_one(1, rows)));
        match self.absent(Column::Pass, first)? {
            ColumnValues::Ordinals(ordinals) => Some(ordinals),
            _ => None,
        }
    }

    pub(crate) fn labels(&self, column: Column) -> Option<Arc<Vec<u32>>> {
        if !self.is_signed(column) {
            return None;
        }
        let values = self.shared(column, |flat| {
            Some(ColumnValues::Labels(Arc::new(flat.numbers(0)?)))
        })?;
        match values {
            ColumnValues::Labels(labels) => Some(labels),
            _ => None,
        }
    }

    pub(crate) fn nullable_labels(&self, column: Column) -> Option<Arc<Vec<Option<u32>>>> {
        if !self.is_signed(column) {
            return None;
        }
        let values = self.shared(column, |flat| {
            Some(ColumnValues::NullableLabels(Arc::new(
                flat.nullable_numbers()?,
            )))
        })?;
        match values {
            ColumnValues::NullableLabels(labels) => Some(labels),
            _ => None,
        }
    }

    pub(crate) fn marks(&self) -> Option<Arc<Vec<bool>>> {
        let column = Column::IsThresholdSample;
        let values = if self.groups.columns.contains(&column) {
            self.shared(column, |flat| {
                Some(ColumnValues::Marks(Arc::new(flat.booleans()?)))
            })?
        } else {
            self.absent(column, |rows| {
                ColumnValues::Marks(Arc::new(vec![false; rows]))
            })?
        };
        match values {
            ColumnValues::Marks(marks) => Some(marks),
            _ => None,
        }
    }

    pub(crate) fn texts(&self, column: Column) -> Option<Arc<RepeatedTexts>> {
        let values = self.shared(column, |flat| {
            Some(ColumnValues::Texts(Arc::new(flat.repeated_texts()?)))
        })?;
        match values {
            ColumnValues::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    pub(crate) fn ids(&self) -> Option<Arc<SampleIds>> {
        let is_text = !self.data_type(Column::SampleId)?.is_integer();
        if !is_text && !self.is_signed(Column::SampleId) {
            return None;
        }
        let values = self.shared(Column::SampleId, |flat| {
            Some(ColumnValues::Ids(Arc::new(flat.sample_ids()?)))
        })?;
        match values {
            ColumnValues::Ids(ids) => Some(ids),
            _ => None,
        }
    }

    fn data_type(&self, column: Column) -> Option<&DataType> {
        let field = self.groups.schema.field_with_name(column.name()).ok()?;
        Some(field.data_type())
    }

    /// Unsigned integers lie in signed ones, and are read the other way.
    fn is_signed(&self, column: Column) -> bool {
        self.data_type(column)
            .is_some_and(DataType::is_signed_integer)
    }
}
