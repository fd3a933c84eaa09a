//! `train.json`: what a final training was, how each epoch went, and what came of it. It is written anew after
//! every epoch, so that a training that is stopped goes on from there.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use logformat::{WholeFile, from_sealed_json, read_regular, to_sealed_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::removal::FinalTrainingError;

/// The name of the record in the folder of its training.
pub const TRAIN_RECORD_NAME: &str = "train.json";
/// As for the record of a run.
const MOST_RECORD_BYTES: u64 = 32 << 20;

/// What `train.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainRecord {
    /// The name of the training.
    pub name: String,
    /// The settings that decide it, as in the record of a run, and what is known of data and labels.
    pub configuration: Value,
    /// The words of the command that began it, the program first; empty where there was none.
    #[serde(default)]
    pub command: Vec<String>,
    /// What was trained on.
    pub samples: SampleCounts,
    /// How the epochs went, from the first.
    pub epochs: Vec<TrainedEpoch>,
    /// What came of it; `None` until the last epoch is through.
    pub result: Option<TrainResult>,
}

/// What was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleCounts {
    /// Samples that were trained on.
    pub trained_on: usize,
    /// Training samples that were left out.
    pub left_out: usize,
    /// Of those left out, how many had a wrong label, where that is known.
    pub left_out_mislabeled: Option<usize>,
    /// Samples trained on with another than their given label.
    pub relabelled: usize,
    /// Of those trained on, how many have a wrong label, where that is known.
    pub mislabeled: Option<usize>,
    /// Samples held out of the training samples.
    pub validation: usize,
    /// Test samples.
    pub test: usize,
}

/// How an epoch went; errors are shares of samples, 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedEpoch {
    /// From 1.
    pub epoch: usize,
    /// Mean cross-entropy in nats, of the training forward passes, whatever loss is minimised.
    pub training_loss: f64,
    /// Share of samples whose largest logit was not their label then.
    pub training_error: f64,
    /// After the epoch, on those held out; `None` where none are.
    pub validation_error: Option<f64>,
    /// After the epoch, on the test samples; `None` without any, and where they are predicted at the end alone.
    pub test_error: Option<f64>,
    /// Share of test samples whose label is not among the five largest logits; from 100 classes on.
    pub test_top5_error: Option<f64>,
    /// What it took, tests included.
    pub seconds: f64,
}

/// What came of a final training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainResult {
    /// The last epoch, whose network is saved.
    pub last: TrainedEpoch,
    /// The epoch with the least validation error, the first of equal ones; `None` where none are held out.
    pub best_on_validation: Option<TrainedEpoch>,
    /// What all epochs took.
    pub seconds: f64,
}

impl TrainRecord {
    /// Where the record of the training `name` in `out` lies.
    pub fn path(out: &Path, name: &str) -> PathBuf {
        out.join(name).join(TRAIN_RECORD_NAME)
    }

    /// Reads it; `None` where there is none.
    ///
    /// # Errors
    /// [`FinalTrainingError::Record`] where it cannot be read or understood.
    pub fn read(out: &Path, name: &str) -> Result<Option<Self>, FinalTrainingError> {
        let path = Self::path(out, name);
        let refused = |reason: String| FinalTrainingError::Record {
            path: path.clone(),
            reason,
        };
        match read_regular(&path, MOST_RECORD_BYTES) {
            Ok(bytes) => from_sealed_json(&bytes)
                .map(Some)
                .map_err(|error| refused(format!("cannot be understood: {error}"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused(format!("cannot be read: {error}"))),
        }
    }

    /// Replaces the one on the disk.
    pub(crate) fn save(&self, out: &Path) -> Result<(), FinalTrainingError> {
        let path = Self::path(out, &self.name);
        let save = || -> io::Result<()> {
            fs::create_dir_all(out.join(&self.name))?;
            let mut file = WholeFile::create(&path)?;
            file.write_all(to_sealed_json(self)?.as_bytes())?;
            file.replace()
        };
        save().map_err(|error| FinalTrainingError::Record {
            path: path.clone(),
            reason: format!("cannot be written: {error}"),
        })
    }

    /// What comes of the epochs; `None` where there are none.
    pub(crate) fn conclude(&self) -> Option<TrainResult> {
        let last = self.epochs.last()?.clone();
        let validated = self.epochs.iter().filter_map(|epoch| {
            let error = epoch.validation_error?;
            Some((error, epoch))
        });
        let best = validated.min_by(|(a, _), (b, _)| a.total_cmp(b));
        Some(TrainResult {
            last,
            best_on_validation: best.map(|(_, epoch)| epoch.clone()),
            seconds: self.epochs.iter().map(|epoch| epoch.seconds).sum(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(epoch: usize, validation_error: Option<f64>) -> TrainedEpoch {
        TrainedEpoch {
            epoch,
            training_loss: 1.0,
            training_error: 0.5,
            validation_error,
            test_error: Some(0.25),
            test_top5_error: None,
            seconds: 2.0,
        }
    }

    #[test]
    fn the_best_epoch_is_the_first_with_the_least_validation_error() {
        let mut record = TrainRecord {
            name: "a".to_owned(),
            configuration: Value::Null,
            command: Vec::new(),
            samples: SampleCounts {
                trained_on: 4,
                left_out: 0,
                left_out_mislabeled: None,
                relabelled: 0,
                mislabeled: None,
                validation: 10,
                test: 4,
            },
            epochs: [0.3, 0.1, 0.1, 0.2]
                .iter()
                .zip(1..)
                .map(|(&error, number)| epoch(number, Some(error)))
                .collect(),
            result: None,
        };
        let result = record.conclude().unwrap();
        assert_eq!((result.last.epoch, result.seconds), (4, 8.0));
        assert_eq!(result.best_on_validation.unwrap().epoch, 2);
        record.epochs = vec![epoch(1, None)];
        assert_eq!(record.conclude().unwrap().best_on_validation, None);
        record.epochs.clear();
        assert_eq!(record.conclude(), None);
    }
}
