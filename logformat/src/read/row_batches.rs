//! Hands out the rows of a file batch by batch: the fast way as far as it goes (see `row_groups`), then by
//! the Arrow reader, which also words every refusal.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ColumnChunkMetaData;

use crate::error::LogError;
use crate::read::arrow::columns::BatchColumns;
use crate::read::arrow::decode;
use crate::read::arrow::decode::{floats, integers, texts};
use crate::read::claims::check_chunk;
use crate::read::file_checks::guarded;
use crate::read::pages::chunk_checksums::checksum_in;
use crate::read::pages::row_groups::NextGroup;
use crate::read::pages::unread_groups::UnreadGroups;
use crate::read::partitions::Partitions;
use crate::read::row_batch::RowBatch;
use crate::schema::column::Column;
use crate::schema::file_checksums::ChunkChecksums;
use crate::schema::part_name::PartName;

const ROWS_PER_BATCH: usize = 8192;

/// The rows of a file, batch by batch. Ends after the first error.
pub struct RowBatches {
    pub(crate) path: PathBuf,
    pub(crate) part: Option<PartName>,
    pub(crate) groups: UnreadGroups,
    pub(crate) parquet: ArrowReaderMetadata,
    pub(crate) partitions: Partitions,
    /// From the first row group on that is not as most are.
    pub(crate) batches: Option<ParquetRecordBatchReader>,
    pub(crate) next_row: usize,
    pub(crate) logit_count: Option<usize>,
    pub(crate) ended: bool,
}

impl std::fmt::Debug for RowBatches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowBatches")
            .field("path", &self.path)
            .field("next_row", &self.next_row)
            .finish_non_exhaustive()
    }
}

impl Iterator for RowBatches {
    type Item = Result<RowBatch, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_batch();
        self.ended = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl RowBatches {
    /// The part of a data set that all rows are of, where a column says it.
    pub fn part(&self) -> Option<PartName> {
        self.part
    }

    /// The checksums of the column chunks that were read so far of a file of more than
    /// [`SMALL_FILE_BYTES`](crate::SMALL_FILE_BYTES); of a smaller one none.
    pub fn checksums(&self) -> ChunkChecksums {
        let checksums = self.groups.checksums.as_ref();
        checksums
            .map(|checksums| checksums.all().clone())
            .unwrap_or_default()
    }

    fn next_batch(&mut self) -> Result<Option<RowBatch>, LogError> {
        if self.batches.is_none() && self.partitions.are_there() {
            self.hand_over_to_arrow()?;
        }
        if self.batches.is_none() {
            let (groups, first_row) = (&mut self.groups, self.next_row);
            // A decoder that gives up here may give a reason the other way.
            let next = guarded(&self.path, || Ok(groups.read(first_row)));
            match next.unwrap_or(NextGroup::NotThisWay) {
                NextGroup::NoneLeft => return Ok(None),
                NextGroup::NotThisWay => self.hand_over_to_arrow()?,
                NextGroup::Rows(batch) if self.has_other_width(&batch) => {
                    self.hand_over_to_arrow()?;
                }
                NextGroup::Rows(batch) => {
                    if batch.logit_count > 0 {
                        self.logit_count = Some(batch.logit_count);
                    }
                    self.next_row += batch.epochs.len();
                    return Ok(Some(*batch));
                }
            }
        }
        let Some(batches) = &mut self.batches else {
            return Ok(None);
        };
        let next = guarded(&self.path, || {
            batches
                .next()
                .transpose()
                .map_err(|error| error.to_string())
        });
        match next? {
            Some(batch) => self.decode(&batch).map(Some),
            None => self.check_end(),
        }
    }

    /// Fewer rows than were promised are no end.
    fn check_end(&self) -> Result<Option<RowBatch>, LogError> {
        let promised = self.groups.metadata.file_metadata().num_rows();
        let held = self.next_row;
        guarded(&self.path, || match i64::try_from(held) == Ok(promised) {
            true => Ok(None),
            false => Err(format!(
                "its footer claims {promised} rows, and it holds {held}"
            )),
        })
    }

    /// Whether the lists are of another length than in the row groups before: refused by `decode`.
    fn has_other_width(&mut self, batch: &RowBatch) -> bool {
        let other = batch.logit_count > 0
            && self
                .logit_count
                .is_some_and(|width| width != batch.logit_count);
        if other {
            self.groups.next -= 1;
        }
        other
    }

    /// Reads the remaining row groups by the Arrow reader.
    pub(crate) fn hand_over_to_arrow(&mut self) -> Result<(), LogError> {
        let groups = &self.groups;
        let wanted = |column| match column {
            Column::Logits => groups.wanted.logits || !groups.wanted.margins,
            Column::Margin => groups.wanted.margins,
            Column::RivalLabel => groups.wanted.rival_labels,
            _ => true,
        };
        let schema = groups.metadata.file_metadata().schema_descr();
        let fields = schema.root_schema().get_fields().iter().enumerate();
        let roots = fields.filter(|(_, field)| {
            let mut columns = groups.columns.iter();
            columns.any(|&column| column.name() == field.name() && wanted(column))
        });
        let mask = ProjectionMask::roots(schema, roots.map(|(root, _)| root));
        let remaining: Vec<usize> = (groups.next..groups.metadata.num_row_groups()).collect();
        let is_read = |chunk: &&ColumnChunkMetaData| {
            let root = chunk.column_path().parts().first();
            let mut columns = groups.columns.iter();
            columns.any(|&column| root.is_some_and(|root| column.name() == root) && wanted(column))
        };
        let batches = guarded(&self.path, || {
            for &group in &remaining {
                let mut chunks = groups.metadata.row_group(group).columns().iter();
                while let Some(chunk) = chunks.find(is_read) {
                    check_chunk(&groups.file, groups.length, chunk)?;
                    if let Some(sums) = &groups.checksums
                        && let Some(checksum) = checksum_in(&groups.file, chunk)
                    {
                        sums.add(chunk, group, checksum);
                    }
                }
            }
            let file = groups.file.try_clone().map_err(|error| error.to_string())?;
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.parquet.clone())
                .with_projection(mask)
                .with_batch_size(ROWS_PER_BATCH)
                .with_row_groups(remaining)
                .build()
                .map_err(|error| error.to_string())
        })?;
        self.batches = Some(batches);
        Ok(())
    }

    fn decode(&mut self, batch: &RecordBatch) -> Result<RowBatch, LogError> {
        let rows = batch.num_rows();
        let columns = BatchColumns {
            path: &self.path,
            first_row: self.next_row,
            batch,
        };
        let lists = columns.optional(Column::Logits, floats::lists)?;
        let assigned_labels = columns.required(Column::AssignedLabel, integers::labels)?;
        let folders = &self.partitions;
        let runs = folders.runs(columns.optional(Column::Run, texts::repeated_texts)?, rows);
        let passes = folders.passes(columns.optional(Column::Pass, integers::passes)?, rows);
        // Asked for in `columns_of`, where the folder does not say it.
        let epochs = folders.epochs(columns.optional(Column::Epoch, integers::epochs)?, rows);
        let refuse = |(row, column, reason)| columns.refuse(row, column, reason);
        let mut decoded = RowBatch {
            first_row: self.next_row,
            runs: runs.map_err(refuse)?.map(Arc::new),
            passes: passes.map_err(refuse)?.into(),
            epochs: epochs.map_err(refuse)?.unwrap_or_default().into(),
            sample_ids: columns
                .required(Column::SampleId, texts::sample_ids)?
                .into(),
            given_labels: columns
                .optional(Column::GivenLabel, integers::labels)?
                .map(Arc::new),
            true_labels: columns
                .optional(Column::TrueLabel, integers::nullable_labels)?
                .map(Arc::new),
            is_mislabeled: columns
                .optional(Column::IsMislabeled, decode::nullable_booleans)?
                .map(Arc::new),
            is_threshold_sample: columns
                .optional(Column::IsThresholdSample, decode::booleans)?
                .unwrap_or_else(|| vec![false; rows])
                .into(),
            margins: Vec::new(),
            rival_labels: columns
                .optional(Column::RivalLabel, integers::labels)?
                .map(Arc::new),
            logits: Vec::new(),
            logit_count: 0,
            assigned_labels: assigned_labels.into(),
        };
        let mut wide = None;
        if let Some(lists) = lists {
            columns.check_width(lists.width, *self.logit_count.get_or_insert(lists.width))?;
            columns.check_labels_within(&decoded, lists.width)?;
            decoded.logits = lists.values;
            decoded.logit_count = lists.width;
            wide = lists.wide;
        }
        match columns.optional(Column::Margin, floats::floats)? {
            Some(margins) => decoded.margins = margins,
            None => columns.compute_margins(&mut decoded, wide.as_deref())?,
        }
        if !self.groups.wanted.logits {
            decoded.logits = Vec::new(); // Large, and the margins are computed.
        }
        self.next_row += rows;
        Ok(decoded)
    }
}
