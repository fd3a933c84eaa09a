//! Reads one file of a log, whoever wrote it: through arrow in general, and from the pages themselves where
//! a file is as this crate writes it.

pub(crate) mod arrow;
pub(crate) mod claims;
pub(crate) mod column_chunks;
pub(crate) mod data_parts;
pub(crate) mod file_checks;
pub(crate) mod file_memory;
pub(crate) mod file_parts;
pub(crate) mod npz;
pub(crate) mod pages;
pub(crate) mod partitions;
pub(crate) mod reader;
pub(crate) mod regular_file;
pub(crate) mod repeated;
pub(crate) mod row_batch;
pub(crate) mod row_batches;
pub(crate) mod thrift;
