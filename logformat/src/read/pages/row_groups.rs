//! The fast way through a log file: row group by row group, columns by their bytes, logits page by
//! page.
//!
//! It takes what most logs are made of, and hands everything else to the Arrow reader, which also
//! words every refusal: `None` is "not this way", never an error.

use std::sync::Arc;

use parquet::file::metadata::RowGroupMetaData;

use crate::read::column_chunks::flat_chunk;
use crate::read::pages::group_bytes::GroupBytes;
use crate::read::pages::group_columns::GroupColumns;
use crate::read::pages::unread_groups::UnreadGroups;
use crate::read::row_batch::RowBatch;
use crate::schema::column::Column;

/// A row group of more rows is read in pieces, which the Arrow reader does.
const MOST_ROWS: usize = 1 << 20;

/// What came of the next row group.
pub(crate) enum NextGroup {
    Rows(Box<RowBatch>),
    NoneLeft,
    /// It has to be read by the Arrow reader.
    NotThisWay,
}

impl UnreadGroups {
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
        let is_odd = rows == 0 || rows > MOST_ROWS;
        if is_odd || self.columns.contains(&Column::IsMislabeled) {
            return None;
        }
        let columns = GroupColumns {
            groups: self,
            group,
            first_row,
            rows,
            bytes: self.flat_bytes(group),
        };
        let assigned_labels = columns.labels(Column::AssignedLabel)?;
        let mut batch = RowBatch {
            first_row,
            runs: columns.if_there(Column::Run, GroupColumns::texts)?,
            passes: columns.passes()?,
            epochs: columns.epochs()?,
            sample_ids: columns.ids()?,
            given_labels: columns.if_there(Column::GivenLabel, GroupColumns::labels)?,
            true_labels: columns.if_there(Column::TrueLabel, GroupColumns::nullable_labels)?,
            is_mislabeled: None,
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
            if self.wanted.logits && self.columns.contains(&Column::Logits) {
                columns.read_logits(&mut batch)?;
            }
        } else if self.wanted.logits {
            return None; // margins and logits from the same pages: by the Arrow reader
        } else {
            columns.margins_from_logits(&mut batch)?;
        }
        Some(batch)
    }

    /// The bytes of all columns that are read, but for the logits.
    fn flat_bytes(&self, group: &RowGroupMetaData) -> GroupBytes {
        let flat = self.columns.iter().filter(|column| match column {
            Column::Logits => false,
            Column::Margin => self.wanted.margins,
            Column::RivalLabel => self.wanted.rival_labels,
            _ => true,
        });
        let chunks = flat.filter_map(|&column| Some(flat_chunk(group, column)?.byte_range()));
        GroupBytes::read(&self.file, chunks)
    }
}
