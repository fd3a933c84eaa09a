//! From files to runs: which files are meant, what they hold, what is wrong with them.

pub(crate) mod any_parquet;
pub(crate) mod assembly;
pub(crate) mod aum_tables;
pub(crate) mod configuration;
pub(crate) mod files;
pub(crate) mod held_out;
pub(crate) mod integrity;
pub(crate) mod margin_sums;
pub(crate) mod needs;
#[cfg(feature = "object-storage")]
pub(crate) mod object_storage;
pub(crate) mod order;
pub(crate) mod origins;
pub(crate) mod read;
pub(crate) mod read_settings;
pub(crate) mod reduced_rows;
pub(crate) mod repeats;
pub(crate) mod run_list;
pub(crate) mod run_log;
pub(crate) mod run_records;
pub(crate) mod sample_logits;
pub(crate) mod sample_table;
pub(crate) mod selection;
pub(crate) mod soundness;
pub(crate) mod spreadsheet_cells;
pub(crate) mod table_checksum;
pub(crate) mod table_frame;
pub(crate) mod true_labels;
#[cfg(test)]
pub(crate) mod two_passes;
pub(crate) mod warnings;
pub(crate) mod ways_out;
