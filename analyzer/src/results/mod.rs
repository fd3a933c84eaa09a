//! How results are handed over: tables, settings and findings, their text, and the files that they are
//! written to.

pub(crate) mod findings;
pub(crate) mod output_file;
pub(crate) mod table_file;
pub(crate) mod tables;
pub(crate) mod text;
