//! What a run is: for the record beside its log, and in a line for people.

use logformat::RunDescription;
use serde_json::{Value, json};

use crate::dataset::samples::dataset::Dataset;
use crate::labels::training_labels::TrainingLabels;
use crate::run::passes::Task;
use crate::run::progress::Progress;
use crate::run::settings::RunSettings;
use crate::training::device::OpenedDevice;

pub(crate) fn describe_run(
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
    let samples = settings.trained(dataset.train.len());
    let classes = dataset.class_count();
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

/// So much of what was left aside is told before a run; `recorder data` tells all.
const TOLD_ASIDE: usize = 5;

/// Tells what was taken for what, unless the name of a known data set says it already.
pub(crate) fn tell_reading(task: &Task, progress: &mut dyn Progress) {
    if task.settings.dataset.kind.is_format {
        for line in task.dataset.reading_lines(TOLD_ASIDE) {
            progress.note(&line);
        }
    }
}

pub(crate) fn describe_task(task: &Task) -> String {
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
    let folds = match task.settings.holds_out_folds {
        true => ", each without a fold of its own",
        false => "",
    };
    format!(
        "{}: {samples} training samples of {}{features}{held_out}, {noise}; {} passes of {} epochs{}{folds} on {}, {} threshold samples each{}",
        task.run,
        task.dataset.name,
        task.settings.passes,
        task.settings.epochs,
        task.loss.in_words(task.settings.epochs.get()),
        task.device,
        task.labels.threshold_sets[0].len(),
        task.settings
            .threshold_count
            .describe(task.settings.trained(samples), task.dataset.class_count()),
    )
}
