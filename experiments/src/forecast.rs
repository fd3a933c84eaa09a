//! How long an experiment will take here, from a few steps of each network: an epoch of some batches, and tests
//! on some samples.

use std::time::Instant;

use anyhow::{Result, bail};
use recorder::cli::Command;
use recorder::dataset::{Dataset, Samples};
use recorder::engine::Parameters;
use recorder::run::settings::RunSettings;
use recorder::run::step_time::told_duration;
use recorder::training::epoch::{EpochDraws, TrainingSet, train_epoch};
use recorder::training::evaluation::test_accuracy;
use recorder::training::inputs::{HostInputs, InputSource};

use crate::plan::{Method, Noise, Passes, Plan, TrainedOn};
use crate::protocol::{FOLDS, Protocol, Setting};
use crate::work::{fetch, parse};

/// Batches that are timed, after as many that are not.
const BATCHES: usize = 12;
/// Samples that are tested on.
const TESTED: usize = 2048;

/// What a network takes here.
struct Speed {
    /// Seconds a sample and epoch.
    training: f64,
    /// Seconds a sample.
    testing: f64,
    training_samples: usize,
    /// Predicted after every epoch.
    validation_samples: usize,
    /// Predicted after the last one, and after the best ones on validation samples, which are taken to be few.
    test_samples: usize,
    epochs_of_passes: usize,
    passes: usize,
    epochs_of_final: usize,
}

/// What the experiment takes, for people: a line a network, and all of it.
pub(crate) fn forecast(plan: &Plan, protocol: &Protocol) -> Result<String> {
    let mut text = String::new();
    let mut total = 0.0;
    for network in &plan.networks {
        let speed = measure(protocol, network)?;
        let settings = protocol.settings().into_iter();
        let seconds: f64 = settings
            .filter(|setting| setting.network == network)
            .map(|setting| speed.seconds(setting.noise, &protocol.methods(setting.noise)))
            .sum();
        text += &format!(
            "{network}: {:.0} samples/s trained, {:.0} tested; {}\n",
            1.0 / speed.training,
            1.0 / speed.testing,
            told_duration(seconds)
        );
        total += seconds;
    }
    Ok(text
        + &format!(
            "{} in all, by {BATCHES} steps of each network; samples that are left out are taken to be as many as the noise\n",
            told_duration(total)
        ))
}

impl Speed {
    fn trained(&self, epochs: usize, kept: f64) -> f64 {
        let epoch = self.training * kept * self.training_samples as f64
            + self.testing * self.validation_samples as f64;
        epochs as f64 * epoch + self.testing * self.test_samples as f64
    }

    /// Passes and all methods of one seed.
    fn seconds(&self, noise: &Noise, methods: &[Method]) -> f64 {
        let rate = match noise {
            Noise::None => 0.0,
            Noise::Of(_, rate) => *rate,
        };
        let mut passes = self.passes;
        let stands_on = |of: Passes| methods.iter().any(|method| method.passes() == of);
        if stands_on(Passes::BySce) {
            // As many again.
            passes *= 2;
        }
        if stands_on(Passes::WithFolds) {
            // Each fold is trained on in all passes but one.
            passes += FOLDS - 1;
        }
        let passes = passes as f64 * self.trained(self.epochs_of_passes, 1.0);
        let kept = methods.iter().map(|method| match method.samples {
            TrainedOn::All | TrainedOn::Relabelled | TrainedOn::RelabelledBySce => 1.0,
            TrainedOn::Cleaned
            | TrainedOn::CleanedBySce
            | TrainedOn::CleanedCombined
            | TrainedOn::ConfidentLearning
            | TrainedOn::Oracle
            | TrainedOn::Random => 1.0 - rate,
        });
        let final_ones: f64 = kept
            .map(|kept| self.trained(self.epochs_of_final, kept))
            .sum();
        passes + final_ones
    }
}

fn measure(protocol: &Protocol, network: &str) -> Result<Speed> {
    let plan = protocol.plan;
    let setting = Setting {
        network,
        noise: &Noise::None,
        seed: plan.seeds.first().copied().unwrap_or_default(),
    };
    let Command::Run(arguments) = parse(
        &protocol.passes_words(setting, Passes::Plain),
        "--overwrite",
    )?
    else {
        bail!("this is no recorder run");
    };
    let mut settings = arguments.settings();
    fetch(&mut settings.dataset, arguments.access())?;
    let dataset = Dataset::load(&settings.dataset, settings.data_seed)?;
    let final_words = [
        &["recorder".to_owned(), "train".to_owned()],
        &plan.training[..],
    ]
    .concat();
    let Command::Train(training) = parse(&final_words, "--overwrite")? else {
        bail!("this is no recorder train");
    };
    let (training_seconds, testing) = time(&settings, &dataset)?;
    let validation = dataset.validation.as_ref().map_or(0, Samples::len);
    Ok(Speed {
        training: training_seconds,
        testing,
        training_samples: dataset.train.len(),
        validation_samples: validation,
        test_samples: dataset.test.len(),
        epochs_of_passes: settings.epochs.get(),
        passes: settings.passes.get(),
        epochs_of_final: training.settings(None).training.epochs.get(),
    })
}

/// Seconds a trained sample, and a tested one.
fn time(settings: &RunSettings, dataset: &Dataset) -> Result<(f64, f64)> {
    let device = settings.device.open()?.device;
    let parameters = Parameters::new(settings.seed, "forecast");
    let network = settings.network.build(
        &dataset.name,
        dataset.sample_shape,
        dataset.class_count(),
        parameters.builder(&device),
    )?;
    let mut optimiser = settings.optimiser.build(parameters.trainable())?;
    let count = dataset.train.len().min(BATCHES * settings.batch_size.get());
    let some = dataset.train.select(&(0..count).collect::<Vec<_>>());
    let inputs =
        |augmentation| InputSource::of(HostInputs::new(dataset, &some, augmentation), &device);
    let set = TrainingSet::new(inputs(settings.augmentation), some.labels.clone())?;
    let mut training = 0.0;
    for epoch in 1..=2 {
        let began = Instant::now();
        train_epoch(
            network.as_ref(),
            optimiser.as_mut(),
            &set,
            settings.batch_size.get(),
            EpochDraws::new(settings.seed, 1, epoch),
            |_, _| Ok(()),
            |_| {},
        )?;
        training = began.elapsed().as_secs_f64() / count as f64;
    }
    let tested = count.min(TESTED);
    let few = some.select(&(0..tested).collect::<Vec<_>>());
    let host = HostInputs::new(dataset, &few, Default::default());
    let began = Instant::now();
    test_accuracy(
        network.as_ref(),
        &InputSource::of(host, &device),
        &few.labels,
        dataset.class_count(),
    )?;
    Ok((training, began.elapsed().as_secs_f64() / tested as f64))
}
