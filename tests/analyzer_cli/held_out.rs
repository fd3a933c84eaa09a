//! `--rule combined` and the scores of held-out logits: what the files beside a log say, and how they are
//! refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleRow,
    held_out_path,
};

use crate::setup::{Logs, json_of, refuse, stdout_of};

const SAMPLES: usize = 40;

/// Every tenth label is wrong.
fn given(sample: usize) -> u32 {
    (sample % 2) as u32 ^ u32::from(sample.is_multiple_of(10))
}

fn samples(label: impl Fn(usize) -> u32) -> Arc<PassSamples> {
    let row = |sample: usize| SampleRow {
        sample_id: (sample as i64).into(),
        assigned_label: label(sample),
        given_label: label(sample),
        true_label: Some((sample % 2) as u32),
        is_threshold_sample: false,
    };
    Arc::new(PassSamples::new((0..SAMPLES).map(row).collect(), 2).unwrap())
}

/// The logit of the true class; the other one has 0.
fn epoch(number: u32, samples: Arc<PassSamples>, of_the_true_class: f32) -> EpochLogits {
    let mut epoch = EpochLogits::new(samples, number);
    for sample in 0..SAMPLES {
        let mut logits = [0.0; 2];
        logits[sample % 2] = of_the_true_class;
        epoch.record(sample, &logits).unwrap();
    }
    epoch
}

/// A run of two epochs, with held-out logits for the labels of `held_out`.
fn record(folder: &Path, held_out: Option<fn(usize) -> u32>) {
    let description = RunDescription::default();
    let (logits, existing) = (LogitsColumn::Float32, ExistingRun::Replace);
    let mut log = RunWriter::create(folder, "a", description, logits, existing).unwrap();
    if let Some(label) = held_out {
        let logits = epoch(1, samples(label), 9_f32.ln());
        log.write_held_out("discriminant", logits).unwrap();
    }
    for number in 1..=2 {
        let logits = epoch(number, samples(given), 2.0);
        log.write(1, logits, BTreeMap::new()).unwrap();
    }
    log.finish().unwrap();
}

#[test]
fn what_is_low_by_aum_and_by_held_out_logits_is_flagged_without_threshold_samples() {
    let logs = Logs::new();
    record(logs.0.path(), Some(given));
    let summary = &json_of(&["aum", logs.folder(), "--rule", "combined"])[0];
    assert_eq!(summary["rule"], "combined");
    assert_eq!(summary["flagged"], 4);
    assert_eq!(summary["evaluation"]["f1"], 1.0);
    assert_eq!(
        json_of(&["aum", logs.folder()])[0]["flagged"],
        serde_json::Value::Null
    );
    let text = stdout_of(&["aum", logs.folder(), "--rule", "combined"]);
    assert!(
        text.contains("The first 10 by AUM and held-out evidence together, the most suspicious"),
        "{text}"
    );
}

#[test]
fn held_out_scores_stand_beside_the_others() {
    let logs = Logs::new();
    record(logs.0.path(), Some(given));
    let table = stdout_of(&["scores", logs.folder(), "--format", "csv"]);
    let header = table.lines().next().unwrap();
    assert!(
        header.ends_with("held_out_margin,self_confidence,combined"),
        "{header}"
    );
    // Of the wrong ones, margins are negative.
    let margins = table.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        cells[cells.len() - 3].parse::<f64>().unwrap()
    });
    assert_eq!(margins.filter(|margin| *margin < 0.0).count(), 4);
}

#[test]
fn held_out_logits_that_are_missing_damaged_or_of_other_labels_are_refused() {
    let logs = Logs::new();
    let words = [logs.folder(), "--rule", "combined"];
    record(logs.0.path(), None);
    refuse(
        &words,
        1,
        &["run a: there are no held-out logits", "recorder run"],
    );
    record(logs.0.path(), Some(|sample| (sample % 2) as u32));
    refuse(
        &words,
        1,
        &[
            "heldout-discriminant.parquet",
            "another given label for sample 0",
        ],
    );
    record(logs.0.path(), Some(given));
    let path = held_out_path(logs.0.path(), "a", "discriminant");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    refuse(&words, 1, &["heldout-discriminant.parquet", "run.json"]);
    refuse(
        &[&words[..], &["--percentile", "95"]].concat(),
        2,
        &["--rule combined"],
    );
}
