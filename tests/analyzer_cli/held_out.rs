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

fn row(sample: usize, label: impl Fn(usize) -> u32) -> SampleRow {
    SampleRow {
        sample_id: (sample as i64).into(),
        assigned_label: label(sample),
        given_label: label(sample),
        true_label: Some((sample % 2) as u32),
        is_threshold_sample: false,
    }
}

fn samples(label: impl Fn(usize) -> u32) -> Arc<PassSamples> {
    let rows = (0..SAMPLES).map(|sample| row(sample, &label));
    Arc::new(PassSamples::new(rows.collect(), 2).unwrap())
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
    assert_eq!(summary["settings"]["rule"], "combined");
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
        header.ends_with("mean_loss,held_out_margin,self_confidence,combined"),
        "{header}"
    );
    // Of the wrong ones, margins are negative.
    let margins = table.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        cells[cells.len() - 3].parse::<f64>().unwrap()
    });
    assert_eq!(margins.filter(|margin| *margin < 0.0).count(), 4);
}

/// A run of three passes and three epochs, each without the samples of its fold, of which it gives the true class
/// a probability of 0.6, 0.9 and 0.4.
fn record_folds(folder: &Path) {
    let description = RunDescription {
        configuration: serde_json::json!({ "folds": 3 }),
        ..RunDescription::default()
    };
    let (logits, existing) = (LogitsColumn::Float32, ExistingRun::Replace);
    let mut log = RunWriter::create(folder, "a", description, logits, existing).unwrap();
    for pass in 1..=3 {
        let part = |is_held_out: bool| {
            let is_in = |sample: &usize| (sample % 3 + 1 == pass) == is_held_out;
            (0..SAMPLES).filter(is_in).collect::<Vec<usize>>()
        };
        for number in 1..=3 {
            let of = |samples: &[usize], of_the_true_class: f32| {
                let rows = samples.iter().map(|&sample| row(sample, given));
                let rows = Arc::new(PassSamples::new(rows.collect(), 2).unwrap());
                let mut epoch = EpochLogits::new(rows, number);
                for (place, sample) in samples.iter().enumerate() {
                    let (p, mut logits) = (of_the_true_class, [0.0; 2]);
                    logits[sample % 2] = p.ln();
                    logits[1 - sample % 2] = (1.0 - p).ln();
                    epoch.record(place, &logits).unwrap();
                }
                epoch
            };
            let held_out = of(&part(true), [0.6, 0.9, 0.4][number as usize - 1]);
            let metrics = BTreeMap::from([(
                "held_out_accuracy".to_owned(),
                [0.9, 0.9, 0.1][number as usize - 1],
            )]);
            let trained = of(&part(false), 0.9);
            log.write_with_held_out(pass as u32, trained, metrics, "network", held_out)
                .unwrap();
        }
    }
    log.finish().unwrap();
}

#[test]
fn what_the_networks_of_folds_say_is_evidence_over_the_epochs_of_the_window() {
    let logs = Logs::new();
    record_folds(logs.0.path());
    stdout_of(&["check", logs.folder()]);
    let summary = stdout_of(&["aum", logs.folder()]);
    assert!(!summary.contains("missing from some"), "{summary}");
    let table = |words: &[&str]| {
        let words = [&["scores", logs.folder(), "--format", "csv"], words].concat();
        stdout_of(&words)
    };
    let first = |table: &str, column: &str| {
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split(',').collect())
            .collect();
        let at = lines[0].iter().position(|name| *name == column).unwrap();
        lines[1][at].parse::<f64>().unwrap()
    };
    // The first row is of a wrong label. ln(0.9 / 0.1) and ln(0.4 / 0.6), the other way round, and their mean.
    let margin = first(&table(&["--epochs", "2..2"]), "mean_held_out_margin");
    assert!((margin + 9_f64.ln()).abs() < 1e-5, "{margin}");
    let margin = first(&table(&[]), "mean_held_out_margin");
    assert!(
        (margin + (9_f64.ln() - 1.5_f64.ln()) / 2.0).abs() < 1e-5,
        "{margin}"
    );
    let best = &json_of(&["aum", logs.folder(), "--epochs", "best"])[0];
    assert_eq!(
        (&best["window"]["first"], &best["window"]["last"]),
        (&2.into(), &2.into())
    );
    assert_eq!(best["window"]["rule"], "until_best_epoch");
    for rule in ["prune-by-noise-rate", "prune-by-class", "prune-by-both"] {
        let words = ["aum", logs.folder(), "--epochs", "2..2", "--rule", rule];
        let summary = &json_of(&words)[0];
        assert_eq!(summary["flagged"], 4, "{rule}");
        assert_eq!(summary["evaluation"]["f1"], 1.0);
        assert_eq!(summary["settings"]["rule"], rule.replace('-', "_"));
    }
    let text = stdout_of(&["aum", logs.folder(), "--rule", "prune-by-class"]);
    assert!(text.contains("The first 10 by held-out margin"), "{text}");
}

#[test]
fn the_best_epoch_is_refused_where_nothing_was_held_out_or_memory_is_low() {
    let logs = Logs::new();
    record(logs.0.path(), Some(given));
    let best = [logs.folder(), "--epochs", "best"];
    refuse(
        &best,
        1,
        &["run a: which epoch is best", "recorder run --folds"],
    );
    refuse(
        &[&best[..], &["--low-memory"]].concat(),
        2,
        &["--low-memory", "best"],
    );
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
