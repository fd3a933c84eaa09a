#![doc = include_str!("../FORMAT.md")]

mod error;
mod read;
mod run;
mod schema;
mod write;

pub use crate::error::{LogError, ONE_PART_ALONE};
pub use crate::read::claims::check_parquet_claims;
pub use crate::read::file_checks::{PANDAS_KEY, is_index_in_metadata};
pub use crate::read::file_memory::{check_file_memory, set_file_memory, told_bytes};
pub use crate::read::file_parts::{FileParts, WantedColumns};
pub use crate::read::npz::{NpyBytes, npz_arrays};
pub use crate::read::pages::shared_columns::SharedColumns;
pub use crate::read::reader::{EpochReader, part_of_rows};
pub use crate::read::regular_file::{open_regular, read_regular};
pub use crate::read::repeated::{Repeated, RepeatedTexts};
pub use crate::read::row_batch::RowBatch;
pub use crate::read::row_batches::RowBatches;
pub use crate::run::held_out::{
    LOWEST_LOG_PROBABILITY, held_out_epoch, held_out_model, held_out_path, parse_held_out_epoch,
};
pub use crate::run::lock::RunLock;
pub use crate::run::ranks::gather::OtherRanks;
pub use crate::run::ranks::rank_writer::RankWriter;
pub use crate::run::record::{
    FileRecord, Integrity, RUN_RECORD_NAME, RunRecord, fifteen_digits, file_crc32,
};
pub use crate::run::sample_table::origins::{
    SampleOrigins, read_sample_origins, sample_origin_parts,
};
pub use crate::run::sample_table::read::read_sample_table;
pub use crate::run::sample_table::{SAMPLE_TABLE_NAME, SampleEntry, sample_table_path};
pub use crate::run::writer::RunWriter;
pub use crate::run::writer::files::{ExistingRun, existing_run};
pub use crate::schema::class_labels::{
    ClassLabels, Label, ReadAs, first_missing, look_of, missing_among, name_of_several,
    told_classes,
};
pub use crate::schema::column::{COLUMNS, Column};
pub use crate::schema::configuration;
pub use crate::schema::decision::{DECISION_COLUMNS, Decided, Decision};
pub use crate::schema::file_checksums::{ChunkChecksums, SMALL_FILE_BYTES};
pub use crate::schema::file_name::{epoch_file_name, parse_epoch_file_name, validate_run_name};
pub use crate::schema::hub_names::{HUB_KEY, HubLabel, HubNames, hub_class_names};
pub use crate::schema::margin::{Margin, margin, wide_margin};
pub use crate::schema::metadata::{
    CLASS_NAMES_KEY, FORMAT_VERSION, FORMAT_VERSION_KEY, FileMetadata, MODEL_KEY, RUN_KEY,
    RunDescription,
};
pub use crate::schema::mislabeled_column::MislabeledColumn;
pub use crate::schema::part_name::{PartCells, PartName};
pub use crate::schema::sample_id::{SampleId, SampleIds};
pub use crate::schema::sealed_json::{from_sealed_json, to_sealed_json};
pub use crate::schema::separator::{SEPARATORS, separator_of};
pub use crate::schema::table_checksum::{TABLE_CHECKSUM_KEY, TableChecksum};
pub use crate::write::epoch::{EpochLogits, Repeats};
pub use crate::write::epoch_margins::EpochMargins;
pub use crate::write::epoch_rows::EpochRows;
pub use crate::write::logits_column::LogitsColumn;
pub use crate::write::rank_logits::RankLogits;
pub use crate::write::samples::{PassSamples, SampleRow};
pub use crate::write::size::epoch_bytes;
pub use crate::write::whole_file::WholeFile;
pub use crate::write::writer::EpochWriter;
