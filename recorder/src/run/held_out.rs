//! The held-out logits of a run on features, beside its log: what the shrunk discriminant, the neighbours' vote and,
//! where features are few, randomised trees say of the given labels. They are written before the first pass: of 10,000
//! samples with 1,280 features they take some eight seconds of CPU time, of tables of some thousand rows one or two.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use draws::folds::draw_folds;
use logformat::{EpochLogits, RunWriter};

use crate::dataset::samples::dataset::Dataset;
use crate::error::run::RecorderError;
use crate::held_out::features::Features;
use crate::held_out::{discriminant, neighbours, trees};
use crate::labels::training_labels::TrainingLabels;
use crate::seeds::stream;

/// The model that says of every set of features.
pub(crate) const DISCRIMINANT: &str = "discriminant";

/// Writes those of the models that are not there yet, and says which these were. Nothing where samples are no features,
/// or have one class.
///
/// # Errors
/// Where there is no room, the run is stopped, or the log cannot be written.
pub(crate) fn write_held_out(
    dataset: &Dataset,
    labels: &TrainingLabels,
    data_seed: u64,
    log: &mut RunWriter,
    stop: &AtomicBool,
) -> Result<Vec<&'static str>, RecorderError> {
    let classes = dataset.class_count();
    let Some(features) = Features::of(dataset).filter(|_| classes > 1) else {
        return Ok(Vec::new());
    };
    let given = &labels.given;
    let discriminant = || {
        let folds = draw_folds(given, discriminant::FOLDS, data_seed);
        discriminant::held_out(&features, given, classes, &folds)
    };
    let neighbours =
        || neighbours::held_out(&features, given, classes, &mut stream(data_seed, "voters"));
    let trees = || Ok(trees::held_out(&features, given, classes, data_seed));
    type Model<'a> = &'a dyn Fn() -> candle_core::Result<Vec<f32>>;
    let mut models: Vec<(&'static str, Model)> =
        vec![(DISCRIMINANT, &discriminant), ("neighbours", &neighbours)];
    if features.width() <= trees::MOST_FEATURES {
        models.push(("trees", &trees));
    }
    let mut written = Vec::new();
    for (name, model) in models {
        if stop.load(Ordering::Relaxed) {
            return Err(RecorderError::Interrupted { pass: 1, epoch: 1 });
        }
        if !log.has_held_out(name) {
            log.write_held_out(name, logits(labels, classes, &model()?)?)?;
            written.push(name);
        }
    }
    Ok(written)
}

fn logits(
    labels: &TrainingLabels,
    classes: usize,
    rows: &[f32],
) -> Result<EpochLogits, RecorderError> {
    let mut logits = EpochLogits::new(Arc::new(labels.given_samples()?), 1);
    for (sample, row) in rows.chunks_exact(classes).enumerate() {
        logits.record(sample, row)?;
    }
    Ok(logits)
}
