//! `recorder run`: the story of a run, from data set to log.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use candle_core::{Device, Tensor};
use logformat::{EpochLogits, LogError, RunDescription, RunWriter};
use serde_json::{Value, json};

use crate::RecorderError;
use crate::dataset::{Dataset, Samples};
use crate::engine::{NesterovSgd, Parameters};
use crate::labels::TrainingLabels;
use crate::progress::{EpochSummary, Position, Progress};
use crate::seeds::stream;
use crate::settings::RunSettings;
use crate::threshold_samples;
use crate::training::{TrainingSet, test_accuracy, train_epoch};

/// What a run left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOutcome {
    /// The name of the run.
    pub run: String,
    /// The files of the log, in the order in which they were written.
    pub files: Vec<PathBuf>,
    /// Training samples, each of them in every epoch.
    pub samples: usize,
    /// Share of the test samples classified as their true labels after the last epoch, a pass each.
    pub test_accuracies: Vec<f64>,
}

/// Records a run: trains its passes and writes their log.
///
/// # Errors
/// [`RecorderError`] where the settings do not fit the data, a run of the same name is there, the
/// training diverges, or the log cannot be written. What was logged before stays.
pub fn run(
    settings: &RunSettings,
    progress: &mut dyn Progress,
) -> Result<RunOutcome, RecorderError> {
    let device = settings.device.open()?;
    let dataset = Dataset::load(settings.dataset, settings.data_seed)?;
    let labels = draw_labels(settings, &dataset)?;
    let run = settings.run_name();
    // Before the log is begun: settings that do not fit must leave nothing behind.
    build_network(settings, &dataset, &labels, 1, &device)?;
    let mut log = RunWriter::create(
        &settings.out,
        &run,
        describe_run(settings, &dataset, &labels),
        settings.logits_column,
        settings.existing,
    )
    .map_err(name_the_way_out)?;
    progress.note(&describe_task(&run, settings, &dataset, &labels));
    let data = DeviceData::new(&dataset, &device)?;
    let mut test_accuracies = Vec::new();
    for pass in 1..=settings.passes.get() {
        let accuracy = record_pass(settings, &data, &labels, pass, &mut log, progress)?;
        test_accuracies.push(accuracy);
    }
    Ok(RunOutcome {
        run,
        files: log.finish()?,
        samples: dataset.train.len(),
        test_accuracies,
    })
}

fn draw_labels(settings: &RunSettings, dataset: &Dataset) -> Result<TrainingLabels, RecorderError> {
    let (samples, classes) = (dataset.train.len(), dataset.class_count());
    let threshold_count = settings
        .threshold_count
        .unwrap_or_else(|| threshold_samples::default_count(samples, classes));
    TrainingLabels::draw(
        &dataset.train.labels,
        u32::try_from(classes).unwrap_or(u32::MAX),
        settings.noise_rate,
        threshold_count,
        settings.passes.get(),
        settings.data_seed,
    )
}

/// A data set where the training can reach it.
struct DeviceData<'a> {
    dataset: &'a Dataset,
    train_inputs: Tensor,
    test_inputs: Tensor,
}

impl<'a> DeviceData<'a> {
    fn new(dataset: &'a Dataset, device: &Device) -> Result<Self, RecorderError> {
        let tensor = |samples: &Samples| {
            let [channels, height, width] = dataset.sample_shape;
            let shape = (samples.len(), channels, height, width);
            Tensor::from_slice(&samples.inputs, shape, device)
        };
        Ok(Self {
            train_inputs: tensor(&dataset.train)?,
            test_inputs: tensor(&dataset.test)?,
            dataset,
        })
    }
}

type Network = (Box<dyn candle_core::ModuleT>, Parameters);

fn build_network(
    settings: &RunSettings,
    dataset: &Dataset,
    labels: &TrainingLabels,
    pass: usize,
    device: &Device,
) -> Result<Network, RecorderError> {
    let parameters = Parameters::new(settings.seed, &format!("pass {pass}"));
    let network = settings.network.build(
        dataset.name,
        dataset.sample_shape,
        labels.output_count(),
        parameters.builder(device),
    )?;
    Ok((network, parameters))
}

/// Trains one pass (1-based) and logs its epochs; returns the last test accuracy.
fn record_pass(
    settings: &RunSettings,
    data: &DeviceData,
    labels: &TrainingLabels,
    pass: usize,
    log: &mut RunWriter,
    progress: &mut dyn Progress,
) -> Result<f64, RecorderError> {
    let dataset = data.dataset;
    let device = data.train_inputs.device();
    let (network, parameters) = build_network(settings, dataset, labels, pass, device)?;
    let mut optimiser = NesterovSgd::new(parameters.trainable(), settings.sgd)?;
    let set = TrainingSet::new(data.train_inputs.clone(), labels.assigned(pass - 1))?;
    let samples = Arc::new(labels.pass_samples(pass - 1)?);
    let mut last_accuracy = 0.0;
    for epoch in 1..=settings.epochs.get() {
        let position = Position {
            pass,
            passes: settings.passes.get(),
            epoch,
            epochs: settings.epochs.get(),
            samples: set.len(),
        };
        let mut logits = EpochLogits::new(Arc::clone(&samples), to_u32(epoch));
        let training = train_epoch(
            network.as_ref(),
            &mut optimiser,
            &set,
            settings.batch_size.get(),
            &mut stream(settings.seed, &format!("shuffle/pass {pass}/epoch {epoch}")),
            |sample, sample_logits| {
                if sample_logits.iter().any(|logit| !logit.is_finite()) {
                    return Err(diverged(settings, pass, epoch));
                }
                Ok(logits.record(sample, sample_logits)?)
            },
            |training| progress.advanced(position, training),
        )?;
        let test_accuracy = test_accuracy(
            network.as_ref(),
            &data.test_inputs,
            &dataset.test.labels,
            dataset.class_count(),
        )?;
        let summary = EpochSummary {
            training,
            test_accuracy,
        };
        log.write(to_u32(pass), logits, metrics(&summary))?;
        progress.epoch_ended(position, &summary);
        last_accuracy = test_accuracy;
    }
    Ok(last_accuracy)
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn metrics(summary: &EpochSummary) -> BTreeMap<String, f64> {
    BTreeMap::from([
        ("training_loss".to_owned(), summary.training.mean_loss()),
        ("training_accuracy".to_owned(), summary.training.accuracy()),
        ("test_accuracy".to_owned(), summary.test_accuracy),
    ])
}

fn diverged(settings: &RunSettings, pass: usize, epoch: usize) -> RecorderError {
    RecorderError::Diverged {
        pass,
        epoch,
        learning_rate: settings.sgd.learning_rate,
        suggested_learning_rate: settings.sgd.learning_rate / 10.0,
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
    dataset: &Dataset,
    labels: &TrainingLabels,
) -> RunDescription {
    let mut configuration = settings.to_json();
    let known = json!({
        "training_samples": dataset.train.len(),
        "test_samples": dataset.test.len(),
        "classes": dataset.class_count(),
        "threshold_count": labels.threshold_sets[0].len(),
        "mislabeled_count": labels.mislabeled_count(),
    });
    if let (Value::Object(configuration), Value::Object(known)) = (&mut configuration, known) {
        configuration.extend(known);
    }
    RunDescription {
        class_names: dataset.class_names.clone(),
        configuration,
    }
}

fn describe_task(
    run: &str,
    settings: &RunSettings,
    dataset: &Dataset,
    labels: &TrainingLabels,
) -> String {
    let samples = dataset.train.len();
    let noise = match labels.mislabeled_count() {
        Some(mislabeled) => format!(
            "{mislabeled} of them mislabeled on purpose ({:.1} %)",
            100.0 * mislabeled as f64 / samples as f64
        ),
        None => "their own labels under suspicion".to_owned(),
    };
    format!(
        "{run}: {samples} training samples of {}, {noise}; {} passes of {} epochs on {}, {} threshold samples each",
        dataset.name,
        settings.passes,
        settings.epochs,
        settings.device.as_str(),
        labels.threshold_sets[0].len(),
    )
}
