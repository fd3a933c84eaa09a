//! `recorder run --folds`: each pass leaves a fold out and says after every epoch what its network makes of it,
//! and a run that is killed at any moment and resumed leaves the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use logformat::{RowBatch, RunRecord, held_out_epoch, held_out_path};
use tempfile::TempDir;
use tests::program::{names, said};

use crate::setup::{self, TRAINING_SAMPLES, read, refuse};

const RUN: [&str; 12] = [
    "run", "--model", "mlp", "--noise", "0.3", "--epochs", "3", "--folds", "3", "--name", "a", "-q",
];

fn finish(folder: &Path, further: &[&str]) -> (String, String) {
    let words = [&RUN[..], further].concat();
    said(&setup::command(folder, &words).output().unwrap())
}

fn ids(batch: &RowBatch) -> BTreeSet<String> {
    let ids = (0..batch.margins.len()).filter_map(|row| batch.sample_ids.get(row));
    ids.map(|id| id.to_string()).collect()
}

fn held_out(folder: &Path, pass: u32, epoch: u32) -> RowBatch {
    let model = held_out_epoch("network", pass, epoch);
    read(&held_out_path(&folder.join("logs"), "a", &model))
}

/// The bytes of the log and of the held-out logits.
fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let logs = folder.join("logs");
    let mut found = BTreeMap::new();
    for (folder, begin) in [(logs.clone(), "a-p"), (logs.join("a"), "heldout-")] {
        for name in names(&folder) {
            if name.starts_with(begin) {
                let bytes = fs::read(folder.join(&name)).unwrap();
                found.insert(name, bytes);
            }
        }
    }
    found
}

#[test]
fn each_sample_is_held_out_of_one_pass_and_judged_there_after_every_epoch() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    let (mut all, mut threshold_samples) = (BTreeSet::new(), BTreeSet::new());
    for pass in 1..=3 {
        let log = read(&folder.path().join(format!("logs/a-p{pass}-e0003.parquet")));
        let out = held_out(folder.path(), pass, 3);
        let (trained, out_ids) = (ids(&log), ids(&out));
        assert_eq!(
            (trained.len(), trained.len() + out_ids.len()),
            (log.margins.len(), 1438)
        );
        assert!(trained.is_disjoint(&out_ids));
        assert_eq!(ids(&held_out(folder.path(), pass, 1)), out_ids);
        // Threshold samples are trained on, and of every pass others.
        let marked = (0..log.margins.len()).filter(|&row| log.is_threshold_sample[row]);
        let marked: Vec<_> = marked.filter_map(|row| log.sample_ids.get(row)).collect();
        assert_eq!(marked.len(), 958 / 11);
        threshold_samples.extend(marked.iter().map(|id| id.to_string()));
        // Log probabilities of the ten classes for the given label.
        assert_eq!((log.logit_count, out.logit_count), (11, 10));
        assert!(out.is_threshold_sample.iter().all(|is| !is));
        let sum: f32 = out.logits[..10].iter().map(|logit| logit.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{sum}");
        all.extend(out_ids);
    }
    assert_eq!(all.len() as i64, TRAINING_SAMPLES);
    assert_eq!(threshold_samples.len(), 3 * (958 / 11));
    let record = RunRecord::read(&folder.path().join("logs"), "a")
        .unwrap()
        .unwrap();
    assert_eq!(record.configuration["folds"], 3);
    let metrics = &record.files["a-p2-e0003.parquet"].metrics;
    let out = held_out(folder.path(), 2, 3);
    let correct = out.margins.iter().filter(|margin| **margin > 0.0).count();
    let accuracy = correct as f64 / out.margins.len() as f64;
    assert!((metrics["held_out_accuracy"] - accuracy).abs() < 1e-12);
}

#[test]
fn a_run_with_folds_that_is_killed_and_resumed_leaves_the_same_bytes() {
    let whole = TempDir::new().unwrap();
    finish(whole.path(), &[]);
    let expected = everything(whole.path());
    assert_eq!(expected.len(), 2 * 3 * 3);
    let folder = TempDir::new().unwrap();
    for milliseconds in [60, 150, 90, 220] {
        let words = [&RUN[..], &["--resume"]].concat();
        setup::kill_after(setup::command(folder.path(), &words), milliseconds);
    }
    finish(folder.path(), &["--resume"]);
    assert!(everything(folder.path()) == expected);
}

#[test]
fn an_epoch_without_its_held_out_logits_is_recorded_again() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    let expected = everything(folder.path());
    // The last epoch, and one that later ones are after.
    let last = folder
        .path()
        .join("logs/a/heldout-network-p3-e0003.parquet");
    fs::write(&last, "damaged").unwrap();
    finish(folder.path(), &["--resume"]);
    assert!(everything(folder.path()) == expected);
    fs::remove_file(
        folder
            .path()
            .join("logs/a/heldout-network-p2-e0002.parquet"),
    )
    .unwrap();
    let words = [&RUN[1..], &["--resume"]].concat();
    let parts = ["a-p2-e0002.parquet", "4 later epochs"];
    refuse(folder.path(), &words, 1, &parts);
}

#[test]
fn more_folds_than_samples_of_a_class_and_folds_beside_passes_are_refused() {
    let folder = TempDir::new().unwrap();
    let few = "a,b,label\n".to_owned() + &"1,2,cat\n3,4,dog\n".repeat(20) + "5,6,owl\n5,7,owl\n";
    fs::write(folder.path().join("few.csv"), few).unwrap();
    let words = ["--dataset", "features", "--data", "few.csv", "--folds", "3"];
    let parts = [
        "there are 3 folds, but class 2 has only 2 samples",
        "--folds 2",
    ];
    refuse(folder.path(), &words, 1, &parts);
    assert!(!folder.path().join("logs").exists());
    refuse(folder.path(), &["--folds", "1"], 2, &["2 or more"]);
    refuse(
        folder.path(),
        &["--folds", "3", "--passes", "2"],
        2,
        &["--passes"],
    );
}
