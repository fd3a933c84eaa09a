//! `recorder run`: the story of a run, from data set to log.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use logformat::configuration::{TEST_ACCURACY, VALIDATION_ACCURACY};
use logformat::{
    EpochReader, LogError, LogitsColumn, RunDescription, RunLock, RunRecord, RunWriter,
    epoch_file_name, existing_run,
};
use serde_json::json;

use crate::dataset::samples::dataset::Dataset;
use crate::error::run::RecorderError;
use crate::labels::training_labels::TrainingLabels;
use crate::run::backbone_progress::Embedding;
use crate::run::checkpoints::EpochEnd;
use crate::run::description::{describe_run, describe_task, tell_reading};
use crate::run::forecast::{BytesThere, Forecast};
use crate::run::held_out::{DISCRIMINANT, write_held_out};
use crate::run::passes::{Task, to_u32, unwritable};
use crate::run::progress::Progress;
use crate::run::resume::{ResumePoint, check_configuration, resume_point};
use crate::run::sample_table::sample_table;
use crate::run::settings::{ExistingRun, RunSettings, TUNED_FROM};
use crate::run::short_runs::{SHORT_RUNS, tune};
use crate::training::loss_schedule::LossSchedule;
use crate::training::tuning::{Tuning, WEIGHTS_CRC32};

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
    /// Whether models say of the samples that they were not trained on, as they do of features.
    pub has_held_out_models: bool,
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
    let dataset = load(settings, progress, stop)?;
    let labels = draw_labels(settings, &dataset)?;
    let tuning = settings.tuning.as_ref().map(Tuning::open).transpose()?;
    let task = Task {
        settings,
        dataset: &dataset,
        device: &device,
        labels: &labels,
        loss: LossSchedule::after_cross_entropy(settings.loss.of_classes(dataset.class_count())),
        tuning: tuning.as_ref(),
        run: settings.run_name(),
        stop,
    };
    refuse_existing(settings, &task.run)?;
    let tuned = settings.tunes.then(|| tune(&task, progress));
    let tuned = tuned.transpose()?;
    let settings = &match &tuned {
        Some(tuned) => tuned.best.applied(settings),
        None => settings.clone(),
    };
    let task = Task { settings, ..task };
    // Before the log is begun: settings that do not fit must leave nothing behind.
    let network = task.build_network(1)?;
    let mut description = describe_run(settings, &device, &dataset, &labels);
    if let Some(tuning) = &tuning {
        description.configuration[WEIGHTS_CRC32] = tuning.crc32().into();
    }
    if let Some(tuned) = &tuned {
        description.configuration[TUNED_FROM] = json!(tuned.from);
        description.configuration[SHORT_RUNS] = json!(tuned.trials);
    }
    let there = BytesThere::of(settings, &task.run)?;
    let forecast = Forecast::of(&task, &network, &description, there.epochs)?;
    forecast.check_room(&settings.out, there.freed)?;
    let time = task.time_in_words(&network, forecast.epochs)?;
    drop(network);
    let (mut log, mut begin) = begin_log(settings, &task.run, description)?;
    task.checkpoints().discard_after(begin.done)?;
    if !tuned.as_ref().is_some_and(|tuned| tuned.are_new) {
        tell_reading(&task, progress);
    }
    progress.note(&describe_task(&task));
    if let Some(tuned) = &tuned {
        progress.note(&format!("tuned: {}", tuned.best.in_words()));
    }
    if let Some(tuning) = &tuning {
        progress.note(&tuning.in_words(settings.network.kind));
    }
    progress.note(&forecast.in_words(settings.logits_column));
    time.iter().for_each(|time| progress.note(time));
    let notes = dataset.notes.iter().chain(&labels.notes);
    notes.for_each(|note| progress.note(note));
    if let Some(confusions) = labels.confusions() {
        for line in confusions.describe(&dataset.class_names) {
            progress.note(&line);
        }
    }
    for note in begin.notes.drain(..) {
        progress.note(&note);
    }
    let samples = sample_table(&dataset, &labels, settings.dataset.most_picture_bytes);
    if !settings.command.is_empty() {
        log.keep_command(settings.command.clone())?;
    }
    let mut reading = dataset.reading_record();
    if let Some(remarks) = reading["remarks"].as_array_mut() {
        remarks.extend(labels.notes.iter().map(|note| note.as_str().into()));
    }
    log.keep_reading(reading)?;
    log.write_sample_table(samples)
        .map_err(RecorderError::SampleTableUnwritable)?;
    let models = write_held_out(&dataset, &labels, settings.data_seed, &mut log, stop)?;
    if !models.is_empty() {
        progress.note(&format!("held-out evidence of {}", models.join(", ")));
    }
    for pass in begin.done.pass..=settings.passes.get() {
        let resumed = (pass == begin.done.pass).then_some(&begin);
        task.record_pass(pass, resumed, &mut log, progress)?;
    }
    Ok(RunOutcome {
        has_held_out_models: log.has_held_out(DISCRIMINANT),
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

/// The data set, or what a frozen network makes of its images.
pub(crate) fn load(
    settings: &RunSettings,
    progress: &mut dyn Progress,
    stop: &AtomicBool,
) -> Result<Dataset, RecorderError> {
    match &settings.backbone {
        None => Dataset::load(&settings.dataset, settings.data_seed),
        Some(backbone) => {
            let mut watch = Embedding::new(progress);
            backbone.load(&settings.dataset, settings.data_seed, &mut watch, stop)
        }
    }
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

/// Before anything takes long.
fn refuse_existing(settings: &RunSettings, run: &str) -> Result<(), RecorderError> {
    let folder = &settings.out;
    let path = RunRecord::path(folder, run);
    match (settings.existing, existing_run(folder, run)?) {
        (ExistingRun::Refuse, Some(files)) => Err(RecorderError::RunExists {
            folder: folder.clone(),
            run: run.to_owned(),
            epoch_files: files.len(),
        }),
        (ExistingRun::Resume, Some(files)) if !path.exists() => Err(RecorderError::LostRecord {
            path,
            epoch_files: files.len(),
        }),
        (ExistingRun::Refuse | ExistingRun::Resume | ExistingRun::Replace, _) => Ok(()),
    }
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
            if RunRecord::path(out, run).exists() {
                let lock = RunLock::take(out, run)?;
                return resume(settings, run, lock, description);
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

/// Goes on with a run, whose lock was taken before its record is looked at.
fn resume(
    settings: &RunSettings,
    run: &str,
    lock: RunLock,
    description: RunDescription,
) -> Result<(RunWriter, ResumePoint), RecorderError> {
    let (out, logits) = (&settings.out, settings.logits_column);
    let path = RunRecord::path(out, run);
    let record = RunRecord::read(out, run)?.ok_or(LogError::NoRunRecord { path })?;
    check_configuration(run, &record.configuration, &description.configuration)?;
    let (passes, epochs) = (settings.passes.get(), settings.epochs.get());
    let point = resume_point(out, &record, passes, epochs)?;
    let done = point.done;
    if let Some(first) = record
        .files
        .keys()
        .next()
        .filter(|_| done > ResumePoint::start().done)
    {
        check_logits(run, &EpochReader::open(&out.join(first))?, logits)?;
    }
    let keep = |pass: u32, epoch: u32| {
        let (pass, epoch) = (pass as usize, epoch as usize);
        EpochEnd { pass, epoch } <= done
    };
    let log = RunWriter::resume(lock, out, run, description, logits, keep)?;
    Ok((log, point))
}

/// Half a log with logits is none.
fn check_logits(run: &str, log: &EpochReader, now: LogitsColumn) -> Result<(), RecorderError> {
    let in_words = |bits: usize| match bits {
        0 => "none".to_owned(),
        bits => format!("float{bits}"),
    };
    let (before, now) = (log.logit_bits().unwrap_or(0), 8 * now.bytes());
    match before == now {
        true => Ok(()),
        false => Err(RecorderError::OtherConfiguration {
            run: run.to_owned(),
            setting: "logits".to_owned(),
            before: in_words(before),
            now: in_words(now),
        }),
    }
}

/// The labels of the training samples, with the threshold samples of each pass.
pub(crate) fn draw_labels(
    settings: &RunSettings,
    dataset: &Dataset,
) -> Result<TrainingLabels, RecorderError> {
    let (samples, classes) = (dataset.train.len(), dataset.class_count());
    let trained = settings.trained(samples);
    let threshold_count = settings.threshold_count.of(trained, classes);
    let given = settings.labels.labels(
        &dataset.train.labels,
        &dataset.train.origins,
        &dataset.class_names,
        settings.data_seed,
    )?;
    let origins = &dataset.train.origins;
    let ids = (0..samples).map(|sample| origins.sample_id(sample) as i64);
    let draw = match settings.holds_out_folds {
        true => TrainingLabels::draw_with_folds,
        false => TrainingLabels::draw,
    };
    let labels = draw(
        given,
        u32::try_from(classes).unwrap_or(u32::MAX),
        threshold_count,
        settings.passes.get(),
        settings.data_seed,
    )?;
    Ok(labels.with_ids(ids.collect()))
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
