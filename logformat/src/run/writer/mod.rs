//! Logs a whole run, from any training loop: one file per pass and epoch, written by a thread of
//! its own, and a record of what was written.

pub(crate) mod files;
pub(crate) mod written_run;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use serde_json::Value;

use crate::error::LogError;
use crate::run::held_out::{
    check_model_name, held_out_path, is_held_out_file, parse_held_out_epoch,
};
use crate::run::lock::RunLock;
use crate::run::ranks::delete_left_over;
use crate::run::record::{FileRecord, Integrity, RunRecord};
use crate::run::sample_table::write::write_sample_table;
use crate::run::sample_table::{SampleEntry, sample_table_path};
use crate::run::writer::files::{
    ExistingRun, cannot_write, delete_files, delete_run, existing_run, files_where,
    half_written_files, run_exists,
};
use crate::run::writer::written_run::{Job, WrittenRun};
use crate::schema::file_name::{parse_epoch_file_name, validate_run_name};
use crate::schema::metadata::RunDescription;
use crate::write::epoch::EpochLogits;
use crate::write::epoch_rows::EpochRows;
use crate::write::logits_column::LogitsColumn;
use crate::write::writer::EpochWriter;

/// Logs the epochs of one run.
///
/// Writing happens on a thread of its own, one epoch at a time: when [`RunWriter::write`] returns, the
/// epochs handed over before are on the disk, and this one is being written. Dropping the writer waits until all that was handed over is on the disk;
/// [`RunWriter::finish`] does the same and returns what went wrong.
#[derive(Debug)]
pub struct RunWriter {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<Result<Vec<PathBuf>, LogError>>>,
    class_names: Vec<String>,
    sample_table: PathBuf,
    has_sample_table: bool,
    held_out: BTreeSet<String>,
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
        let refuse_existing = || match (existing_run(folder, run)?, existing) {
            (Some(files), ExistingRun::Refuse) => Err(run_exists(folder, run, files.len())),
            (files, _) => Ok(files),
        };
        // Before the lock, which would make its folder.
        refuse_existing()?;
        let lock = RunLock::take(folder, run)?;
        match refuse_existing()? {
            Some(epoch_files) => {
                delete_left_over(folder, run, None)?;
                delete_run(folder, run, &epoch_files)?;
            }
            // A writer that was killed before it had a record is no run, but may have left a half-written one.
            None => delete_files(half_written_files(folder, run)?.iter())?,
        }
        let record = RunRecord::new(run, &description);
        // Of two processes that come this far at once, one alone gets its record in.
        if !record.save_as_first(folder)? {
            return Err(run_exists(folder, run, 0));
        }
        Self::start(folder, lock, record, description, logits_column)
    }

    /// Goes on with the run `run` in `folder`, whose lock was taken and which was logged up to some epoch: keeps the epoch
    /// files for which `keep` (of 1-based pass and epoch) holds, and deletes the others of the run,
    /// to be written again.
    ///
    /// # Errors
    /// [`LogError::NoRunRecord`] where there is no such run, [`LogError::Write`] where files cannot
    /// be deleted, and the errors of [`RunRecord::read`].
    pub fn resume(
        lock: RunLock,
        folder: &Path,
        run: &str,
        description: RunDescription,
        logits_column: LogitsColumn,
        keep: impl Fn(u32, u32) -> bool,
    ) -> Result<Self, LogError> {
        validate_run_name(run)?;
        let mut record = RunRecord::read(folder, run)?.ok_or_else(|| LogError::NoRunRecord {
            path: RunRecord::path(folder, run),
        })?;
        let is_kept = |name: &str| {
            parse_epoch_file_name(run, name).is_some_and(|(pass, epoch)| keep(pass, epoch))
        };
        let superfluous = files_where(folder, |name| {
            parse_epoch_file_name(run, name).is_some() && !is_kept(name)
        })?;
        record.files.retain(|name, _| is_kept(name));
        let table = sample_table_path(folder, run);
        let has_table = record.verify_sample_table(folder, true).ok() == Some(Integrity::Intact);
        let damaged_table = (!has_table && table.exists()).then_some(table);
        let models: Vec<String> = record.held_out.keys().cloned().collect();
        for model in models {
            let found = record.verify_held_out(folder, &model, true);
            let of_epoch = parse_held_out_epoch(&model);
            let is_kept = of_epoch.is_none_or(|(_, pass, epoch)| keep(pass, epoch));
            if !is_kept || found.ok() != Some(Integrity::Intact) {
                record.held_out.remove(&model);
            }
        }
        let known = |model: &String| held_out_path(folder, run, model);
        let known: Vec<PathBuf> = record.held_out.keys().map(known).collect();
        let mut damaged = files_where(&folder.join(run), is_held_out_file)?;
        damaged.retain(|file| !known.contains(file));
        record.sample_table = record.sample_table.filter(|_| has_table);
        record.save(folder)?;
        let half_written = half_written_files(folder, run)?;
        delete_files(
            superfluous
                .iter()
                .chain(&half_written)
                .chain(&damaged_table)
                .chain(&damaged),
        )?;
        Self::start(folder, lock, record, description, logits_column)
    }

    fn start(
        folder: &Path,
        lock: RunLock,
        record: RunRecord,
        description: RunDescription,
        logits_column: LogitsColumn,
    ) -> Result<Self, LogError> {
        let sample_table = sample_table_path(folder, &record.run);
        let has_sample_table = record.sample_table.is_some();
        let held_out = record.held_out.keys().cloned().collect();
        let class_names = description.class_names.clone();
        let run = WrittenRun {
            folder: folder.to_owned(),
            lock,
            writer: EpochWriter::new(&record.run, description, logits_column),
            record,
        };
        // Nothing waits in between: whoever hands over an epoch knows the one before to be written.
        let (queue, jobs) = sync_channel(0);
        let thread = std::thread::Builder::new()
            .name("log writer".to_owned())
            .spawn(move || run.write_all(&jobs))
            .map_err(|source| cannot_write(folder, source))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
            class_names,
            sample_table,
            has_sample_table,
            held_out,
        })
    }

    /// Writes the sample table of the run from `batches` of its training samples, in the order of their
    /// ids, before this returns. A run that has one already, since it was resumed, keeps it, and
    /// nothing is asked of `batches`.
    ///
    /// # Errors
    /// [`LogError::FileExists`] where a file of that name is there that no record knows,
    /// [`LogError::Write`] where it cannot be written; what went wrong with an epoch before.
    pub fn write_sample_table(
        &mut self,
        batches: impl IntoIterator<Item = Vec<SampleEntry>>,
    ) -> Result<(), LogError> {
        if self.has_sample_table {
            return Ok(());
        }
        let written = write_sample_table(&self.sample_table, &self.class_names, batches)?;
        self.has_sample_table = true;
        self.hand_over(Job::SampleTable(FileRecord::of(&written, BTreeMap::new())))
    }

    /// Whether the held-out logits of `model` are there already, since the run was resumed.
    pub fn has_held_out(&self, model: &str) -> bool {
        self.held_out.contains(model)
    }

    /// Writes what `model` says of samples that it was not trained on: `logits` of one epoch, for
    /// which no sample is a threshold sample.
    ///
    /// # Errors
    /// [`LogError::ModelName`] for a name that should not be in a file's; what went wrong with these
    /// logits or with an epoch before.
    pub fn write_held_out(&mut self, model: &str, logits: EpochLogits) -> Result<(), LogError> {
        check_model_name(model)?;
        self.held_out.insert(model.to_owned());
        let model = model.to_owned();
        self.hand_over(Job::HeldOut { model, logits })
    }

    /// Keeps the words of the command that records this run, the program first, in the run's record, so
    /// that a report can say how to get it again. A run that was resumed keeps those that it has.
    ///
    /// # Errors
    /// What went wrong with an epoch before.
    pub fn keep_command(&mut self, words: Vec<String>) -> Result<(), LogError> {
        self.hand_over(Job::Command(words))
    }

    /// Keeps what the data were taken for in the run's record.
    ///
    /// # Errors
    /// What went wrong with an epoch before.
    pub fn keep_reading(&mut self, reading: Value) -> Result<(), LogError> {
        self.hand_over(Job::Reading(reading))
    }

    /// Hands over a complete epoch of the 1-based `pass`; `metrics` go to the run's record.
    ///
    /// # Errors
    /// What went wrong with this epoch or one handed over earlier, see [`EpochWriter::write`].
    pub fn write(
        &mut self,
        pass: u32,
        epoch: impl Into<EpochRows>,
        metrics: BTreeMap<String, f64>,
    ) -> Result<(), LogError> {
        self.hand_over(Job::Epoch {
            pass,
            epoch: epoch.into(),
            metrics,
            held_out: None,
        })
    }

    /// As [`RunWriter::write`], with what the network that the pass trains, as `model`, says after that epoch of
    /// the samples that the pass holds out: of the same epoch, and none of them is a threshold sample. They are on
    /// the disk before the epoch is.
    ///
    /// # Errors
    /// [`LogError::ModelName`] for a name that should not be in a file's; those of [`RunWriter::write`].
    pub fn write_with_held_out(
        &mut self,
        pass: u32,
        epoch: impl Into<EpochRows>,
        metrics: BTreeMap<String, f64>,
        model: &str,
        held_out: EpochLogits,
    ) -> Result<(), LogError> {
        check_model_name(model)?;
        self.hand_over(Job::Epoch {
            pass,
            epoch: epoch.into(),
            metrics,
            held_out: Some((model.to_owned(), held_out)),
        })
    }

    fn hand_over(&mut self, job: Job) -> Result<(), LogError> {
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
