//! What a run will take, said before it begins: of the disk by its log and checkpoints, and of the memory by its
//! data, its network, the intermediate results of a batch, and the logits of an epoch. A run that the disk has no
//! room for is not begun.

use std::path::{Path, PathBuf};

use logformat::{LogitsColumn, RunDescription, epoch_bytes, existing_run, told_bytes};

use crate::dataset::images::memory::{machine_bytes, resident_bytes};
use crate::dataset::images::pixel_file::free_bytes;
use crate::dataset::samples::sample_set::Inputs;
use crate::error::run::RecorderError;
use crate::held_out::size::HeldOutSize;
use crate::run::passes::{Network, Task};
use crate::run::sample_table::most_table_bytes;
use crate::run::settings::{ExistingRun, RunSettings};
use crate::training::evaluation::{INPUTS_AT_ONCE, activations_of_sample, most_evaluation_bytes};

/// Two are kept, and one is being written.
const CHECKPOINTS: u64 = 3;
/// The epoch that is recorded, and the one that is written.
const EPOCHS_IN_MEMORY: u64 = 2;
/// Gradients that are under way in a backward pass, as large as the largest result: the one that came in, the one
/// that goes on, and that of a shortcut.
const GRADIENTS_AT_ONCE: usize = 3;
/// What the writer of a log holds at once: a row group, and its pages.
const MOST_WRITER_BYTES: u64 = 2 * (64 << 20);
/// Threads, tables, and what allocators leave unused, by which the same run may differ by 20 MiB.
const FIXED_BYTES: u64 = 80 << 20;
const UNUSED_SHARE: f64 = 0.1;

/// What a run will take, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forecast {
    /// Files of epochs that are still to be written.
    pub(crate) epochs: u64,
    log: LogBytes,
    /// Checkpoints, sample table and held-out logits.
    beside: u64,
    /// Of the processor's, at most.
    memory: u64,
}

/// The files of all those epochs, by what is kept of their logits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LogBytes {
    kept: u64,
    half: u64,
    none: u64,
}

impl Forecast {
    /// What is left of a run of which so many epochs are `done`; `network` is the one of a pass.
    ///
    /// # Errors
    /// Where the network fails.
    pub(crate) fn of(
        task: &Task,
        network: &Network,
        description: &RunDescription,
        done: usize,
    ) -> Result<Self, RecorderError> {
        let settings = task.settings;
        let epochs = settings.passes.get().saturating_mul(settings.epochs.get());
        let left = epochs.saturating_sub(done) as u64;
        let (all, outputs) = (task.dataset.train.len(), task.labels.output_count());
        let samples = settings.trained(all);
        // What is said of the fold that a pass holds out is kept whatever the log keeps.
        let fold = match all - samples {
            0 => 0,
            fold => epoch_bytes(description, LogitsColumn::Float32, fold, outputs),
        };
        let log = |logits| {
            let of_epoch = epoch_bytes(description, logits, samples, outputs);
            left.saturating_mul(of_epoch + fold)
        };
        let state = task.state_bytes(network);
        let logits = floats(all * outputs);
        let kept = settings.logits_column;
        let written = MOST_WRITER_BYTES.min(2 * logits)
            + match kept {
                LogitsColumn::Float16 => logits / 2,
                LogitsColumn::Float32 | LogitsColumn::Absent => 0,
            };
        let held_out = HeldOutSize::of(task.dataset);
        let logging = EPOCHS_IN_MEMORY * logits + written + held_out.memory;
        Ok(Self {
            epochs: left,
            log: LogBytes {
                kept: log(kept),
                half: log(LogitsColumn::Float16),
                none: log(LogitsColumn::Absent),
            },
            beside: CHECKPOINTS * state
                + most_table_bytes(task.dataset, settings.dataset.most_picture_bytes)
                + held_out.files,
            memory: task.most_memory(network, logging)?,
        })
    }

    /// One line for people.
    pub(crate) fn in_words(&self, logits: LogitsColumn) -> String {
        let kept = match logits {
            LogitsColumn::Float32 => "all logits as 32-bit floats",
            LogitsColumn::Float16 => "all logits as 16-bit floats",
            LogitsColumn::Absent => "margins alone",
        };
        format!(
            "takes {} of the disk for {} epochs with {kept}, {} beside them, and {}",
            told_bytes(self.log.kept),
            self.epochs,
            told_bytes(self.beside),
            memory_in_words(self.memory),
        )
    }

    /// Refuses what `folder` has no room for, where so many bytes of it are freed before.
    ///
    /// # Errors
    /// [`RecorderError::DiskTooSmall`].
    pub(crate) fn check_room(&self, folder: &Path, freed: u64) -> Result<(), RecorderError> {
        let needed = |log: u64| log.saturating_add(self.beside);
        let Some(free) = free_bytes(folder).map(|free| free.saturating_add(freed)) else {
            return Ok(());
        };
        if needed(self.log.kept) <= free {
            return Ok(());
        }
        let smaller =
            |log: u64| (log < self.log.kept && needed(log) <= free).then_some(needed(log));
        Err(RecorderError::DiskTooSmall {
            folder: folder.to_owned(),
            epochs: self.epochs,
            needed: needed(self.log.kept),
            free,
            with_half_logits: smaller(self.log.half),
            without_logits: smaller(self.log.none),
        })
    }
}

/// What a training without a log will take: one line for people.
///
/// # Errors
/// Where the network fails.
pub(crate) fn without_log(task: &Task, network: &Network) -> Result<String, RecorderError> {
    Ok(format!(
        "takes {} of the disk, and {}",
        told_bytes(CHECKPOINTS * task.state_bytes(network)),
        memory_in_words(task.most_memory(network, 0)?),
    ))
}

fn memory_in_words(memory: u64) -> String {
    let doubt = match machine_bytes() {
        Some(all) if memory > all => format!(
            ", more than the {} of this machine; smaller batches take less",
            told_bytes(all)
        ),
        _ => String::new(),
    };
    format!("{} of memory at most{doubt}", told_bytes(memory))
}

/// What is on the disk already of a run that goes on or begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BytesThere {
    /// Epochs that need not be written again.
    pub(crate) epochs: usize,
    /// Bytes that will be freed, or that are counted as still to be written.
    pub(crate) freed: u64,
}

impl BytesThere {
    /// Of the run of this name.
    ///
    /// # Errors
    /// Where the folder of the log cannot be listed.
    pub(crate) fn of(settings: &RunSettings, run: &str) -> Result<Self, RecorderError> {
        let epochs = existing_run(&settings.out, run)?.unwrap_or_default();
        let beside = walkdir::WalkDir::new(settings.out.join(run));
        let beside = beside
            .into_iter()
            .flatten()
            .map(walkdir::DirEntry::into_path);
        let bytes = |path: &PathBuf| path.metadata().map_or(0, |about| about.len());
        let beside: u64 = beside.map(|path| bytes(&path)).sum();
        Ok(match settings.existing {
            ExistingRun::Refuse => Self {
                epochs: 0,
                freed: 0,
            },
            ExistingRun::Replace => Self {
                epochs: 0,
                freed: beside + epochs.iter().map(bytes).sum::<u64>(),
            },
            ExistingRun::Resume => Self {
                epochs: epochs.len(),
                freed: beside,
            },
        })
    }
}

impl Task<'_> {
    /// Weights and statistics, and what the optimiser remembers of them.
    fn state_bytes(&self, (_, parameters): &Network) -> u64 {
        let values: usize = parameters.all().values().map(|all| all.elem_count()).sum();
        let remembered = self.settings.optimiser.numbers_a_weight();
        floats(values + parameters.trainable_count() * remembered)
    }

    /// What the program has and will take at most of the processor's memory, so much of it for a log.
    fn most_memory(&self, network: &Network, logging: u64) -> Result<u64, RecorderError> {
        let state = self.state_bytes(network);
        let of_network = match self.device.device.is_cpu() {
            // While a checkpoint is written, it is there three times.
            true => 3 * state + floats(network.1.trainable_count()) + self.batch_bytes(network)?,
            false => 2 * state,
        };
        // Allocators seldom give back what the one took before the other takes its own.
        let added = of_network + logging + self.reading_bytes() + FIXED_BYTES;
        Ok(resident_bytes() + added + (UNUSED_SHARE * added as f64) as u64)
    }

    /// What a step takes beside the weights, or an evaluation where that is more: inputs, what operators keep of
    /// them, and gradients under way.
    fn batch_bytes(&self, (network, _): &Network) -> Result<u64, RecorderError> {
        let shape = self.dataset.sample_shape;
        let made = activations_of_sample(network.as_ref(), shape, &self.device.device)?;
        let inputs: usize = shape.iter().product();
        let values = made.all + GRADIENTS_AT_ONCE * made.largest + INPUTS_AT_ONCE * inputs;
        let batch = self.settings.batch_size.get().min(self.dataset.train.len());
        let tested = [Some(&self.dataset.test), self.dataset.validation.as_ref()];
        let tested = tested.into_iter().flatten().map(|samples| samples.len());
        let evaluation = most_evaluation_bytes(made, inputs, tested.max().unwrap_or(0));
        Ok(floats(batch * values).max(evaluation as u64))
    }

    /// Of images that are read in windows: one that is decoded, and the next.
    fn reading_bytes(&self) -> u64 {
        match &self.dataset.train.inputs {
            Inputs::Images(images) => images.most_window_bytes(),
            Inputs::Pixels(_) | Inputs::Values(_) => 0,
        }
    }
}

fn floats(count: usize) -> u64 {
    (count * size_of::<f32>()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    #[test]
    fn a_log_that_does_not_fit_is_refused_with_what_would() {
        let folder = tempdir().unwrap();
        let out = folder.path().join("logs");
        let free = free_bytes(&out).unwrap();
        let forecast = Forecast {
            epochs: 180,
            log: LogBytes {
                kept: 4 * free,
                half: 2 * free,
                none: 1000,
            },
            beside: 500,
            memory: 0,
        };
        let Err(RecorderError::DiskTooSmall {
            needed,
            with_half_logits,
            without_logits,
            ..
        }) = forecast.check_room(&out, 0)
        else {
            panic!("it was not refused")
        };
        assert_eq!(needed, 4 * free + 500);
        assert_eq!((with_half_logits, without_logits), (None, Some(1500)));
        // Where what is there will be deleted first, there is room.
        assert!(forecast.check_room(&out, 4 * free).is_ok());
        assert!(!out.exists());
    }
}
