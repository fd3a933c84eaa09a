//! Weights that a network begins with: those that a final training saved.

use std::path::Path;

use tempfile::TempDir;
use tests::program::said;

use crate::setup::{command, configuration, record, recorder, refuse};

const NETWORK: &str = "trained/before/model.safetensors";

/// A small network that has seen the digits for some epochs.
fn trained() -> TempDir {
    let folder = TempDir::new().unwrap();
    let words = [
        "train",
        "--model",
        "mlp",
        "--epochs",
        "10",
        "--batch-size",
        "32",
        "--name",
        "before",
        "-q",
    ];
    said(&command(folder.path(), &words).output().unwrap());
    folder
}

/// The training accuracy of the first epoch of a run with these options.
fn first_accuracy(folder: &Path, name: &str, options: &[&str]) -> f64 {
    let short = [
        "--name",
        name,
        "--epochs",
        "1",
        "--passes",
        "1",
        "--batch-size",
        "512",
    ];
    record(folder, &[&short, options].concat());
    let run = logformat::RunRecord::read(&folder.join("logs"), name).unwrap();
    run.unwrap().files[&format!("{name}-p1-e0001.parquet")].metrics["training_accuracy"]
}

#[test]
fn a_network_that_begins_with_weights_is_ahead_of_a_new_one() {
    let folder = trained();
    let drawn = first_accuracy(folder.path(), "drawn", &[]);
    let tuned = first_accuracy(folder.path(), "tuned", &["--weights", NETWORK]);
    // Its output layer is new, so that it is no finished network either.
    assert!(tuned > drawn + 0.1 && tuned < 0.99, "{tuned} after {drawn}");
    let settings = configuration(folder.path(), "tuned");
    assert_eq!(settings["weights"], NETWORK);
    assert_eq!(settings["weights_learning_rate"], 0.001);
    assert!(settings["weights_crc32"].is_u64());
}

#[test]
fn what_was_taken_is_said_and_a_run_goes_on_with_the_same_file_alone() {
    let folder = trained();
    let options = [
        "--model",
        "mlp",
        "--weights",
        NETWORK,
        "--epochs",
        "2",
        "--name",
        "a",
    ];
    let (_, told) = said(&recorder(folder.path(), &options));
    let taken = format!("{NETWORK}: 2 parameters taken; its classifier is left out");
    assert!(told.contains(&taken), "{told}");
    for words in ["here and all 4 about ", " s, by the time of a step"] {
        assert!(told.contains(words), "{told}");
    }
    let other = trained();
    std::fs::copy(other.path().join(NETWORK), folder.path().join(NETWORK)).unwrap();
    let again = [&options[..], &["--resume", "-q"]].concat();
    said(&recorder(folder.path(), &again));
    let words = [
        "train",
        "--model",
        "mlp",
        "--epochs",
        "1",
        "--name",
        "before",
        "--overwrite",
        "-q",
    ];
    said(&command(folder.path(), &words).output().unwrap());
    refuse(folder.path(), &again, 1, &["weights_crc32"]);
}

#[test]
fn weights_of_another_network_are_refused_with_the_first_parameter_that_does_not_fit() {
    let folder = trained();
    let words = |model| ["--model", model, "--weights", NETWORK];
    let parts = [
        NETWORK,
        "the weights are not those of cnn",
        "layer1.conv.weight",
    ];
    refuse(folder.path(), &words("cnn"), 1, &parts);
    let wide = [&words("mlp")[..], &["--hidden-units", "64"]].concat();
    let parts = ["is 128 there, but 64 in the network"];
    refuse(folder.path(), &wide, 1, &parts);
    assert!(!folder.path().join("logs").exists(), "nothing was begun");
    refuse(folder.path(), &["--weights-lr", "0.1"], 2, &["--weights"]);
}
