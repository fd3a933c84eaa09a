//! What a run leaves behind: its files, its rows, its and equal bytes for equal seeds.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use logformat::{EpochReader, RunRecord, SampleIds};
use tempfile::TempDir;

use crate::setup::{TRAINING_SAMPLES, command, files, known, read, record, recorder};

#[test]
fn a_run_leaves_a_file_per_pass_and_epoch_and_says_what_to_do_next() {
    let folder = TempDir::new().unwrap();
    let said = record(folder.path(), &["--noise", "0.4"]);
    let names: Vec<String> = files(&folder.path().join("logs"))
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let run = "digits-mlp-noise0.4-seed0-data0";
    let expected = ["p1-e0001", "p1-e0002", "p2-e0001", "p2-e0002"];
    assert_eq!(names, expected.map(|file| format!("{run}-{file}.parquet")));
    let next = said.lines().last().unwrap();
    assert_eq!(next, format!("next: analyzer aum 'logs/{run}-p*.parquet'"));
}

#[test]
fn the_next_step_is_typed_as_a_shell_takes_it_whatever_the_folder_is_called() {
    let folder = TempDir::new().unwrap();
    for (out, word) in [
        ("it's [a]", r"'it'\''s [a]/a-p*.parquet'"),
        ("-x", "'./-x/a-p*.parquet'"),
    ] {
        let option = format!("--out={out}");
        let said = record(folder.path(), &["--passes", "1", "--name", "a", &option]);
        let next = said.lines().last().unwrap();
        assert_eq!(next, format!("next: analyzer aum {word}"));
    }
}

#[test]
fn under_cargo_the_next_step_is_one_for_cargo_too() {
    let folder = TempDir::new().unwrap();
    let words = [
        "run", "--model", "mlp", "--epochs", "1", "-q", "--name", "a",
    ];
    let mut command = command(folder.path(), &words);
    let output = command.env("CARGO", "/usr/bin/cargo").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let next = said.lines().last().unwrap();
    let expected = "next: cargo run --release -p analyzer -- aum 'logs/a-p*.parquet'";
    assert_eq!(next, expected);
}

#[test]
fn every_sample_is_in_every_epoch_once() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--batch-size", "100"]);
    for file in files(&folder.path().join("logs")) {
        let ids = SampleIds::Integers((0..TRAINING_SAMPLES).collect());
        assert_eq!(*read(&file).sample_ids, ids);
    }
}

#[test]
fn passes_have_disjoint_threshold_samples_in_the_extra_class() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--passes", "3", "--epochs", "1"]);
    let mut seen = BTreeSet::new();
    for file in files(&folder.path().join("logs")) {
        let rows = read(&file);
        assert_eq!(rows.logit_count, 11);
        let is_extra_class = rows.assigned_labels.iter().map(|&label| label == 10);
        assert!(is_extra_class.eq(rows.is_threshold_sample.iter().copied()));
        let samples = rows.is_threshold_sample.iter().enumerate();
        for (sample, _) in samples.filter(|(_, is_threshold_sample)| **is_threshold_sample) {
            assert!(seen.insert(sample), "sample {sample} serves in two passes");
        }
    }
    assert_eq!(seen.len(), 3 * 130);
}

#[test]
fn the_log_knows_the_truth_only_where_noise_was_put_in() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--name", "clean"]);
    record(folder.path(), &["--name", "noisy", "--noise", "0.4"]);
    let first = |run: &str| read(&folder.path().join(format!("logs/{run}-p1-e0001.parquet")));
    let clean = first("clean");
    assert!(clean.true_labels.unwrap().iter().all(Option::is_none));
    let noisy = first("noisy");
    let truth = known(noisy.true_labels.as_deref().unwrap());
    // The labels without noise are the true ones.
    assert_eq!(Some(truth.clone().into()), clean.given_labels);
    let given = noisy.given_labels.unwrap();
    let wrong = given
        .iter()
        .zip(&truth)
        .filter(|(given, truth)| given != truth);
    let rate = wrong.count() as f64 / TRAINING_SAMPLES as f64;
    // Three standard deviations of a binomial share are 0.039.
    assert!((rate - 0.4).abs() < 0.039, "{rate}");
}

#[test]
fn noise_and_threshold_samples_do_not_depend_on_the_training() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--name", "a", "--noise", "0.2"]);
    let other = [
        "--name", "b", "--noise", "0.2", "--seed", "5", "--epochs", "1", "--lr", "0.01",
    ];
    record(folder.path(), &other);
    let first = |run: &str| read(&folder.path().join(format!("logs/{run}-p1-e0001.parquet")));
    let (one, two) = (first("a"), first("b"));
    assert_eq!(one.given_labels, two.given_labels);
    assert_eq!(one.is_threshold_sample, two.is_threshold_sample);
    assert_ne!(one.margins, two.margins);
}

#[test]
fn equal_seeds_write_equal_bytes_in_every_process() {
    for model in ["mlp", "cnn"] {
        let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let arguments = ["--model", model, "--noise", "0.3", "--epochs", "2", "-q"];
        for folder in [&one, &other] {
            assert!(recorder(folder.path(), &arguments).status.success());
        }
        let bytes = |folder: &TempDir| {
            let files = files(&folder.path().join("logs"));
            let bytes = files.iter().map(|file| fs::read(file).unwrap());
            bytes.collect::<Vec<_>>()
        };
        assert_eq!(bytes(&one).len(), 4);
        assert!(bytes(&one) == bytes(&other), "{model}");
    }
}

#[test]
fn the_log_holds_the_configuration_and_the_accuracies() {
    let folder = TempDir::new().unwrap();
    record(
        folder.path(),
        &["--name", "mine", "--noise", "0.1", "--lr", "0.02"],
    );
    let logs = folder.path().join("logs");
    let reader = EpochReader::open(&logs.join("mine-p1-e0001.parquet")).unwrap();
    let description = reader.metadata().description.clone();
    assert_eq!(description.class_names.len(), 10);
    let configuration = description.configuration;
    assert_eq!(configuration["learning_rate"], 0.02);
    assert_eq!(configuration["noise_rate"], 0.1);
    assert_eq!(configuration["threshold_count"], 130);
    let record = RunRecord::read(&logs, "mine").unwrap().unwrap();
    assert_eq!(record.configuration, configuration);
    let accuracy = record.files["mine-p2-e0002.parquet"].metrics["test_accuracy"];
    assert!((0.5..=1.0).contains(&accuracy), "{accuracy}");
}

#[test]
fn the_record_of_a_run_has_the_words_of_its_command() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--name", "a", "--noise", "0.2"]);
    let record = RunRecord::read(&folder.path().join("logs"), "a")
        .unwrap()
        .unwrap();
    assert_eq!(
        record.command.join(" "),
        "recorder run --model mlp --epochs 2 -q --name a --noise 0.2"
    );
}

#[test]
fn without_threshold_samples_the_network_has_no_extra_class() {
    let folder = TempDir::new().unwrap();
    record(
        folder.path(),
        &["--threshold-count", "0", "--name", "plain"],
    );
    let rows = read(&folder.path().join("logs/plain-p1-e0001.parquet"));
    assert_eq!(rows.logit_count, 10);
    assert!(!rows.is_threshold_sample.contains(&true));
}

#[test]
fn progress_is_a_line_an_epoch_where_there_is_no_terminal() {
    let folder = TempDir::new().unwrap();
    let output = recorder(folder.path(), &["--model", "mlp", "--epochs", "2"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr.lines().count(), 6, "{stderr}");
    assert!(stderr.contains("pass 2/2  epoch 2/2  loss"), "{stderr}");
    assert!(!stderr.contains('\u{1b}'), "no terminal codes in a file");
}

#[test]
fn help_has_worked_examples() {
    let output = recorder(Path::new("."), &["--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("recorder run --noise 0.4"), "{help}");
}
