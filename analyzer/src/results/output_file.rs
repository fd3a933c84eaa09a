//! Where a result goes: a file that is there completely or not at all, never in place of a log, and
//! in place of another file only where asked for.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use logformat::WholeFile;

use crate::error::AnalyzerError;

/// Checks, before any work is done, that a result can be written to `path`.
///
/// # Errors
/// [`AnalyzerError`] where the file is there already and not to be overwritten, is one of the
/// `logs`, is a folder, or has no folder to be in.
pub fn check_output_file(
    path: &Path,
    logs: &[PathBuf],
    overwrite: bool,
) -> Result<(), AnalyzerError> {
    let folder = folder_of(path);
    let path = path.to_owned();
    if !folder.is_dir() {
        return Err(AnalyzerError::NoFolderForTable { path, folder });
    }
    if path.is_dir() {
        return Err(AnalyzerError::TableIsFolder { path });
    }
    let Ok(place) = fs::canonicalize(&path) else {
        return Ok(());
    };
    let is_place = |log: &PathBuf| fs::canonicalize(log).is_ok_and(|log| log == place);
    if logs.iter().any(is_place) {
        return Err(AnalyzerError::TableIsLog { path });
    }
    if !overwrite {
        return Err(AnalyzerError::TableExists { path });
    }
    Ok(())
}

/// Writes a file under a hidden name beside its place, and renames it once it is complete.
///
/// # Errors
/// [`AnalyzerError::TableExists`] where the file is there already and not to be overwritten,
/// [`AnalyzerError::WriteTable`] where writing fails, and what `content` refuses.
pub fn write_output_file(
    path: &Path,
    overwrite: bool,
    content: impl FnOnce(&mut WholeFile) -> Result<(), AnalyzerError>,
) -> Result<(), AnalyzerError> {
    let mut file = WholeFile::create(path).map_err(cannot_write(path))?;
    content(&mut file)?;
    keep_output_file(file, path, overwrite)
}

/// Writes several files, all of them or none: each has its name only once all are complete.
///
/// # Errors
/// Those of [`write_output_file`].
pub fn write_output_files(
    files: &[(PathBuf, Vec<u8>)],
    overwrite: bool,
) -> Result<(), AnalyzerError> {
    let mut written = Vec::new();
    for (path, content) in files {
        let mut file = WholeFile::create(path).map_err(cannot_write(path))?;
        file.write_all(content).map_err(cannot_write(path))?;
        written.push((path, file));
    }
    let mut named = written.into_iter();
    named.try_for_each(|(path, file)| keep_output_file(file, path, overwrite))
}

fn cannot_write(path: &Path) -> impl Fn(io::Error) -> AnalyzerError {
    |source| AnalyzerError::WriteTable {
        path: path.to_owned(),
        source,
    }
}

/// Gives a complete file its name.
pub(crate) fn keep_output_file(
    file: WholeFile,
    path: &Path,
    overwrite: bool,
) -> Result<(), AnalyzerError> {
    let named = if overwrite {
        file.replace()
    } else {
        file.keep()
    };
    named.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => AnalyzerError::TableExists {
            path: path.to_owned(),
        },
        _ => cannot_write(path)(error),
    })
}

/// The folder of a file; `.` for a bare name.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
