//! `recorder run`: the story of a run, from data set to log.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::ModuleT;
use logformat::{EpochLogits, LogError, RunDescription, RunRecord, RunWriter, epoch_file_name};
use serde_json::{Value, json};

use crate::RecorderError;
use crate::augmentation::Augmentation;
use crate::checkpoints::{Checkpoints, EpochEnd};
use crate::dataset::{Dataset, Samples};
use crate::device::OpenedDevice;
use crate::engine::{Optimiser, Parameters, restore_state, state_to_bytes};
use crate::inputs::{HostInputs, InputSource};
use crate::labels::TrainingLabels;
use crate::progress::{EpochSummary, Position, Progress};
use crate::resume::{ResumePoint, check_configuration, resume_point};
use crate::sample_table::sample_table;
use crate::settings::{ExistingRun, RunSettings};
use crate::training::{EpochDraws, TrainingSet, test_accuracy, train_epoch};

/// What a record calls the share of the test samples that are classified as their true labels.
const TEST_ACCURACY: &str = "test_accuracy";
/// The same for the samples that were held out of the training samples.
const VALIDATION_ACCURACY: &str = "validation_accuracy";

/// What a run left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOutcome {
    /// The name of the run.
    pub run: String,
    /// The files of the log that were written now, in that order.
    pub files: Vec<PathBuf>,
    /// Training samples, each of them in every epoch.
    pub samples: usize,
    /// Share of the test samples classified as their true labels after the last epoch of each pass;
    /// empty without test samples.
    pub test_accuracies: Vec<f64>,
    /// The same for the samples that were held out for validation; empty where none were.
    pub validation_accuracies: Vec<f64>,
}

/// Records a run: trains its passes and writes their log. Ends early, between two steps, once
/// `stop` is set.
///
/// # Errors
/// [`RecorderError`] where the settings do not fit the data, a run of the same name is there, the
/// training diverges or is stopped, or the log cannot be written. What was logged before stays.
pub fn run(
    settings: &RunSettings,
    progress: &mut dyn Progress,
    stop: &AtomicBool,
) -> Result<RunOutcome, RecorderError> {
    settings.check()?;
    let device = settings.device.open()?;
    let dataset = Dataset::load(&settings.dataset, settings.data_seed)?;
    let labels = draw_labels(settings, &dataset)?;
    let task = Task {
        settings,
        dataset: &dataset,
        device: &device,
        labels: &labels,
        run: settings.run_name(),
        stop,
    };
    // Before the log is begun: settings that do not fit must leave nothing behind.
    task.build_network(1)?;
    let description = describe_run(settings, &device, &dataset, &labels);
    let (mut log, mut begin) = begin_log(settings, &task.run, description)?;
    task.checkpoints().discard_after(begin.done)?;
    progress.note(&describe_task(&task));
    dataset.notes.iter().for_each(|note| progress.note(note));
    if let Some(confusions) = labels.confusions() {
        for line in confusions.describe(&dataset.class_names) {
            progress.note(&line);
        }
    }
    for note in begin.notes.drain(..) {
        progress.note(&note);
    }
    let samples = sample_table(&dataset, &labels, settings.most_picture_bytes);
    if !settings.command.is_empty() {
        log.keep_command(settings.command.clone())?;
    }
    log.write_sample_table(samples)
        .map_err(RecorderError::SampleTableUnwritable)?;
    for pass in begin.done.pass..=settings.passes.get() {
        let resumed = (pass == begin.done.pass).then_some(&begin);
        task.record_pass(pass, resumed, &mut log, progress)?;
    }
    Ok(RunOutcome {
        files: log.finish().map_err(|source| {
            let (pass, epoch) = (settings.passes.get(), settings.epochs.get());
            unwritable(EpochEnd { pass, epoch }, source.into())
        })?,
        test_accuracies: final_accuracies(settings, &task.run, TEST_ACCURACY)?,
        validation_accuracies: final_accuracies(settings, &task.run, VALIDATION_ACCURACY)?,
        run: task.run,
        samples: dataset.train.len(),
    })
}

/// Those of the last epochs, also of passes that were recorded before the run was resumed.
fn final_accuracies(
    settings: &RunSettings,
    run: &str,
    metric: &str,
) -> Result<Vec<f64>, RecorderError> {
    let Some(record) = RunRecord::read(&settings.out, run)? else {
        return Ok(Vec::new());
    };
    let accuracy = |pass| {
        let file = epoch_file_name(run, to_u32(pass), to_u32(settings.epochs.get()));
        record.files.get(&file)?.metrics.get(metric).copied()
    };
    Ok((1..=settings.passes.get()).filter_map(accuracy).collect())
}

/// The writer of the log, and the epoch after which it begins.
fn begin_log(
    settings: &RunSettings,
    run: &str,
    description: RunDescription,
) -> Result<(RunWriter, ResumePoint), RecorderError> {
    let (out, logits) = (&settings.out, settings.logits_column);
    let existing = match settings.existing {
        ExistingRun::Resume => {
            if let Some(record) = RunRecord::read(out, run)? {
                check_configuration(&record, &description.configuration)?;
                let (passes, epochs) = (settings.passes.get(), settings.epochs.get());
                let point = resume_point(out, &record, passes, epochs)?;
                let done = point.done;
                let keep = |pass: u32, epoch: u32| {
                    let (pass, epoch) = (pass as usize, epoch as usize);
                    EpochEnd { pass, epoch } <= done
                };
                let log = RunWriter::resume(out, run, description, logits, keep)?;
                return Ok((log, point));
            }
            logformat::ExistingRun::Refuse
        }
        ExistingRun::Refuse => logformat::ExistingRun::Refuse,
        ExistingRun::Replace => logformat::ExistingRun::Replace,
    };
    let log =
        RunWriter::create(out, run, description, logits, existing).map_err(name_the_way_out)?;
    Ok((log, ResumePoint::start()))
}

fn draw_labels(settings: &RunSettings, dataset: &Dataset) -> Result<TrainingLabels, RecorderError> {
    let (samples, classes) = (dataset.train.len(), dataset.class_count());
    let threshold_count = settings.threshold_count.of(samples, classes);
    let given = settings.labels.labels(
        &dataset.train.labels,
        dataset.train.origins.kept.as_ref(),
        &dataset.class_names,
        settings.data_seed,
    )?;
    TrainingLabels::draw(
        given,
        u32::try_from(classes).unwrap_or(u32::MAX),
        threshold_count,
        settings.passes.get(),
        settings.data_seed,
    )
}

/// All that the passes of a run share.
struct Task<'a> {
    settings: &'a RunSettings,
    dataset: &'a Dataset,
    device: &'a OpenedDevice,
    labels: &'a TrainingLabels,
    run: String,
    stop: &'a AtomicBool,
}

type Network = (Box<dyn ModuleT>, Parameters);

impl Task<'_> {
    fn checkpoints(&self) -> Checkpoints {
        Checkpoints::new(&self.settings.out, &self.run)
    }

    fn build_network(&self, pass: usize) -> Result<Network, RecorderError> {
        let dataset = self.dataset;
        let parameters = Parameters::new(self.settings.seed, &format!("pass {pass}"));
        let network = self.settings.network.build(
            &dataset.name,
            dataset.sample_shape,
            self.labels.output_count(),
            parameters.builder(&self.device.device),
        )?;
        Ok((network, parameters))
    }

    /// Trains one pass (1-based), or what is left of it, and logs its epochs.
    fn record_pass(
        &self,
        pass: usize,
        resumed: Option<&ResumePoint>,
        log: &mut RunWriter,
        progress: &mut dyn Progress,
    ) -> Result<(), RecorderError> {
        let settings = self.settings;
        let (network, parameters) = self.build_network(pass)?;
        let mut optimiser = settings.optimiser.build(parameters.trainable())?;
        if let Some(state) = resumed.and_then(|point| point.state.as_ref()) {
            restore_state(state, &parameters, optimiser.as_ref())?;
        }
        let inputs = self.inputs(&self.dataset.train, settings.augmentation);
        let set = TrainingSet::new(inputs, self.labels.assigned(pass - 1))?;
        let samples = Arc::new(self.labels.pass_samples(pass - 1)?);
        let checkpoints = self.checkpoints();
        let first = resumed.map_or(1, |point| point.done.epoch + 1);
        for epoch in first..=settings.epochs.get() {
            optimiser.set_learning_rate(settings.learning_rate_at(epoch));
            let end = EpochEnd { pass, epoch };
            let mut logits = EpochLogits::new(Arc::clone(&samples), to_u32(epoch));
            let model = network.as_ref();
            let optimiser = optimiser.as_mut();
            let summary = self.train_epoch(end, model, optimiser, &set, &mut logits, progress)?;
            let state = state_to_bytes(&parameters, optimiser)?;
            let written = log.write(to_u32(pass), logits, metrics(&summary));
            // The log of the epoch before is on the disk by now, so one of two checkpoints fits it.
            let saved = || checkpoints.save(end, &state);
            let kept = written.map_err(RecorderError::Log).and_then(|()| saved());
            kept.map_err(|source| unwritable(end, source))?;
            progress.epoch_ended(self.position(end), &summary);
            let accuracy = summary.training.accuracy();
            if epoch == settings.epochs.get() && is_chance(accuracy, set.assigned_labels()) {
                progress.note(&self.learned_nothing(pass, accuracy));
            }
        }
        Ok(())
    }

    /// Margins of such a pass are a coin's, and a threshold made of them misleads.
    fn learned_nothing(&self, pass: usize, accuracy: f64) -> String {
        format!(
            "warning: pass {pass} learned nothing: its training accuracy is {:.1} %, which naming the commonest label alone would give, so its margins say nothing; try --lr {} or another --model",
            100.0 * accuracy,
            self.settings.optimiser.learning_rate() / 10.0
        )
    }

    fn train_epoch(
        &self,
        end: EpochEnd,
        network: &dyn ModuleT,
        optimiser: &mut dyn Optimiser,
        set: &TrainingSet,
        logits: &mut EpochLogits,
        progress: &mut dyn Progress,
    ) -> Result<EpochSummary, RecorderError> {
        let EpochEnd { pass, epoch } = end;
        let settings = self.settings;
        let training = train_epoch(
            network,
            optimiser,
            set,
            settings.batch_size.get(),
            EpochDraws::new(settings.seed, pass, epoch),
            |sample, sample_logits| {
                if self.stop.load(Ordering::Relaxed) {
                    return Err(RecorderError::Interrupted { pass, epoch });
                }
                if sample_logits.iter().any(|logit| !logit.is_finite()) {
                    return Err(diverged(settings, end));
                }
                Ok(logits.record(sample, sample_logits)?)
            },
            |training| progress.advanced(self.position(end), training),
        )?;
        Ok(EpochSummary {
            training,
            validation_accuracy: match &self.dataset.validation {
                Some(validation) => self.accuracy(network, validation)?,
                None => None,
            },
            test_accuracy: self.accuracy(network, &self.dataset.test)?,
        })
    }

    /// On samples that are not trained on; `None` where there are none.
    fn accuracy(
        &self,
        network: &dyn ModuleT,
        samples: &Samples,
    ) -> Result<Option<f64>, RecorderError> {
        if samples.is_empty() {
            return Ok(None);
        }
        let inputs = self.inputs(samples, Augmentation::default());
        let class_count = self.dataset.class_count();
        test_accuracy(network, &inputs, &samples.labels, class_count).map(Some)
    }

    fn inputs<'s>(&'s self, samples: &'s Samples, augmentation: Augmentation) -> InputSource<'s> {
        let inputs = HostInputs::new(self.dataset, samples, augmentation);
        InputSource::of(inputs, &self.device.device)
    }

    fn position(&self, end: EpochEnd) -> Position {
        Position {
            pass: end.pass,
            passes: self.settings.passes.get(),
            epoch: end.epoch,
            epochs: self.settings.epochs.get(),
            samples: self.labels.given.len(),
        }
    }
}

/// Whether `accuracy` (0 to 1) is what naming the most frequent of the `labels` every time would give,
/// or a percentage point more.
fn is_chance(accuracy: f64, labels: &[u32]) -> bool {
    let mut counts = BTreeMap::new();
    for &label in labels {
        *counts.entry(label).or_insert(0_usize) += 1;
    }
    let most = counts.into_values().max().unwrap_or_default();
    accuracy <= most as f64 / labels.len() as f64 + 0.01
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn metrics(summary: &EpochSummary) -> BTreeMap<String, f64> {
    let training = &summary.training;
    let mut metrics = BTreeMap::from([
        ("training_loss".to_owned(), training.mean_loss()),
        ("training_accuracy".to_owned(), training.accuracy()),
    ]);
    for (name, accuracy) in [
        (TEST_ACCURACY, summary.test_accuracy),
        (VALIDATION_ACCURACY, summary.validation_accuracy),
    ] {
        metrics.extend(accuracy.map(|accuracy| (name.to_owned(), accuracy)));
    }
    metrics
}

fn unwritable(EpochEnd { pass, epoch }: EpochEnd, source: RecorderError) -> RecorderError {
    RecorderError::Unwritable {
        pass,
        epoch,
        source: Box::new(source),
    }
}

fn diverged(settings: &RunSettings, end: EpochEnd) -> RecorderError {
    RecorderError::Diverged {
        pass: end.pass,
        epoch: end.epoch,
        learning_rate: settings.optimiser.learning_rate(),
        suggested_learning_rate: settings.optimiser.learning_rate() / 10.0,
    }
}

fn name_the_way_out(error: LogError) -> RecorderError {
    match error {
        LogError::RunExists {
            folder,
            run,
            epoch_files,
        } => RecorderError::RunExists {
            folder,
            run,
            epoch_files,
        },
        error => RecorderError::Log(error),
    }
}

fn describe_run(
    settings: &RunSettings,
    device: &OpenedDevice,
    dataset: &Dataset,
    labels: &TrainingLabels,
) -> RunDescription {
    let mut configuration = settings.to_json(device);
    let known = json!({
        "threshold_count": labels.threshold_sets[0].len(),
        "mislabeled_count": labels.mislabeled_count(),
        "given_labels_hash": labels.given_hash(),
    });
    let (samples, classes) = (dataset.train.len(), dataset.class_count());
    let rule = settings.threshold_count.rule(samples, classes);
    let rule = rule.map_or(Value::Null, |rule| json!({ "threshold_count_rule": rule }));
    for known in [
        dataset.describe(),
        known,
        rule,
        Value::Object(labels.describe_noise()),
    ] {
        if let (Value::Object(configuration), Value::Object(known)) = (&mut configuration, known) {
            configuration.extend(known);
        }
    }
    RunDescription {
        class_names: dataset.class_names.clone(),
        configuration,
    }
}

fn describe_task(task: &Task) -> String {
    let samples = task.dataset.train.len();
    let mislabeled = task.labels.mislabeled_count();
    let noise = task.settings.labels.describe(mislabeled, samples);
    let features = match task.dataset.sample_shape {
        [count, 1, 1] => format!(" with {count} features"),
        _ => String::new(),
    };
    let held_out = task.dataset.validation.as_ref();
    let held_out = held_out.map_or_else(String::new, |samples| {
        format!(" beside {} held out for validation", samples.len())
    });
    format!(
        "{}: {samples} training samples of {}{features}{held_out}, {noise}; {} passes of {} epochs on {}, {} threshold samples each{}",
        task.run,
        task.dataset.name,
        task.settings.passes,
        task.settings.epochs,
        task.device,
        task.labels.threshold_sets[0].len(),
        task.settings
            .threshold_count
            .describe(samples, task.dataset.class_count()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naming_the_commonest_label_is_no_learning() {
        let labels = [0, 0, 0, 1];
        assert!(is_chance(0.75, &labels));
        assert!(is_chance(0.5, &labels));
        assert!(!is_chance(0.8, &labels));
    }
}
