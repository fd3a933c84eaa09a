//! What was found, as other tools take it: annotation tools, data frames, the formats that `imports` reads.
//! Each format is a file in `formats` and a line of its list; what several share (which samples, where these
//! came from, files that are there all or not at all) is beside it.

pub(crate) mod export;
pub(crate) mod export_files;
pub(crate) mod exported_run;
pub(crate) mod format;
pub(crate) mod formats;
pub(crate) mod own_table_files;
pub(crate) mod own_tables;
pub(crate) mod scope;
pub(crate) mod settings;
