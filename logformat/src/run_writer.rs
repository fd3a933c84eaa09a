//! Logs a whole run, from any training loop: one file per pass and epoch, written by a thread of
//! its own, and a record of what was written.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::writer::TEMPORARY_SUFFIX;
use crate::{
    EpochLogits, EpochWriter, LogError, LogitsColumn, RUN_RECORD_NAME, RunDescription, RunRecord,
    epoch_file_name, parse_epoch_file_name, validate_run_name,
};

/// What to do where a run of the same name was logged before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistingRun {
    /// Leave it alone and return [`LogError::RunExists`].
    Refuse,
    /// Delete its epoch files and its record, and nothing else.
    Replace,
}

/// The epoch files of `run` in `folder`, in the order of their names; none where there is no such
/// folder. A run is there when it has epoch files or a folder of its own.
///
/// # Errors
/// [`LogError::Read`] where the folder cannot be listed.
pub fn existing_run(folder: &Path, run: &str) -> Result<Option<Vec<PathBuf>>, LogError> {
    let files = files_where(folder, |name| parse_epoch_file_name(run, name).is_some())?;
    let is_there = !files.is_empty() || folder.join(run).exists();
    Ok(is_there.then_some(files))
}

/// Logs the epochs of one run.
///
/// Writing happens on a thread of its own; at most one finished epoch waits while another is being
/// written. Dropping the writer waits until all that was handed over is on the disk;
/// [`RunWriter::finish`] does the same and returns what went wrong.
#[derive(Debug)]
pub struct RunWriter {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<Result<Vec<PathBuf>, LogError>>>,
}

struct Job {
    pass: u32,
    epoch: EpochLogits,
    metrics: BTreeMap<String, f64>,
}

impl RunWriter {
    /// Starts the run `run` in `folder`, which is made where it is not there.
    ///
    /// # Errors
    /// [`LogError::RunName`] for a name that cannot be part of a file name,
    /// [`LogError::RunExists`] where the run was logged before and is not to be replaced,
    /// [`LogError::Write`] where the folder cannot be made.
    pub fn create(
        folder: &Path,
        run: &str,
        description: RunDescription,
        logits_column: LogitsColumn,
        existing: ExistingRun,
    ) -> Result<Self, LogError> {
        validate_run_name(run)?;
        if let Some(epoch_files) = existing_run(folder, run)? {
            match existing {
                ExistingRun::Refuse => return Err(run_exists(folder, run, epoch_files.len())),
                ExistingRun::Replace => delete_run(folder, run, &epoch_files)?,
            }
        }
        let run_folder = folder.join(run);
        let failed = |source| LogError::Write {
            path: run_folder.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        match fs::create_dir(&run_folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // Replaced, with files of somebody else's in it; or another process was faster.
                if existing == ExistingRun::Refuse {
                    return Err(run_exists(folder, run, 0));
                }
            }
            Err(error) => return Err(failed(error)),
        }
        let record = RunRecord::new(run, &description);
        record.save(folder)?;
        let log = RunLog {
            folder: folder.to_owned(),
            writer: EpochWriter::new(run, description, logits_column),
            record,
        };
        // One epoch may wait: the training goes on while the one before it is written.
        let (queue, jobs) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("log writer".to_owned())
            .spawn(move || log.write_all(&jobs))
            .map_err(failed)?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Hands over a complete epoch of the 1-based `pass`; `metrics` go to the run's record.
    ///
    /// # Errors
    /// What went wrong with this epoch or one handed over earlier, see [`EpochWriter::write`].
    pub fn write(
        &mut self,
        pass: u32,
        epoch: EpochLogits,
        metrics: BTreeMap<String, f64>,
    ) -> Result<(), LogError> {
        let job = Job {
            pass,
            epoch,
            metrics,
        };
        let queue = self.queue.as_ref().ok_or(LogError::WriterStopped)?;
        match queue.send(job) {
            Ok(()) => Ok(()),
            // The thread has ended, which it does early only on an error.
            Err(_) => match self.join() {
                Err(error) => Err(error),
                Ok(_) => Err(LogError::WriterStopped),
            },
        }
    }

    /// Waits until everything is on the disk and returns the files, in the order of writing.
    ///
    /// # Errors
    /// The first thing that went wrong.
    pub fn finish(mut self) -> Result<Vec<PathBuf>, LogError> {
        self.join()
    }

    fn join(&mut self) -> Result<Vec<PathBuf>, LogError> {
        drop(self.queue.take());
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(LogError::WriterStopped),
        }
    }
}

impl Drop for RunWriter {
    fn drop(&mut self) {
        // An error has no way out of here; whoever wants to know calls `finish`.
        let _ = self.join();
    }
}

/// The writing thread's side.
struct RunLog {
    folder: PathBuf,
    writer: EpochWriter,
    record: RunRecord,
}

impl RunLog {
    fn write_all(mut self, jobs: &Receiver<Job>) -> Result<Vec<PathBuf>, LogError> {
        let mut written = Vec::new();
        for job in jobs {
            written.push(self.write_one(job)?);
        }
        Ok(written)
    }

    fn write_one(&mut self, job: Job) -> Result<PathBuf, LogError> {
        let name = epoch_file_name(&self.record.run, job.pass, job.epoch.epoch());
        let path = self.folder.join(&name);
        let written = self.writer.write_counted(&path, job.pass, job.epoch)?;
        self.record.add(name, &written, job.metrics);
        self.record.save(&self.folder)?;
        Ok(path)
    }
}

fn run_exists(folder: &Path, run: &str, epoch_files: usize) -> LogError {
    LogError::RunExists {
        folder: folder.to_owned(),
        run: run.to_owned(),
        epoch_files,
    }
}

/// The files right in `folder` whose names satisfy `wanted`, in the order of their names.
fn files_where(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, LogError> {
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

/// Deletes what a run's writer made: epoch files, what a killed writer left half-written, and the
/// record; its folder only where nothing else is in it.
fn delete_run(folder: &Path, run: &str, epoch_files: &[PathBuf]) -> Result<(), LogError> {
    let half_written = files_where(folder, |name| {
        is_half_written(name, |file| parse_epoch_file_name(run, file).is_some())
    })?;
    let run_folder = folder.join(run);
    let half_records = files_where(&run_folder, |name| {
        is_half_written(name, |file| file == RUN_RECORD_NAME)
    })?;
    let record = RunRecord::path(folder, run);
    let record = record.exists().then_some(record);
    for file in epoch_files
        .iter()
        .chain(&half_written)
        .chain(&half_records)
        .chain(&record)
    {
        fs::remove_file(file).map_err(|source| LogError::Write {
            path: file.clone(),
            source,
        })?;
    }
    // Fails where other things are in it, and they are not ours to delete.
    let _ = fs::remove_dir(run_folder);
    Ok(())
}

/// Whether `name` is the temporary name (see `writer::temporary_file`) of a file of ours.
fn is_half_written(name: &str, is_ours: impl Fn(&str) -> bool) -> bool {
    name.strip_prefix('.')
        .and_then(|name| name.strip_suffix(TEMPORARY_SUFFIX))
        .and_then(|name| name.rsplit_once('.'))
        .is_some_and(|(file, _random)| is_ours(file))
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
