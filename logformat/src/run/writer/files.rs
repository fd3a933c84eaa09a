//! The files of a run in its folder: which there are, which a killed writer left half-written, and how they
//! are deleted.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::LogError;
use crate::run::held_out::is_held_out_file;
use crate::run::record::{RUN_RECORD_NAME, RunRecord};
use crate::run::sample_table::{SAMPLE_TABLE_NAME, sample_table_path};
use crate::schema::file_name::parse_epoch_file_name;
use crate::write::whole_file::TEMPORARY_SUFFIX;

/// What to do where a run of the same name was logged before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistingRun {
    /// Leave it alone and return [`LogError::RunExists`].
    Refuse,
    /// Delete its epoch files, shards of ranks, held-out logits, sample table and record, and nothing else.
    Replace,
}

/// The epoch files of `run` in `folder`, in the order of their names; `None` where there is no such
/// run. A run is there when it has epoch files or a record.
///
/// # Errors
/// [`LogError::Read`] where the folder cannot be listed.
pub fn existing_run(folder: &Path, run: &str) -> Result<Option<Vec<PathBuf>>, LogError> {
    let files = files_where(folder, |name| parse_epoch_file_name(run, name).is_some())?;
    let is_there = !files.is_empty() || RunRecord::path(folder, run).exists();
    Ok(is_there.then_some(files))
}

/// The files right in `folder` whose names satisfy `wanted`, in the order of their names.
pub(crate) fn files_where(
    folder: &Path,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<PathBuf>, LogError> {
    let failed = |source| LogError::Read {
        path: folder.to_owned(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_str().is_some_and(&wanted) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Deletes what a run's writer made: epoch files, what a killed writer left half-written, held-out logits,
/// the sample table and the record; its folder only where nothing else is in it.
pub(crate) fn delete_run(
    folder: &Path,
    run: &str,
    epoch_files: &[PathBuf],
) -> Result<(), LogError> {
    let half_written = half_written_files(folder, run)?;
    let held_out = files_where(&folder.join(run), is_held_out_file)?;
    // The record last: what it knows of is there as long as it is.
    let beside = [sample_table_path(folder, run), RunRecord::path(folder, run)];
    let beside = beside.iter().filter(|path| path.exists());
    let logits = epoch_files.iter().chain(&half_written).chain(&held_out);
    delete_files(logits.chain(beside))?;
    // Fails where other things are in it, and they are not ours to delete.
    let _ = fs::remove_dir(folder.join(run));
    Ok(())
}

/// What a killed writer of `run` left half-written.
pub(crate) fn half_written_files(folder: &Path, run: &str) -> Result<Vec<PathBuf>, LogError> {
    let mut files = files_where(folder, |name| {
        is_half_written(name, |file| parse_epoch_file_name(run, file).is_some())
    })?;
    files.extend(files_where(&folder.join(run), |name| {
        is_half_written(name, |file| {
            file == RUN_RECORD_NAME || file == SAMPLE_TABLE_NAME || is_held_out_file(file)
        })
    })?);
    Ok(files)
}

pub(crate) fn delete_files<'a>(files: impl Iterator<Item = &'a PathBuf>) -> Result<(), LogError> {
    for file in files {
        fs::remove_file(file).map_err(|source| cannot_write(file, source))?;
    }
    Ok(())
}

pub(crate) fn cannot_write(path: &Path, source: io::Error) -> LogError {
    LogError::Write {
        path: path.to_owned(),
        source,
    }
}

/// Whether `name` is the temporary name (see `writer::temporary_file`) of a file of ours.
fn is_half_written(name: &str, is_ours: impl Fn(&str) -> bool) -> bool {
    name.strip_prefix('.')
        .and_then(|name| name.strip_suffix(TEMPORARY_SUFFIX))
        .and_then(|name| name.rsplit_once('.'))
        .is_some_and(|(file, _random)| is_ours(file))
}

pub(crate) fn run_exists(folder: &Path, run: &str, epoch_files: usize) -> LogError {
    LogError::RunExists {
        folder: folder.to_owned(),
        run: run.to_owned(),
        epoch_files,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_writers_own_temporary_names_count_as_half_written() {
        let is_ours = |file: &str| parse_epoch_file_name("a", file).is_some();
        assert!(is_half_written(
            ".a-p1-e0001.parquet.x7Gq2k.partial",
            is_ours
        ));
        assert!(!is_half_written(
            ".b-p1-e0001.parquet.x7Gq2k.partial",
            is_ours
        ));
        assert!(!is_half_written("a-p1-e0001.parquet", is_ours));
        assert!(!is_half_written(".partial", is_ours));
    }
}
