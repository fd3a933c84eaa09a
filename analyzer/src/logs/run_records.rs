//! What the recorder keeps beside a log: the command that recorded a run, and its test accuracies. No
//! result rests on it, so a record that is missing or damaged is as none (reading the log warns of
//! damage).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use logformat::configuration::{HELD_OUT_ACCURACY, TEST_ACCURACY, VALIDATION_ACCURACY};
use logformat::{RunRecord, parse_epoch_file_name};

use crate::logs::run_log::RunLog;

/// The folders that `files` lie in.
pub(crate) fn folders(files: &[PathBuf]) -> BTreeSet<&Path> {
    files.iter().filter_map(|file| file.parent()).collect()
}

/// The record of `run` beside one of `files`; `None` where there is none, or a damaged one.
pub fn run_record(files: &[PathBuf], run: Option<&str>) -> Option<RunRecord> {
    let run = run?;
    let records = folders(files).into_iter();
    let mut records = records.map(|folder| RunRecord::read(folder, run));
    records.find_map(|record| record.ok().flatten())
}

/// Takes up the accuracies that the record of a run, beside its files, tells of its passes.
pub(crate) fn take_accuracies(files: &[PathBuf], log: &mut RunLog) {
    if let Some(record) = run_record(files, log.run.as_deref()) {
        for pass in &mut log.passes {
            pass.held_out_accuracies = held_out_accuracies(&record, pass.pass);
        }
        log.held_out_accuracies = mean_held_out_accuracies(&record);
    }
}

/// After each epoch, ascending, the accuracy on the given labels of held-out folds, the mean over the passes that
/// tell it.
fn mean_held_out_accuracies(record: &RunRecord) -> Vec<(u32, f64)> {
    let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for (name, file) in &record.files {
        let place = parse_epoch_file_name(&record.run, name);
        if let (Some((_, epoch)), Some(accuracy)) = (place, file.metrics.get(HELD_OUT_ACCURACY)) {
            let (sum, count) = sums.entry(epoch).or_default();
            *sum += accuracy;
            *count += 1.0;
        }
    }
    let sums = sums.into_iter();
    sums.map(|(epoch, (sum, count))| (epoch, sum / count))
        .collect()
}

/// The accuracy on samples that are not trained on after each epoch of a pass that tells it, ascending by the
/// epoch: on those of a fold that the pass held out, or else on those held out for validation or those of the test.
fn held_out_accuracies(record: &RunRecord, pass: u32) -> Vec<f64> {
    let measured = record.files.iter().filter_map(|(name, file)| {
        let (of, epoch) = parse_epoch_file_name(&record.run, name)?;
        let mut names = [HELD_OUT_ACCURACY, VALIDATION_ACCURACY, TEST_ACCURACY].into_iter();
        let accuracy = names.find_map(|name| file.metrics.get(name))?;
        (of == pass).then_some((epoch, *accuracy))
    });
    let by_epoch: BTreeMap<u32, f64> = measured.collect();
    by_epoch.into_values().collect()
}

/// The share of the test samples that the network of the last epoch gets wrong, 0 to 1: the mean over
/// the passes that have measured it.
pub(crate) fn final_test_error(record: &RunRecord) -> Option<f64> {
    let mut accuracies: BTreeMap<u32, (u32, f64)> = BTreeMap::new();
    for (name, file) in &record.files {
        let measured = file.metrics.get(TEST_ACCURACY);
        let place = parse_epoch_file_name(&record.run, name);
        if let (Some(&accuracy), Some((pass, epoch))) = (measured, place) {
            let last = accuracies.entry(pass).or_insert((epoch, accuracy));
            if epoch >= last.0 {
                *last = (epoch, accuracy);
            }
        }
    }
    let sum: f64 = accuracies.values().map(|(_, accuracy)| accuracy).sum();
    (!accuracies.is_empty()).then(|| 1.0 - sum / accuracies.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(accuracies: &[(u32, u32, f64)]) -> RunRecord {
        let file = |&(pass, epoch, accuracy): &(u32, u32, f64)| {
            let name = logformat::epoch_file_name("a", pass, epoch);
            let metrics = serde_json::json!({ (TEST_ACCURACY): accuracy });
            let file = serde_json::json!({ "bytes": 1, "crc32": "00000000", "metrics": metrics });
            (name, file)
        };
        let files: serde_json::Map<String, serde_json::Value> =
            accuracies.iter().map(file).collect();
        let record = serde_json::json!({ "format_version": 1, "run": "a", "files": files });
        serde_json::from_value(record).unwrap()
    }

    #[test]
    fn the_error_is_that_of_the_last_epochs() {
        let record = record(&[(1, 1, 0.1), (1, 2, 0.9), (2, 2, 0.7), (2, 1, 0.2)]);
        assert!((final_test_error(&record).unwrap() - 0.2).abs() < 1e-12);
    }

    #[test]
    fn accuracies_of_a_pass_come_in_the_order_of_its_epochs() {
        let record = record(&[(1, 10, 0.9), (1, 9, 0.8), (2, 1, 0.7)]);
        assert_eq!(held_out_accuracies(&record, 1), [0.8, 0.9]);
        assert_eq!(held_out_accuracies(&record, 3), [0.0; 0]);
    }

    #[test]
    fn held_out_accuracies_of_an_epoch_are_averaged_over_the_passes() {
        let mut record = record(&[(1, 1, 0.1), (1, 2, 0.9), (2, 2, 0.7), (2, 1, 0.2)]);
        assert_eq!(mean_held_out_accuracies(&record), []);
        for (file, accuracy) in record.files.values_mut().zip([0.5, 0.75, 0.25, 0.25]) {
            let metric = (HELD_OUT_ACCURACY.to_owned(), accuracy);
            file.metrics.extend([metric]);
        }
        // By name: epochs 1 and 2 of pass 1, then of pass 2.
        assert_eq!(mean_held_out_accuracies(&record), [(1, 0.375), (2, 0.5)]);
        assert_eq!(held_out_accuracies(&record, 1), [0.5, 0.75]);
    }

    #[test]
    fn a_run_without_test_samples_has_no_test_error() {
        assert_eq!(final_test_error(&record(&[])), None);
    }
}
