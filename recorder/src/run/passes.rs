//! The passes of a run: each trains a network of its own on its assigned labels, and logs its epochs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::ModuleT;
use logformat::configuration::{HELD_OUT_ACCURACY, TEST_ACCURACY, VALIDATION_ACCURACY};
use logformat::{EpochLogits, PassSamples, RunWriter};

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::Samples;
use crate::engine::optimiser::stepping::Optimiser;
use crate::engine::optimiser::warm_up::WarmUp;
use crate::engine::parameters::Parameters;
use crate::engine::state::{restore_state, state_to_bytes};
use crate::error::run::RecorderError;
use crate::labels::training_labels::TrainingLabels;
use crate::run::checkpoints::{Checkpoints, EpochEnd};
use crate::run::held_out_epochs::{HeldOutFold, NETWORK_MODEL};
use crate::run::progress::{EpochSummary, Position, Progress};
use crate::run::resume::ResumePoint;
use crate::run::settings::RunSettings;
use crate::training::augmentation::Augmentation;
use crate::training::device::OpenedDevice;
use crate::training::epoch::{EpochDraws, TrainingSet, train_epoch};
use crate::training::evaluation::{Accuracy, test_accuracy};
use crate::training::inputs::{HostInputs, InputSource};
use crate::training::loss_schedule::LossSchedule;
use crate::training::tuning::Tuning;

/// All that the passes of a run share.
pub(crate) struct Task<'a> {
    pub(crate) settings: &'a RunSettings,
    pub(crate) dataset: &'a Dataset,
    pub(crate) device: &'a OpenedDevice,
    pub(crate) labels: &'a TrainingLabels,
    pub(crate) loss: LossSchedule,
    /// Weights that each network begins with.
    pub(crate) tuning: Option<&'a Tuning<'a>>,
    pub(crate) run: String,
    pub(crate) stop: &'a AtomicBool,
}

/// A network with its parameters and statistics.
pub(crate) type Network = (Box<dyn ModuleT>, Parameters);

/// What is kept of the epochs of a training.
pub(crate) trait EpochRecord {
    /// Whether the training can go on from its epochs.
    fn has_checkpoints(&self) -> bool {
        true
    }
    /// An epoch (from 1) begins.
    fn begin(&mut self, epoch: usize);
    /// A sample's logits of the training forward pass.
    fn logits(&mut self, sample: usize, logits: &[f32]) -> Result<(), RecorderError>;
    /// Whether the test samples are predicted after this epoch, where not after every one; `validation` is how it
    /// did on the samples held out.
    fn needs_test(&self, validation: Option<Accuracy>) -> bool;
    /// An epoch has ended, and can be written, with what the network says of the samples that the pass holds out.
    fn end(
        &mut self,
        end: EpochEnd,
        summary: &EpochSummary,
        held_out: Option<EpochLogits>,
    ) -> Result<(), RecorderError>;
}

/// The log of a pass.
struct PassLog<'a> {
    log: &'a mut RunWriter,
    samples: Arc<PassSamples>,
    /// The row of each training sample among them; 0 for those that are not.
    rows: Vec<usize>,
    /// Of the current epoch.
    logits: Option<EpochLogits>,
}

impl EpochRecord for PassLog<'_> {
    fn begin(&mut self, epoch: usize) {
        let samples = Arc::clone(&self.samples);
        self.logits = Some(EpochLogits::new(samples, to_u32(epoch)));
    }

    fn logits(&mut self, sample: usize, logits: &[f32]) -> Result<(), RecorderError> {
        match &mut self.logits {
            Some(epoch) => Ok(epoch.record(self.rows[sample], logits)?),
            None => Ok(()),
        }
    }

    fn needs_test(&self, _: Option<Accuracy>) -> bool {
        false
    }

    fn end(
        &mut self,
        end: EpochEnd,
        summary: &EpochSummary,
        held_out: Option<EpochLogits>,
    ) -> Result<(), RecorderError> {
        let (pass, metrics) = (to_u32(end.pass), metrics(summary));
        match (self.logits.take(), held_out) {
            (Some(logits), Some(held_out)) => {
                let log = &mut self.log;
                Ok(log.write_with_held_out(pass, logits, metrics, NETWORK_MODEL, held_out)?)
            }
            (Some(logits), None) => Ok(self.log.write(pass, logits, metrics)?),
            (None, _) => Ok(()),
        }
    }
}

impl Task<'_> {
    pub(crate) fn checkpoints(&self) -> Checkpoints {
        Checkpoints::new(&self.settings.out, &self.run)
    }

    pub(crate) fn build_network(&self, pass: usize) -> Result<Network, RecorderError> {
        let dataset = self.dataset;
        let parameters = Parameters::new(self.settings.seed, &format!("pass {pass}"));
        let network = self.settings.network.build(
            &dataset.name,
            dataset.sample_shape,
            self.labels.output_count(),
            parameters.builder(&self.device.device),
        )?;
        let network = match self.tuning {
            None => network,
            Some(tuning) => tuning.begin(self.settings.network.kind, network, &parameters)?,
        };
        Ok((network, parameters))
    }

    /// For epochs of so many samples, of which some were trained on before.
    pub(crate) fn optimiser(
        &self,
        parameters: &Parameters,
        samples: usize,
        epochs_done: usize,
    ) -> Result<Box<dyn Optimiser>, RecorderError> {
        let settings = self.settings;
        let optimiser = match self.tuning {
            None => settings.optimiser.build(parameters.trainable())?,
            Some(tuning) => {
                tuning.optimiser(settings.network.kind, settings.optimiser, parameters)?
            }
        };
        let rate = settings.optimiser.learning_rate();
        let steps = samples.div_ceil(settings.batch_size.get());
        Ok(match settings.warm_up_epochs {
            0 => optimiser,
            epochs => Box::new(WarmUp::new(
                optimiser,
                rate,
                epochs * steps,
                epochs_done * steps,
            )),
        })
    }

    /// Trains one pass (1-based), or what is left of it, and logs its epochs.
    pub(crate) fn record_pass(
        &self,
        pass: usize,
        resumed: Option<&ResumePoint>,
        log: &mut RunWriter,
        progress: &mut dyn Progress,
    ) -> Result<(), RecorderError> {
        let samples = Arc::new(self.labels.pass_samples(pass - 1)?);
        let mut rows = vec![0; self.labels.given.len()];
        for (row, sample) in self.labels.trained(pass - 1).into_iter().enumerate() {
            rows[sample] = row;
        }
        let mut log = PassLog {
            log,
            samples,
            rows,
            logits: None,
        };
        self.train_pass(pass, resumed, &mut log, progress).map(drop)
    }

    /// Trains one pass (1-based), or what is left of it, keeps its checkpoints, and hands what comes of it to
    /// `record`; returns the network.
    pub(crate) fn train_pass(
        &self,
        pass: usize,
        resumed: Option<&ResumePoint>,
        record: &mut dyn EpochRecord,
        progress: &mut dyn Progress,
    ) -> Result<Network, RecorderError> {
        let settings = self.settings;
        let (network, parameters) = self.build_network(pass)?;
        let inputs = self.inputs(&self.dataset.train, settings.augmentation);
        let mut set = TrainingSet::new(inputs, self.labels.assigned(pass - 1))?
            .with_samples(&self.labels.trained(pass - 1));
        let done = resumed.map_or(0, |point| point.done.epoch);
        let mut optimiser = self.optimiser(&parameters, set.len(), done)?;
        if let Some(state) = resumed.and_then(|point| point.state.as_ref()) {
            restore_state(state, &parameters, optimiser.as_ref())?;
        }
        let as_they_are = || self.inputs(&self.dataset.train, Augmentation::default());
        let fold = HeldOutFold::of(self.labels, pass, as_they_are)?;
        let checkpoints = self.checkpoints();
        for epoch in done + 1..=settings.epochs.get() {
            optimiser.set_learning_rate(settings.learning_rate_at(epoch));
            set = set.with_loss(self.loss.at(epoch, settings.epochs.get()));
            let end = EpochEnd { pass, epoch };
            record.begin(epoch);
            let model = network.as_ref();
            let optimiser = optimiser.as_mut();
            let mut summary = self.train_epoch(end, model, optimiser, &set, record, progress)?;
            let held_out = match &fold {
                Some(fold) => Some(fold.judge(model, end)?.ok_or(diverged(settings, end))?),
                None => None,
            };
            summary.held_out = held_out.as_ref().map(|judged| judged.accuracy);
            let written = record.end(end, &summary, held_out.map(|judged| judged.logits));
            // The record of the epoch before is on the disk by now, so one of two checkpoints fits it.
            let kept = written.and_then(|()| match record.has_checkpoints() {
                true => checkpoints.save(end, &state_to_bytes(&parameters, optimiser)?),
                false => Ok(()),
            });
            kept.map_err(|source| unwritable(end, source))?;
            progress.epoch_ended(self.position(end, set.len()), &summary);
            let accuracy = summary.training.accuracy();
            if epoch == settings.epochs.get() && is_chance(accuracy, &set.trained_labels()) {
                progress.note(&self.learned_nothing(pass, accuracy));
            }
        }
        Ok((network, parameters))
    }

    /// Margins of such a pass are a coin's, and a threshold made of them misleads.
    fn learned_nothing(&self, pass: usize, accuracy: f64) -> String {
        format!(
            "warning: pass {pass} learned nothing: its training accuracy is {:.1} %, which naming the commonest label alone would give, so its margins say nothing; try `lr` {} or another `model`",
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
        record: &mut dyn EpochRecord,
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
                record.logits(sample, sample_logits)
            },
            |training| progress.advanced(self.position(end, set.len()), training),
        )?;
        let validation = match &self.dataset.validation {
            Some(validation) => self.accuracy(network, validation)?,
            None => None,
        };
        let is_last = epoch == settings.epochs.get();
        let is_tested = !settings.tests_at_end || is_last || record.needs_test(validation);
        Ok(EpochSummary {
            training,
            validation,
            test: match is_tested {
                true => self.accuracy(network, &self.dataset.test)?,
                false => None,
            },
            held_out: None,
        })
    }

    /// On samples that are not trained on; `None` where there are none.
    fn accuracy(
        &self,
        network: &dyn ModuleT,
        samples: &Samples,
    ) -> Result<Option<Accuracy>, RecorderError> {
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

    fn position(&self, end: EpochEnd, samples: usize) -> Position {
        Position {
            pass: end.pass,
            passes: self.settings.passes.get(),
            epoch: end.epoch,
            epochs: self.settings.epochs.get(),
            samples,
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

pub(crate) fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn metrics(summary: &EpochSummary) -> BTreeMap<String, f64> {
    let training = &summary.training;
    let mut metrics = BTreeMap::from([
        ("training_loss".to_owned(), training.mean_loss()),
        ("training_accuracy".to_owned(), training.accuracy()),
    ]);
    for (name, accuracy) in [
        (TEST_ACCURACY, summary.test),
        (VALIDATION_ACCURACY, summary.validation),
    ] {
        metrics.extend(accuracy.map(|accuracy| (name.to_owned(), accuracy.top1)));
    }
    let held_out = summary.held_out;
    metrics.extend(held_out.map(|accuracy| (HELD_OUT_ACCURACY.to_owned(), accuracy)));
    metrics
}

pub(crate) fn unwritable(
    EpochEnd { pass, epoch }: EpochEnd,
    source: RecorderError,
) -> RecorderError {
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
