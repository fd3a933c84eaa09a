//! What cannot be asked for, or cannot be done, is refused in one line with the way out.

use std::fs;

use tempfile::TempDir;

use crate::setup::{files, record, refuse};

#[test]
fn a_second_run_of_the_same_name_is_refused_until_it_may_replace_the_first() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--name", "mine", "--epochs", "3"]);
    let before = files(&folder.path().join("logs"));
    let again = ["--name", "mine", "--model", "mlp", "--epochs", "1"];
    let parts = [
        "logs/: a run named mine is already logged there (6 epoch files)",
        "--name",
        "--overwrite",
    ];
    refuse(folder.path(), &again, 1, &parts);
    assert_eq!(files(&folder.path().join("logs")), before);
    record(
        folder.path(),
        &["--name", "mine", "--epochs", "1", "--overwrite"],
    );
    assert_eq!(files(&folder.path().join("logs")).len(), 2);
}

#[test]
fn an_unknown_network_data_set_or_device_is_a_usage_error_that_lists_the_known_ones() {
    let folder = TempDir::new().unwrap();
    for (option, known) in [
        ("--model", "mlp, cnn"),
        ("--dataset", "digits"),
        ("--device", "auto, cpu, cuda, cuda:N and metal"),
    ] {
        refuse(
            folder.path(),
            &[option, "alexnet"],
            2,
            &["alexnet", option, known],
        );
    }
}

#[cfg(not(any(feature = "cuda", feature = "metal")))]
#[test]
fn a_device_that_is_not_in_the_build_is_refused_with_the_way_to_build_it() {
    let folder = TempDir::new().unwrap();
    for (device, feature) in [("cuda", "cuda"), ("cuda:1", "cuda"), ("metal", "metal")] {
        let way_out = format!("--features {feature}");
        refuse(
            folder.path(),
            &["--device", device],
            1,
            &[feature, &way_out],
        );
    }
    assert!(!folder.path().join("logs").exists());
}

#[test]
fn more_threshold_samples_than_there_are_samples_are_refused() {
    let folder = TempDir::new().unwrap();
    let arguments = ["--threshold-count", "1000"];
    let parts = ["need 2000 samples", "has 1438", "--threshold-count"];
    refuse(folder.path(), &arguments, 1, &parts);
    assert!(!folder.path().join("logs").exists());
}

#[test]
fn a_training_that_diverges_is_named_and_keeps_what_was_logged() {
    let folder = TempDir::new().unwrap();
    let arguments = ["-q", "--model", "mlp", "--lr", "1e30", "--name", "wild"];
    let parts = ["pass 1, epoch 1", "diverged", "--lr"];
    refuse(folder.path(), &arguments, 1, &parts);
}

#[test]
fn an_output_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let arguments = ["-q", "--model", "mlp", "--out", "file/logs"];
    refuse(folder.path(), &arguments, 1, &["file/logs"]);
}

#[test]
fn other_usage_errors_are_one_line_too() {
    let folder = TempDir::new().unwrap();
    refuse(
        folder.path(),
        &["--epochs", "0"],
        2,
        &["--epochs", "1 or more"],
    );
    refuse(folder.path(), &["--nois", "0.1"], 2, &["--nois", "--noise"]);
    refuse(
        folder.path(),
        &["--name", "../up"],
        2,
        &["../up", "letters"],
    );
}
