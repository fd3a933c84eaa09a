//! What was found in a run becomes files of another tool.

use std::path::{Path, PathBuf};

use crate::analysis::run_analysis::RunAnalysis;
use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::ExportedRun;
use crate::exports::format::ExportFormat;
use crate::exports::settings::ExportSettings;
use crate::logs::run_log::RunLog;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The files.
    pub files: Vec<PathBuf>,
    /// How many samples they have.
    pub samples: usize,
    /// What a reader of them has to know, a line each.
    pub notes: Vec<String>,
}

/// Exports a run, read from `files`, to `output`.
///
/// # Errors
/// [`AnalyzerError::NothingToExport`] where the run lacks what the tool needs; those of reading the logs a
/// second time, and of writing.
pub fn export(
    files: &[PathBuf],
    run: (&RunLog, &RunAnalysis),
    format: &ExportFormat,
    output: &Path,
    settings: &ExportSettings,
) -> Result<Exported, AnalyzerError> {
    let mut written = ExportFiles::begin(output, format.writes, files, settings.overwrite)?;
    let which = settings.which.unwrap_or(format.which);
    let run = ExportedRun::new(files, run, settings, which, format.suggests)?;
    let notes = (format.write)(&run, &mut written)?;
    Ok(Exported {
        files: written.finish()?,
        samples: run.samples.len(),
        notes,
    })
}
