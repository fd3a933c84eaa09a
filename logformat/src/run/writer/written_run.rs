//! The thread that writes a run: takes what the training hands over, and keeps the record up to date.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use serde_json::Value;

use crate::error::LogError;
use crate::run::held_out::{held_out_epoch, held_out_path};
use crate::run::lock::RunLock;
use crate::run::record::{FileRecord, RunRecord};
use crate::schema::file_name::epoch_file_name;
use crate::write::epoch::EpochLogits;
use crate::write::epoch_rows::EpochRows;
use crate::write::writer::EpochWriter;

/// What is handed over to the thread.
pub(crate) enum Job {
    Epoch {
        pass: u32,
        epoch: EpochRows,
        metrics: BTreeMap<String, f64>,
        /// What the network that the pass trains says of the samples that it holds out, with its name.
        held_out: Option<(String, EpochLogits)>,
    },
    /// What a model says of samples that it was not trained on.
    HeldOut { model: String, logits: EpochLogits },
    /// The sample table was written.
    SampleTable(FileRecord),
    /// The words of the command that records the run.
    Command(Vec<String>),
    /// What the data were taken for.
    Reading(Value),
}

/// The writing thread's side.
pub(crate) struct WrittenRun {
    pub(crate) folder: PathBuf,
    pub(crate) lock: RunLock,
    pub(crate) writer: EpochWriter,
    pub(crate) record: RunRecord,
}

impl WrittenRun {
    pub(crate) fn write_all(mut self, jobs: &Receiver<Job>) -> Result<Vec<PathBuf>, LogError> {
        let mut written = Vec::new();
        for job in jobs {
            match job {
                Job::Epoch {
                    pass,
                    epoch,
                    metrics,
                    held_out,
                } => written.push(self.write_epoch(pass, epoch, metrics, held_out)?),
                Job::HeldOut { model, logits } => {
                    self.write_held_out(&model, model.clone(), 1, logits)?;
                }
                Job::SampleTable(table) => self.record.sample_table = Some(table),
                // One that was resumed is what its first command asked for.
                Job::Command(words) if self.record.command.is_empty() => {
                    self.record.command = words;
                }
                Job::Command(_) => continue,
                Job::Reading(reading) => self.record.reading = reading,
            }
            self.record.save(&self.folder)?;
        }
        Ok(written)
    }

    /// What `model` says, in a pass, under this `name`.
    fn write_held_out(
        &mut self,
        model: &str,
        name: String,
        pass: u32,
        logits: EpochLogits,
    ) -> Result<(), LogError> {
        let path = held_out_path(&self.folder, &self.record.run, &name);
        let writer = self.writer.of_model(model);
        let written = writer.write_counted(&path, pass, logits.into())?;
        let file = FileRecord::of(&written, BTreeMap::new());
        self.record.held_out.insert(name, file);
        Ok(())
    }

    fn write_epoch(
        &mut self,
        pass: u32,
        epoch: EpochRows,
        metrics: BTreeMap<String, f64>,
        held_out: Option<(String, EpochLogits)>,
    ) -> Result<PathBuf, LogError> {
        if !self.lock.is_held() {
            return Err(LogError::Moved {
                folder: self.folder.clone(),
                run: self.record.run.clone(),
            });
        }
        // First, so that an epoch that is recorded has them.
        if let Some((model, logits)) = held_out {
            let name = held_out_epoch(&model, pass, logits.epoch());
            self.write_held_out(&model, name, pass, logits)?;
        }
        let name = epoch_file_name(&self.record.run, pass, epoch.epoch());
        let path = self.folder.join(&name);
        let written = self.writer.write_counted(&path, pass, epoch)?;
        self.record.add(name, &written, metrics);
        Ok(path)
    }
}
