//! The fast way through a log file: row group by row group, columns by their bytes, logits page by
//! page.
//!
//! It takes what most logs are made of, and hands everything else to the Arrow reader, which also
//! words every refusal: `None` is "not this way", never an error.

use std::fs::File;
use std::sync::Arc;

use arrow_schema::{DataType, Schema};
use bytes::Bytes;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::ChunkReader;

use crate::flat_column::FlatColumn;
use crate::logit_pages;
use crate::shared_columns::{ChunkKind, ColumnValues};
use crate::{Column, RowBatch, SampleIds, SharedColumns};

/// A row group of more rows is read in pieces, which the Arrow reader does.
const MOST_ROWS: usize = 1 << 20;

/// What is read of each row beside its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) margins: bool,
    pub(crate) rival_labels: bool,
    pub(crate) logits: bool,
}

/// The row groups of a file that have not been read yet.
pub(crate) struct RowGroups {
    pub(crate) file: Arc<File>,
    pub(crate) metadata: Arc<ParquetMetaData>,
    pub(crate) schema: Arc<Schema>,
    pub(crate) columns: Vec<Column>,
    pub(crate) shared: Arc<SharedColumns>,
    pub(crate) wanted: Wanted,
    /// The next to read.
    pub(crate) next: usize,
}

/// What came of the next row group.
pub(crate) enum NextGroup {
    Rows(Box<RowBatch>),
    NoneLeft,
    /// It has to be read by the Arrow reader.
    NotThisWay,
}

impl RowGroups {
    /// Reads the next row group, which begins at `first_row` of the file.
    pub(crate) fn read(&mut self, first_row: usize) -> NextGroup {
        let metadata = Arc::clone(&self.metadata);
        let Some(group) = metadata.row_groups().get(self.next) else {
            return NextGroup::NoneLeft;
        };
        let Some(batch) = self.batch(group, first_row) else {
            return NextGroup::NotThisWay;
        };
        self.next += 1;
        NextGroup::Rows(Box::new(batch))
    }

    fn batch(&self, group: &RowGroupMetaData, first_row: usize) -> Option<RowBatch> {
        let rows = usize::try_from(group.num_rows()).ok()?;
        if rows == 0 || rows > MOST_ROWS {
            return None;
        }
        let columns = GroupColumns {
            groups: self,
            group,
            first_row,
            rows,
        };
        let assigned_labels = columns.labels(Column::AssignedLabel)?;
        let mut batch = RowBatch {
            first_row,
            runs: columns.if_there(Column::Run, GroupColumns::texts)?,
            passes: columns.passes()?,
            epochs: columns.numbers(Column::Epoch, 1)?,
            sample_ids: columns.ids()?,
            given_labels: columns.if_there(Column::GivenLabel, GroupColumns::labels)?,
            true_labels: columns.if_there(Column::TrueLabel, GroupColumns::nullable_labels)?,
            is_threshold_sample: columns.marks()?,
            margins: Vec::new(),
            rival_labels: None,
            logits: Vec::new(),
            logit_count: 0,
            assigned_labels,
        };
        if self.wanted.rival_labels && self.columns.contains(&Column::RivalLabel) {
            let rivals = columns.flat(Column::RivalLabel)?.numbers(0)?;
            batch.rival_labels = Some(Arc::new(rivals));
        }
        if self.wanted.margins && self.columns.contains(&Column::Margin) {
            batch.margins = columns.flat(Column::Margin)?.floats()?;
        } else {
            columns.margins_from_logits(&mut batch)?;
        }
        Some(batch)
    }
}

/// The columns of one row group.
struct GroupColumns<'a> {
    groups: &'a RowGroups,
    group: &'a RowGroupMetaData,
    first_row: usize,
    rows: usize,
}

impl GroupColumns<'_> {
    /// `Some(None)` for a column that the file does not have.
    fn if_there<T>(
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

    fn margins_from_logits(&self, batch: &mut RowBatch) -> Option<()> {
        let mut leaves = self.group.columns().iter().filter(|chunk| {
            let parts = chunk.column_path().parts();
            parts.first().map(String::as_str) == Some(Column::Logits.name())
        });
        let (chunk, None) = (leaves.next()?, leaves.next()) else {
            return None;
        };
        let with_rivals = self.groups.wanted.rival_labels && batch.rival_labels.is_none();
        let labels = &batch.assigned_labels;
        let levels = self.groups.shared.levels();
        let found = logit_pages::margins(&self.groups.file, chunk, labels, with_rivals, levels)?;
        let is_class = |&label: &u32| (label as usize) < found.width;
        let given = batch.given_labels.as_ref();
        let known = batch.true_labels.as_ref();
        let rivals = batch.rival_labels.as_ref();
        if !given.is_none_or(|labels| labels.iter().all(is_class))
            || !known.is_none_or(|labels| labels.iter().flatten().all(is_class))
            || !rivals.is_none_or(|labels| labels.iter().all(is_class))
        {
            return None;
        }
        batch.margins = found.margins;
        if with_rivals {
            batch.rival_labels = Some(Arc::new(found.rival_labels));
        }
        batch.logit_count = found.width;
        Some(())
    }

    /// A column without lists, and its bytes.
    fn flat(&self, column: Column) -> Option<FlatColumn<'_>> {
        let chunk = self.group.columns().iter().find(|chunk| {
            let parts = chunk.column_path().parts();
            parts.len() == 1 && parts[0] == column.name()
        })?;
        let (start, length) = chunk.byte_range();
        Some(FlatColumn {
            chunk,
            bytes: self
                .groups
                .file
                .get_bytes(start, usize::try_from(length).ok()?)
                .ok()?,
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

    fn numbers(&self, column: Column, least: u32) -> Option<Arc<Vec<u32>>> {
        if !self.is_signed(column) {
            return None;
        }
        let values = self.shared(column, |flat| {
            Some(ColumnValues::Numbers(Arc::new(flat.numbers(least)?)))
        })?;
        match values {
            ColumnValues::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    fn labels(&self, column: Column) -> Option<Arc<Vec<u32>>> {
        self.numbers(column, 0)
    }

    fn passes(&self) -> Option<Arc<Vec<u32>>> {
        if self.groups.columns.contains(&Column::Pass) {
            return self.numbers(Column::Pass, 1);
        }
        let first = |rows| ColumnValues::Numbers(Arc::new(vec![1; rows]));
        match self.absent(Column::Pass, first)? {
            ColumnValues::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    fn nullable_labels(&self, column: Column) -> Option<Arc<Vec<Option<u32>>>> {
        if !self.is_signed(column) {
            return None;
        }
        let values = self.shared(column, |flat| {
            let labels = flat.nullable_numbers()?;
            Some(ColumnValues::NullableNumbers(Arc::new(labels)))
        })?;
        match values {
            ColumnValues::NullableNumbers(labels) => Some(labels),
            _ => None,
        }
    }

    fn marks(&self) -> Option<Arc<Vec<bool>>> {
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

    fn texts(&self, column: Column) -> Option<Arc<Vec<Arc<str>>>> {
        let values = self.shared(column, |flat| {
            Some(ColumnValues::Texts(Arc::new(flat.repeated_texts()?)))
        })?;
        match values {
            ColumnValues::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    fn ids(&self) -> Option<Arc<SampleIds>> {
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
