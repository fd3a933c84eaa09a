//! `estimate` from labels that models were not trained on: those of threshold samples by the logits of a log, those of
//! all samples by held-out logits, and a range without a number where the network learned nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleRow,
};
use serde_json::Value;

use crate::questions::samples::{folder, report};

const CLASSES: usize = 4;
const SAMPLES: usize = 400;

/// Every fifth label is wrong, each other class in turn.
fn given(sample: usize) -> u32 {
    let away = if sample.is_multiple_of(5) {
        1 + sample / 5 % 3
    } else {
        0
    };
    ((sample + away) % CLASSES) as u32
}

/// The first pass of the epochs 1 to 3, whose first half are threshold samples, and held-out logits: by `likeliest` the
/// class that the network has for the likeliest.
fn record(folder: &Path, is_held_out: bool, likeliest: impl Fn(usize) -> usize) {
    let description = RunDescription::default();
    let (logits, existing) = (LogitsColumn::Float32, ExistingRun::Replace);
    let mut log = RunWriter::create(folder, "a", description, logits, existing).unwrap();
    let samples = |classes: usize, thresholds: usize| {
        let row = |sample: usize| SampleRow {
            sample_id: (sample as i64).into(),
            assigned_label: if sample < thresholds {
                CLASSES as u32
            } else {
                given(sample)
            },
            given_label: given(sample),
            true_label: Some((sample % CLASSES) as u32),
            is_threshold_sample: sample < thresholds,
        };
        Arc::new(PassSamples::new((0..SAMPLES).map(row).collect(), classes).unwrap())
    };
    let epoch = |number: u32, samples: Arc<PassSamples>, classes: usize| {
        let mut epoch = EpochLogits::new(samples, number);
        for sample in 0..SAMPLES {
            let mut logits: Vec<f32> = (0..classes).map(|class| 0.1 * class as f32).collect();
            logits[likeliest(sample)] = 5.0;
            epoch.record(sample, &logits).unwrap();
        }
        epoch
    };
    if is_held_out {
        let logits = epoch(1, samples(CLASSES, 0), CLASSES);
        log.write_held_out("discriminant", logits).unwrap();
    }
    for number in 1..=3 {
        let logits = epoch(number, samples(CLASSES + 1, SAMPLES / 2), CLASSES + 1);
        log.write(1, logits, BTreeMap::new()).unwrap();
    }
    log.finish().unwrap();
}

fn share(report: &Value, count: &str) -> f64 {
    let rows = report["counts"].as_array().unwrap();
    let row = rows.iter().find(|row| row["count"] == count).unwrap();
    row["share"].as_f64().unwrap()
}

#[test]
fn threshold_samples_whose_labels_were_not_trained_on_tell_how_many_are_wrong() {
    let (logs, word) = folder();
    record(logs.path(), false, |sample| sample % CLASSES);
    let report = report(&["estimate", &word]);
    assert_eq!(report["counts"].as_array().unwrap().len(), 5);
    // 40 of the labels of 200 threshold samples are not the likeliest.
    assert!(
        (share(&report, "disagreeing") - 0.2).abs() < 1e-9,
        "{report}"
    );
    let rate = &report["noise_rate"][0];
    let end = |name: &str| rate[name].as_f64().unwrap();
    assert!(
        end("noise_rate_low") < 0.2 && 0.2 < end("noise_rate_high"),
        "{rate}"
    );
    assert!((end("noise_rate") - 0.2).abs() < 0.06, "{rate}");
}

#[test]
fn held_out_logits_tell_it_of_all_samples() {
    let (logs, word) = folder();
    record(logs.path(), true, |sample| sample % CLASSES);
    let report = report(&["estimate", &word]);
    assert!(
        (share(&report, "disagreeing") - 0.2).abs() < 1e-9,
        "{report}"
    );
    let printed = crate::setup::stdout_of(&["estimate", &word]);
    assert!(
        printed.contains("by models that were not trained on the labels"),
        "{printed}"
    );
}

#[test]
fn a_network_that_learned_nothing_gives_a_range_and_no_number() {
    let (logs, word) = folder();
    record(logs.path(), false, |sample| sample / 7 % CLASSES);
    let report = report(&["estimate", &word]);
    let rate = &report["noise_rate"][0];
    assert_eq!(
        (&rate["noise_rate"], &rate["noise_rate_low"]),
        (&Value::Null, &0.0.into())
    );
    assert!(rate["noise_rate_high"].as_f64() > Some(0.7), "{rate}");
    let note = report["notes"][0].as_str().unwrap();
    assert!(note.contains("cannot be estimated"), "{note}");
}
