#![doc = include_str!("../FORMAT.md")]

mod arrow_columns;
mod column;
mod column_chunks;
mod decode;
mod epoch;
mod error;
mod file_checks;
mod file_name;
mod file_parts;
mod flat_column;
mod group_bytes;
mod group_columns;
mod list_levels;
mod logit_pages;
mod margin;
mod metadata;
mod one_value;
mod reader;
mod repeated;
mod row_batches;
mod row_groups;
mod run_record;
mod run_writer;
mod sample_id;
mod sample_table;
mod samples;
mod shared_columns;
mod whole_file;
mod writer;

pub use column::{COLUMNS, Column};
pub use epoch::EpochLogits;
pub use error::LogError;
pub use file_name::{epoch_file_name, parse_epoch_file_name, validate_run_name};
pub use file_parts::{FileParts, WantedColumns};
pub use margin::{Margin, margin};
pub use metadata::{
    CLASS_NAMES_KEY, FORMAT_VERSION, FORMAT_VERSION_KEY, FileMetadata, RUN_KEY, RunDescription,
};
pub use reader::{EpochReader, RowBatch};
pub use repeated::{Repeated, RepeatedTexts};
pub use row_batches::RowBatches;
pub use run_record::{FileRecord, Integrity, RUN_RECORD_NAME, RunRecord};
pub use run_writer::{ExistingRun, RunWriter, existing_run};
pub use sample_id::{SampleId, SampleIds};
pub use sample_table::{SAMPLE_TABLE_NAME, SampleEntry, read_sample_table, sample_table_path};
pub use samples::{PassSamples, SampleRow};
pub use shared_columns::SharedColumns;
pub use whole_file::WholeFile;
pub use writer::{EpochWriter, LogitsColumn};
