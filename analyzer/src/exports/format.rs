//! What is known of a format that another tool reads: its name, what it is, which samples are for it.

use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::ExportedRun;
use crate::exports::scope::{Which, Writes};

/// A format of another tool.
#[derive(Debug)]
pub struct ExportFormat {
    /// As it is asked for.
    pub name: &'static str,
    /// Which tool reads it, and how.
    pub about: &'static str,
    /// What it is written to.
    pub writes: Writes,
    /// Which samples it is for, where nothing else is asked.
    pub which: Which,
    /// Whether it needs to know which class the network would rather have.
    pub(crate) suggests: bool,
    /// Writes it; a line for each thing that a reader of it has to know comes back.
    pub(crate) write: fn(&ExportedRun<'_>, &mut ExportFiles) -> Result<Vec<String>, AnalyzerError>,
}
