//! A run as a whole: its record, its sample table, and the writer of all its files.

pub(crate) mod record;
pub(crate) mod sample_table;
pub(crate) mod writer;
