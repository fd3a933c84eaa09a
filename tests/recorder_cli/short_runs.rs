//! `recorder run --tune`: short runs find the settings by held-out given labels, say so, and are in the record; a run
//! that is killed in them and resumed leaves the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use tests::program::{names, said};

use crate::setup::{self, configuration, kill_after, refuse};

const RUN: [&str; 11] = [
    "--dataset",
    "features",
    "--data",
    "two.csv",
    "--tune",
    "--epochs",
    "3",
    "--seed",
    "3",
    "--name",
    "a",
];
const SETTINGS: [&str; 4] = ["learning_rate", "weight_decay", "hidden_units", "epochs"];

/// Two classes around two places, the last eight with the other label, and a single sample of a third.
fn folder(rows: usize) -> TempDir {
    let row = |row: usize| {
        let (class, at) = (row % 2, row as f64);
        let label = if row + 8 < rows { class } else { 1 - class };
        let x = 3.0 * class as f64 + at.sin();
        format!("{x},{},{}\n", at.cos(), ["cat", "dog"][label])
    };
    let rows: String = (1..rows).map(row).collect();
    let folder = TempDir::new().unwrap();
    let text = format!("x,y,label\n9,9,owl\n{rows}");
    fs::write(folder.path().join("two.csv"), text).unwrap();
    folder
}

fn finish(folder: &Path, further: &[&str]) -> String {
    let words = [&RUN[..], further].concat();
    said(&setup::recorder(folder, &words)).1
}

fn log(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let logs = folder.join("logs");
    let names = names(&logs)
        .into_iter()
        .filter(|name| name.starts_with("a-p"));
    names
        .map(|name| (name.clone(), fs::read(logs.join(name)).unwrap()))
        .collect()
}

/// The short runs in a record, whose settings must be the first of those with the highest accuracy.
fn taken(record: &Value) -> Vec<Value> {
    let trials = record["short_runs"].as_array().unwrap().clone();
    let accuracy = |trial: &&Value| trial["held_out_accuracy"].as_f64().unwrap_or(-1.0);
    let best = trials
        .iter()
        .rev()
        .max_by(|a, b| accuracy(a).total_cmp(&accuracy(b)))
        .unwrap();
    for setting in SETTINGS {
        assert_eq!(record[setting], best[setting], "{setting}");
    }
    trials
}

#[test]
fn the_settings_of_most_held_out_given_labels_are_told_recorded_and_trained_with() {
    let folder = folder(200);
    let told = finish(folder.path(), &[]);
    assert!(told.contains("short run 7: "), "{told}");
    assert!(told.contains("tuned: "), "{told}");
    let place = |text: &str| told.find(text).ok_or(&told).unwrap();
    assert!(place("classes: 3") < place("short run 1: "), "{told}");
    let record = configuration(folder.path(), "a");
    let trials = taken(&record);
    // Two others of each of three settings, and each after half, all and twice the epochs.
    let epochs: Vec<_> = trials.iter().map(|trial| trial["epochs"].clone()).collect();
    assert_eq!(epochs, [1, 3, 6].repeat(7));
    for (setting, from) in SETTINGS.into_iter().zip(["0.05", "0.02", "[128]", "3"]) {
        assert_eq!(record["tuned_from"][setting].to_string(), from);
    }
    let again = self::folder(200);
    finish(again.path(), &[]);
    assert!(log(again.path()) == log(folder.path()));
    // A final training takes what was found.
    let like = ["train", "--like", "logs/a", "--epochs", "2", "--name", "b"];
    said(&setup::command(folder.path(), &like).output().unwrap());
    let trained = fs::read(folder.path().join("trained/b/train.json")).unwrap();
    let trained: Value = serde_json::from_slice(&trained).unwrap();
    for setting in &SETTINGS[..3] {
        assert_eq!(trained["configuration"][setting], record[setting]);
    }
}

#[test]
fn a_tuned_run_that_is_killed_and_resumed_leaves_the_same_bytes() {
    let (whole, killed) = (folder(200), folder(200));
    finish(whole.path(), &[]);
    for milliseconds in [20, 60, 110, 150, 200] {
        let words = [&["run"], &RUN[..], &["--resume", "-q"]].concat();
        kill_after(setup::command(killed.path(), &words), milliseconds);
    }
    finish(killed.path(), &["--resume"]);
    assert!(log(killed.path()) == log(whole.path()));
    // Once the run is begun its record says what was found.
    let told = finish(killed.path(), &["--resume"]);
    assert!(!told.contains("short run"), "{told}");
    assert!(told.contains("tuned: "), "{told}");
    let refuse = |further: &[&str], parts: &[&str]| {
        let words = [&RUN[..], further].concat();
        refuse(killed.path(), &words, 1, parts);
    };
    refuse(&["--resume", "--lr", "0.5"], &["tuned_from was", "0.5"]);
    refuse(&[], &["--overwrite"]);
    let untuned: Vec<_> = RUN.into_iter().filter(|word| *word != "--tune").collect();
    let untuned = [&untuned[..], &["--resume"]].concat();
    setup::refuse(killed.path(), &untuned, 1, &["tuned_from", "null now"]);
    let told = finish(killed.path(), &["--overwrite"]);
    assert!(told.contains("short run 7"), "{told}");
    assert!(log(killed.path()) == log(whole.path()));
}

#[test]
fn folds_noise_and_networks_without_hidden_layers_are_tuned_too() {
    let folder = folder(200);
    let path = folder.path().join("two.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("9,9,owl\n", "")).unwrap();
    finish(folder.path(), &["--folds", "2", "--weight-decay", "0"]);
    // No weight decay stays none.
    assert_eq!(taken(&configuration(folder.path(), "a")).len(), 5 * 3);
    let digits = "--subset 300 --noise 0.3 --epochs 2 --lr-warmup 2 --tune --name b";
    let words: Vec<&str> = digits.split(' ').collect();
    said(&setup::recorder(folder.path(), &words));
    let record = configuration(folder.path(), "b");
    let epochs = taken(&record)
        .into_iter()
        .map(|trial| trial["epochs"].clone());
    assert_eq!(epochs.collect::<Vec<_>>(), [2, 2, 4].repeat(5));
}

#[test]
fn without_room_to_hold_samples_out_nothing_is_tuned() {
    let few = folder(149);
    let parts = [
        "--tune holds a fifth",
        "149 are too few",
        "takes 150; leave",
    ];
    refuse(few.path(), &RUN, 1, &parts);
    assert!(!few.path().join("logs").exists());
    let falling = [&RUN[..], &["--lr-cosine"]].concat();
    refuse(few.path(), &falling, 2, &["--tune"]);
}
