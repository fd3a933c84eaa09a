//! What another tool has logged becomes a log or an AUM table: the format is told from the file where it is
//! certain, each source is a pass of one run, and nothing that is there already is replaced unasked.

use std::path::{Path, PathBuf};

use crate::error::AnalyzerError;
use crate::imports::format::{Gives, ImportFormat, Source};
use crate::imports::formats::FORMATS;
use crate::imports::imported_aums::imported_table;
use crate::imports::log_folder::LogFolder;
use crate::imports::settings::ImportSettings;
use crate::logs::table_frame::refusal;
use crate::results::table_file::TableFile;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The files, in the order of their passes and epochs.
    pub files: Vec<PathBuf>,
    /// The samples of an AUM table; `None` for a log.
    pub table_rows: Option<usize>,
    /// What a reader of it has to know, a line each.
    pub notes: Vec<String>,
}

/// The format that a file or folder is certainly of.
pub fn format_of(path: &Path) -> Option<&'static ImportFormat> {
    let mut formats = FORMATS.iter().copied();
    formats.find(|format| (format.recognises)(path))
}

/// Imports `sources`, each as a pass of one run, into `output`: a folder of logs, or the file of an AUM
/// table for a format that has no epochs.
///
/// # Errors
/// [`AnalyzerError::Table`] for a source that is not of the format; those of writing.
pub fn import(
    sources: &[PathBuf],
    format: &ImportFormat,
    output: &Path,
    settings: &ImportSettings,
) -> Result<Imported, AnalyzerError> {
    let table: Option<TableFile> = output.to_str().and_then(|name| name.parse().ok());
    let mut notes = Vec::new();
    let passes = (1..).zip(sources).map(|(pass, path)| Source {
        path,
        pass,
        settings,
    });
    match (&format.gives, table) {
        (Gives::Log(read), None) => {
            let mut log = LogFolder::begin(output, format.name, settings)?;
            for source in passes {
                read(&source, &mut log, &mut notes)?;
            }
            let files = log.finish()?;
            Ok(Imported {
                files,
                table_rows: None,
                notes,
            })
        }
        (Gives::Aums { read, .. }, Some(file)) => {
            file.check(sources, settings.overwrite)?;
            let passes = passes.map(|source| read(&source, &mut notes));
            let passes = passes.collect::<Result<Vec<_>, _>>()?;
            let table = imported_table(&settings.run, &passes);
            file.write(&table, settings.overwrite)?;
            Ok(Imported {
                files: vec![output.to_owned()],
                table_rows: Some(table.len()),
                notes,
            })
        }
        (Gives::Log(_), Some(_)) => Err(refusal(
            output,
            format!(
                "is the name of a table, but {} has every epoch and becomes the files of a log; give the name of a folder for them",
                format.name
            ),
        )),
        (Gives::Aums { instead, .. }, None) => Err(refusal(
            output,
            format!(
                "is no name of a table, and {} has one AUM a sample and no epochs, so that no log can be made of it: end the name in .csv or .parquet for an AUM table; {instead}",
                format.name
            ),
        )),
    }
}
