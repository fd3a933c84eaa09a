//! Settings with which a network neither underfits nor memorises, found without any truth: short runs hold a fifth of
//! the training samples out, and those settings are taken with which the network predicts most given labels of these.
//! Learning rate, weight decay and width are tried one after the other, below and above the best so far; how many
//! epochs are enough is read off the same runs.

use std::num::NonZeroUsize;

use draws::folds::draw_folds;
use logformat::{EpochLogits, RunRecord};
use serde::{Deserialize, Serialize};

use crate::error::run::RecorderError;
use crate::labels::training_labels::TrainingLabels;
use crate::run::checkpoints::EpochEnd;
use crate::run::description::tell_reading;
use crate::run::passes::{EpochRecord, Task};
use crate::run::progress::{EpochSummary, Position, Progress};
use crate::run::settings::{ExistingRun, RunSettings};
use crate::training::epoch::EpochProgress;
use crate::training::evaluation::Accuracy;

/// One of so many parts is held out.
const FOLDS: usize = 5;
/// With fewer samples held out, which settings are best is chance. A choice.
const FEWEST_HELD_OUT: usize = 30;
/// What learning rate, weight decay and width of the best settings so far are multiplied by.
const CHANGES: [[[f64; 3]; 2]; 3] = [
    [[0.3, 1.0, 1.0], [3.0, 1.0, 1.0]],
    [[1.0, 0.3, 1.0], [1.0, 3.0, 1.0]],
    [[1.0, 1.0, 0.25], [1.0, 1.0, 4.0]],
];
/// The key of a run's record under which is all that was tried.
pub(crate) const SHORT_RUNS: &str = "short_runs";

/// Settings that are tried, and the share (0 to 1) of the held-out samples that got their given labels with them;
/// `None` where the training diverged before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trial {
    learning_rate: f64,
    weight_decay: f64,
    hidden_units: Option<Vec<usize>>,
    epochs: NonZeroUsize,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_out_accuracy: Option<f64>,
}

impl Trial {
    fn of(settings: &RunSettings) -> Self {
        Self {
            learning_rate: settings.optimiser.learning_rate(),
            weight_decay: settings.optimiser.weight_decay(),
            hidden_units: settings.network.hidden_units(),
            epochs: settings.epochs,
            held_out_accuracy: None,
        }
        .times([1.0; 3])
    }

    /// Others, of which nothing is known.
    fn times(&self, [learning_rate, weight_decay, width]: [f64; 3]) -> Self {
        let times = |units: &usize| ((*units as f64 * width) as usize).max(1);
        let units = self.hidden_units.as_ref();
        Self {
            learning_rate: rounded(self.learning_rate * learning_rate),
            weight_decay: rounded(self.weight_decay * weight_decay),
            hidden_units: units.map(|units| units.iter().map(times).collect()),
            epochs: self.epochs,
            held_out_accuracy: None,
        }
    }

    /// The settings of a run, but for these.
    pub(crate) fn applied(&self, settings: &RunSettings) -> RunSettings {
        let mut settings = settings.clone();
        let optimiser = settings.optimiser;
        settings.optimiser = optimiser.with(self.learning_rate, self.weight_decay);
        settings.network.hidden_units.clone_from(&self.hidden_units);
        settings.epochs = self.epochs;
        settings
    }

    pub(crate) fn in_words(&self) -> String {
        let accuracy = match self.held_out_accuracy {
            None => "diverged".to_owned(),
            Some(accuracy) => format!("{:.1} % of the held-out given labels", 100.0 * accuracy),
        };
        let units = match &self.hidden_units {
            None => String::new(),
            Some(units) => format!(", hidden units {units:?}"),
        };
        format!(
            "{accuracy} with learning rate {}, weight decay {}{units}, {} epochs",
            self.learning_rate, self.weight_decay, self.epochs
        )
    }
}

/// To three digits, which come back from JSON as they were.
fn rounded(rate: f64) -> f64 {
    format!("{rate:.2e}").parse().unwrap_or(rate)
}

/// What short runs have found.
pub(crate) struct Tuned {
    pub(crate) from: Trial,
    pub(crate) trials: Vec<Trial>,
    pub(crate) best: Trial,
    /// Whether the short runs were made now, once it was told how the data were read.
    pub(crate) are_new: bool,
}

/// Finds the settings for the run of a task, or what was found before it where it goes on.
///
/// # Errors
/// [`RecorderError::TooFewToTune`], and those of training; that one diverges is none.
pub(crate) fn tune(task: &Task, progress: &mut dyn Progress) -> Result<Tuned, RecorderError> {
    let settings = task.settings;
    let from = Trial::of(settings);
    let before = match settings.existing {
        ExistingRun::Resume => RunRecord::read(&settings.out, &task.run)?,
        ExistingRun::Refuse | ExistingRun::Replace => None,
    };
    let are_new = before.is_none();
    let trials = match before {
        // A record without any is one of other settings, and will be refused as such.
        Some(record) => serde_json::from_value(record.configuration[SHORT_RUNS].clone()),
        None => Ok(short_runs(task, &from, progress)?),
    };
    let trials = trials.unwrap_or_default();
    Ok(Tuned {
        best: best(&from, &trials),
        from,
        trials,
        are_new,
    })
}

/// The first of equal ones.
fn best(from: &Trial, trials: &[Trial]) -> Trial {
    let is_better = |trial: &Trial, best: &Trial| trial.held_out_accuracy > best.held_out_accuracy;
    let better = |best, trial| if is_better(trial, best) { trial } else { best };
    trials.iter().fold(from, better).clone()
}

fn short_runs(
    task: &Task,
    from: &Trial,
    progress: &mut dyn Progress,
) -> Result<Vec<Trial>, RecorderError> {
    let given = &task.labels.given;
    let (samples, needed) = (given.len(), FOLDS * FEWEST_HELD_OUT);
    if samples < needed {
        return Err(RecorderError::TooFewToTune { samples, needed });
    }
    tell_reading(task, progress);
    let labels = TrainingLabels {
        folds: Some(draw_folds(given, FOLDS, task.settings.data_seed)),
        ..task.labels.clone()
    };
    let mut trials = Vec::new();
    let mut number = 0;
    let mut run = |trial: &Trial, trials: &mut Vec<Trial>| {
        number += 1;
        let found = short_run(task, &labels, trial, &mut ShortRun { number, progress })?;
        progress.note(&format!(
            "short run {number}: {}",
            best(trial, &found).in_words()
        ));
        trials.extend(found);
        Ok::<(), RecorderError>(())
    };
    run(from, &mut trials)?;
    for changes in CHANGES {
        let before = best(from, &trials).times([1.0; 3]);
        for factors in changes {
            let trial = before.times(factors);
            // No weight decay, and a network without hidden layers, stay what they are.
            if trial != before {
                run(&trial, &mut trials)?;
            }
        }
    }
    Ok(trials)
}

/// How the network does on the first fold after half, all and twice the epochs of the run.
fn short_run(
    task: &Task,
    labels: &TrainingLabels,
    trial: &Trial,
    progress: &mut dyn Progress,
) -> Result<Vec<Trial>, RecorderError> {
    let epochs = task.settings.epochs;
    let twice = epochs.saturating_mul(NonZeroUsize::MIN.saturating_add(1));
    let settings = RunSettings {
        epochs: twice,
        tests_at_end: true,
        ..trial.applied(task.settings)
    };
    let short = Task {
        settings: &settings,
        labels,
        run: task.run.clone(),
        ..*task
    };
    let mut accuracies = Accuracies(Vec::new());
    match short.train_pass(1, None, &mut accuracies, progress) {
        Ok(_) | Err(RecorderError::Diverged { .. }) => {}
        // Nothing is kept of them.
        Err(RecorderError::Interrupted { .. }) => {
            return Err(RecorderError::Interrupted { pass: 1, epoch: 1 });
        }
        Err(error) => return Err(error),
    }
    let half = NonZeroUsize::new((epochs.get() / 2).max(settings.warm_up_epochs));
    let after = |epochs: NonZeroUsize| Trial {
        epochs,
        held_out_accuracy: accuracies.0.get(epochs.get() - 1).copied(),
        ..trial.clone()
    };
    Ok([half.unwrap_or(epochs), epochs, twice].map(after).to_vec())
}

/// The held-out accuracy of each epoch.
struct Accuracies(Vec<f64>);

impl EpochRecord for Accuracies {
    fn has_checkpoints(&self) -> bool {
        false
    }

    fn begin(&mut self, _: usize) {}

    fn logits(&mut self, _: usize, _: &[f32]) -> Result<(), RecorderError> {
        Ok(())
    }

    fn needs_test(&self, _: Option<Accuracy>) -> bool {
        false
    }

    fn end(
        &mut self,
        _: EpochEnd,
        summary: &EpochSummary,
        _: Option<EpochLogits>,
    ) -> Result<(), RecorderError> {
        // So few decimals come back from JSON as they were, as a run that resumes needs it.
        let accuracy = summary.held_out.map(|share| (share * 1e6).round() / 1e6);
        self.0.extend(accuracy);
        Ok(())
    }
}

/// Shows where a short run is, and not how each of its epochs went.
struct ShortRun<'a> {
    number: usize,
    progress: &'a mut dyn Progress,
}

impl Progress for ShortRun<'_> {
    fn note(&mut self, _: &str) {}

    fn advanced(&mut self, position: Position, epoch: &EpochProgress) {
        let (pass, passes) = (self.number, 1 + CHANGES.as_flattened().len());
        let position = Position {
            pass,
            passes,
            ..position
        };
        self.progress.advanced(position, epoch);
    }

    fn epoch_ended(&mut self, _: Position, _: &EpochSummary) {}
}
