//! What other tools have logged, as a log or as an AUM table of ours. Each format is a file in `formats` and
//! a line of its list; what several share (reading lines, naming samples, putting measurements into epochs,
//! writing the log) is beside it.

pub(crate) mod arrays;
pub(crate) mod format;
pub(crate) mod formats;
pub(crate) mod import;
pub(crate) mod imported_aums;
pub(crate) mod limited_lines;
pub(crate) mod log_folder;
pub(crate) mod margin_columns;
pub(crate) mod measurements;
pub(crate) mod plain_lines;
pub(crate) mod sample_names;
pub(crate) mod settings;
pub(crate) mod text_rows;
