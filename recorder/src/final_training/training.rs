//! `recorder train`: the story of a final training, from data set to saved network.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use logformat::{EpochLogits, RunLock, RunRecord, fifteen_digits};
use serde_json::{Value, json};

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::Samples;
use crate::error::removal::FinalTrainingError;
use crate::error::run::RecorderError;
use crate::final_training::model::{MODEL_NAME, ModelDescription, save};
use crate::final_training::record::{
    SampleCounts, TRAIN_RECORD_NAME, TrainRecord, TrainResult, TrainedEpoch,
};
use crate::final_training::removal::CleanedSet;
use crate::final_training::settings::FinalSettings;
use crate::labels::training_labels::{TrainingLabels, is_wrong};
use crate::run::checkpoints::{Checkpoints, EpochEnd};
use crate::run::forecast;
use crate::run::passes::{EpochRecord, Task};
use crate::run::progress::{EpochSummary, Progress};
use crate::run::recording::{draw_labels, load};
use crate::run::resume::{ResumePoint, check_configuration, newest_checkpoint};
use crate::run::settings::ExistingRun;
use crate::training::evaluation::Accuracy;
use crate::training::loss_schedule::LossSchedule;
use crate::training::tuning::{Tuning, WEIGHTS_CRC32};

/// What a final training left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct FinalOutcome {
    /// Its name.
    pub name: String,
    /// Its record, as it was written.
    pub record: TrainRecord,
    /// What came of it.
    pub result: TrainResult,
    /// The saved network.
    pub model: PathBuf,
}

impl FinalOutcome {
    /// What came of it, for people: some lines.
    pub fn in_words(&self) -> String {
        let SampleCounts {
            trained_on,
            left_out,
            validation,
            ..
        } = self.record.samples;
        let last = &self.result.last;
        let mut text = format!(
            "trained {} on {trained_on} of {} samples for {} epochs in {:.1} s\n",
            self.name,
            trained_on + left_out,
            last.epoch,
            self.result.seconds
        );
        match last.test_error {
            None => text += "there are no test samples, so no test error\n",
            Some(_) => text += &format!("test error {} after the last epoch\n", test_error(last)),
        }
        if let Some(best) = &self.result.best_on_validation {
            let error = match best.test_error {
                Some(_) => format!("test error {}", test_error(best)),
                None => format!(
                    "validation error {}",
                    percent(best.validation_error.unwrap_or(f64::NAN))
                ),
            };
            text += &format!(
                "{error} after epoch {}, the best on the {validation} validation samples\n",
                best.epoch
            );
        }
        text + &format!(
            "wrote {}, and {} beside it\n",
            self.model.display(),
            TRAIN_RECORD_NAME
        )
    }
}

fn test_error(epoch: &TrainedEpoch) -> String {
    let top5 = epoch.test_top5_error;
    let top5 = top5.map_or_else(String::new, |error| format!(", top-5 {}", percent(error)));
    percent(epoch.test_error.unwrap_or(f64::NAN)) + &top5
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// Trains a final network, or goes on with it. Ends early, between two steps, once `stop` is set.
///
/// # Errors
/// [`RecorderError`] where settings or lists do not fit the data, a training of the same name is there, it
/// diverges or is stopped, or its files cannot be written. What was kept before stays.
pub fn train(
    settings: &FinalSettings,
    progress: &mut dyn Progress,
    stop: &AtomicBool,
) -> Result<FinalOutcome, RecorderError> {
    let training = &settings.training;
    training.check()?;
    let device = training.device.open()?;
    let mut dataset = load(training, progress, stop)?;
    let labels = draw_labels(training, &dataset)?;
    let like = settings.like.as_ref();
    if let Some(like) = like
        && like
            .given_hash
            .as_ref()
            .is_some_and(|hash| *hash != labels.given_hash())
    {
        let run = like.name.clone();
        return Err(FinalTrainingError::OtherLabels { run }.into());
    }
    let run = like.map(|like| like.name.as_str());
    let cleaned = settings
        .removal
        .apply(&dataset, &labels, run, training.data_seed)?;
    let samples = count(&dataset, &labels, &cleaned);
    let mut configuration = settings.to_json(&device);
    for known in [dataset.describe(), of_labels(&labels, &cleaned)] {
        if let (Value::Object(configuration), Value::Object(known)) = (&mut configuration, known) {
            configuration.extend(known);
        }
    }
    let tuning = training.tuning.as_ref().map(Tuning::open).transpose()?;
    if let Some(tuning) = &tuning {
        configuration[WEIGHTS_CRC32] = tuning.crc32().into();
    }
    let labels = keep(&mut dataset, labels, &cleaned);
    let name = settings.name();
    let task = Task {
        settings: training,
        dataset: &dataset,
        device: &device,
        labels: &labels,
        loss: LossSchedule::throughout(settings.loss.of_classes(dataset.class_count())),
        tuning: tuning.as_ref(),
        run: name.clone(),
        stop,
    };
    // Before anything is written: settings that do not fit must leave nothing behind.
    let network = task.build_network(1)?;
    let takes = forecast::without_log(&task, &network)?;
    let time = task.time_in_words(&network, training.epochs.get() as u64)?;
    drop(network);
    let begun = begin(settings, &name, configuration, samples)?;
    progress.note(&describe(settings, &name, &samples));
    progress.note(&takes);
    time.iter().for_each(|time| progress.note(time));
    if let Some(tuning) = &tuning {
        progress.note(&tuning.in_words(training.network.kind));
    }
    for note in dataset
        .notes
        .iter()
        .chain(&labels.notes)
        .chain(&begun.point.notes)
    {
        progress.note(note);
    }
    let mut epochs = Epochs {
        record: begun.record,
        out: training.out.clone(),
        began: Instant::now(),
    };
    let (_, parameters) = task.train_pass(1, Some(&begun.point), &mut epochs, progress)?;
    let mut record = epochs.record;
    let model = training.out.join(&name).join(MODEL_NAME);
    let description = ModelDescription::of(&training.network, &training.dataset, &dataset);
    save(&model, &parameters, &description)?;
    let result = record
        .conclude()
        .ok_or_else(|| FinalTrainingError::Record {
            path: TrainRecord::path(&training.out, &name),
            reason: "has no epochs".to_owned(),
        })?;
    record.result = Some(result.clone());
    record.save(&training.out)?;
    drop(begun.lock);
    Ok(FinalOutcome {
        name,
        record,
        result,
        model,
    })
}

/// A training that may go on.
struct Begun {
    lock: RunLock,
    record: TrainRecord,
    point: ResumePoint,
}

/// The record, and the epoch after which the training begins; the lock is taken before anything is looked at.
fn begin(
    settings: &FinalSettings,
    name: &str,
    configuration: Value,
    samples: SampleCounts,
) -> Result<Begun, RecorderError> {
    let training = &settings.training;
    let out = &training.out;
    let lock = RunLock::take(out, name)?;
    let path = TrainRecord::path(out, name);
    // Their checkpoints would be taken for each other's.
    if RunRecord::path(out, name).exists() {
        let path = RunRecord::path(out, name);
        return Err(FinalTrainingError::Exists { path }.into());
    }
    let checkpoints = Checkpoints::new(out, name);
    let new = TrainRecord {
        name: name.to_owned(),
        configuration,
        command: training.command.clone(),
        samples,
        epochs: Vec::new(),
        result: None,
    };
    let before = match training.existing {
        ExistingRun::Refuse if path.exists() => {
            return Err(FinalTrainingError::Exists { path }.into());
        }
        ExistingRun::Resume => TrainRecord::read(out, name)?,
        ExistingRun::Refuse | ExistingRun::Replace => None,
    };
    let (record, point) = match before {
        None => (new, ResumePoint::start()),
        Some(mut before) => {
            check_configuration(name, &before.configuration, &new.configuration)?;
            let epoch = before.epochs.len();
            let point = newest_checkpoint(out, name, EpochEnd { pass: 1, epoch })?;
            before.epochs.truncate(point.done.epoch);
            (before, point)
        }
    };
    if point.done.epoch == 0 && path.exists() {
        fs::remove_file(&path).map_err(|error| FinalTrainingError::Record {
            path: path.clone(),
            reason: format!("cannot be deleted: {error}"),
        })?;
    }
    checkpoints.discard_after(point.done)?;
    Ok(Begun {
        lock,
        record,
        point,
    })
}

/// Keeps how epochs went, and none of their logits.
struct Epochs {
    record: TrainRecord,
    out: PathBuf,
    began: Instant,
}

impl EpochRecord for Epochs {
    fn begin(&mut self, _: usize) {
        self.began = Instant::now();
    }

    fn logits(&mut self, _: usize, _: &[f32]) -> Result<(), RecorderError> {
        Ok(())
    }

    fn needs_test(&self, validation: Option<Accuracy>) -> bool {
        let errors = self.record.epochs.iter();
        let mut errors = errors.filter_map(|epoch| epoch.validation_error);
        validation.is_some_and(|now| errors.all(|error| 1.0 - now.top1 < error))
    }

    fn end(
        &mut self,
        end: EpochEnd,
        summary: &EpochSummary,
        _: Option<EpochLogits>,
    ) -> Result<(), RecorderError> {
        let error = |accuracy: f64| fifteen_digits(1.0 - accuracy);
        self.record.epochs.push(TrainedEpoch {
            epoch: end.epoch,
            training_loss: fifteen_digits(summary.training.mean_loss()),
            training_error: error(summary.training.accuracy()),
            validation_error: summary.validation.map(|validation| error(validation.top1)),
            test_error: summary.test.map(|test| error(test.top1)),
            test_top5_error: summary.test.and_then(|test| test.top5.map(error)),
            seconds: self.began.elapsed().as_secs_f64(),
        });
        Ok(self.record.save(&self.out)?)
    }
}

fn of_labels(labels: &TrainingLabels, cleaned: &CleanedSet) -> Value {
    let trained_on = cleaned.kept.iter().flat_map(|&sample| {
        let label = cleaned.labels[sample].to_le_bytes();
        (sample as u64).to_le_bytes().into_iter().chain(label)
    });
    json!({
        "given_labels_hash": labels.given_hash(),
        "trained_on_hash": format!("{:016x}", crate::seeds::fnv1a(trained_on)),
    })
}

fn count(dataset: &Dataset, labels: &TrainingLabels, cleaned: &CleanedSet) -> SampleCounts {
    let truth = labels.truth.as_ref();
    let still_wrong = truth.map(|truth| {
        let kept = cleaned.kept.iter();
        kept.filter(|&&sample| is_wrong(cleaned.labels[sample], truth[sample]))
            .count()
    });
    let left_out_wrong = truth.map(|truth| {
        let is_given_wrong = |&sample: &usize| is_wrong(labels.given[sample], truth[sample]);
        let kept = cleaned
            .kept
            .iter()
            .copied()
            .filter(|sample| is_given_wrong(sample));
        (0..truth.len())
            .filter(|sample| is_given_wrong(sample))
            .count()
            - kept.count()
    });
    SampleCounts {
        trained_on: cleaned.kept.len(),
        left_out: labels.given.len() - cleaned.kept.len(),
        left_out_mislabeled: left_out_wrong,
        relabelled: cleaned.relabelled,
        mislabeled: still_wrong,
        validation: dataset.validation.as_ref().map_or(0, Samples::len),
        test: dataset.test.len(),
    }
}

/// Brings data and labels to what is trained on.
fn keep(dataset: &mut Dataset, labels: TrainingLabels, cleaned: &CleanedSet) -> TrainingLabels {
    if cleaned.kept.len() < dataset.train.len() {
        dataset.train = dataset.train.select(&cleaned.kept);
    }
    let kept = || cleaned.kept.iter();
    let truth = labels.truth.as_ref();
    TrainingLabels {
        given: kept().map(|&sample| cleaned.labels[sample]).collect(),
        truth: truth.map(|truth| kept().map(|&sample| truth[sample]).collect()),
        sample_ids: cleaned
            .kept
            .iter()
            .map(|&sample| labels.sample_ids[sample])
            .collect(),
        ..labels
    }
}

fn describe(settings: &FinalSettings, name: &str, samples: &SampleCounts) -> String {
    let wrong = |count: Option<usize>| {
        count.map_or_else(String::new, |count| format!(" ({count} mislabeled)"))
    };
    let relabelled = match samples.relabelled {
        0 => String::new(),
        count => format!(", {count} of them with another label than the given one"),
    };
    format!(
        "{name}: {} training samples{}{relabelled}; {} left out{}; {} epochs in batches of {} by {}",
        samples.trained_on,
        wrong(samples.mislabeled),
        samples.left_out,
        wrong(samples.left_out_mislabeled),
        settings.training.epochs,
        settings.training.batch_size,
        settings.loss.name(),
    )
}
