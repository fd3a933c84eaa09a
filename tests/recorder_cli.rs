//! The command line of the recorder: what a run leaves behind, that equal seeds leave equal bytes,
//! and how it refuses what cannot be: one line on stderr and an exit status.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use logformat::{EpochReader, RowBatch, RunRecord, SampleIds};
use tempfile::TempDir;

const TRAINING_SAMPLES: i64 = 1438;

fn recorder(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_recorder"))
        .arg("run")
        .args(arguments)
        .current_dir(folder)
        .env_remove("CARGO")
        .output()
        .unwrap()
}

/// A short run of the fast network; every test that wants a log makes its own.
fn record(folder: &Path, arguments: &[&str]) -> String {
    let quick = ["--model", "mlp", "--epochs", "2", "-q"];
    let output = recorder(folder, &[&quick, arguments].concat());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "");
    String::from_utf8(output.stdout).unwrap()
}

fn refuse(folder: &Path, arguments: &[&str], status: i32, parts: &[&str]) {
    let output = recorder(folder, arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert_eq!(output.stdout, b"");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for part in [&["recorder: "], parts].concat() {
        assert!(stderr.contains(part), "{part:?} is not in {stderr:?}");
    }
}

/// The files right in `folder`, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> RowBatch {
    let mut batches = EpochReader::open(path).unwrap().rows().unwrap();
    batches.next().unwrap().unwrap()
}

// ---------------------------------------------------------------- what a run leaves behind

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
fn under_cargo_the_next_step_is_one_for_cargo_too() {
    let folder = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_recorder"))
        .args([
            "run", "--model", "mlp", "--epochs", "1", "-q", "--name", "a",
        ])
        .current_dir(folder.path())
        .env("CARGO", "/usr/bin/cargo")
        .output()
        .unwrap();
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
    let truth: Vec<u32> = noisy
        .true_labels
        .unwrap()
        .iter()
        .copied()
        .flatten()
        .collect();
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
    assert_eq!(stderr.lines().count(), 5, "{stderr}");
    assert!(stderr.contains("pass 2/2  epoch 2/2  loss"), "{stderr}");
    assert!(!stderr.contains('\u{1b}'), "no terminal codes in a file");
}

#[test]
fn help_has_worked_examples() {
    let output = recorder(Path::new("."), &["--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("recorder run --noise 0.4"), "{help}");
}

// ---------------------------------------------------------------- noise and labels

/// One pass of one epoch, with its log under this name.
fn record_labels(folder: &Path, name: &str, arguments: &[&str]) -> RowBatch {
    let short = ["--name", name, "--epochs", "1", "--passes", "1"];
    record(folder, &[&short, arguments].concat());
    read(&folder.join(format!("logs/{name}-p1-e0001.parquet")))
}

fn configuration(folder: &Path, name: &str) -> serde_json::Value {
    let record = RunRecord::read(&folder.join("logs"), name).unwrap();
    record.unwrap().configuration
}

/// Ten rows that keep a class with probability 0.75 and else give the next one.
fn flip_matrix() -> String {
    let share = |row: usize, column: usize| match (column + 10 - row) % 10 {
        0 => "0.75",
        1 => "0.25",
        _ => "0",
    };
    let row = |row| {
        (0..10)
            .map(|column| share(row, column))
            .collect::<Vec<_>>()
            .join(",")
            + "\n"
    };
    (0..10).map(row).collect()
}

#[test]
fn flip_noise_gives_the_next_class_and_the_run_says_how_often() {
    let folder = TempDir::new().unwrap();
    let rows = record_labels(
        folder.path(),
        "a",
        &["--noise", "0.3", "--noise-type", "flip"],
    );
    let truth: Vec<u32> = rows
        .true_labels
        .unwrap()
        .iter()
        .copied()
        .flatten()
        .collect();
    let given = rows.given_labels.unwrap();
    let pairs = || {
        truth
            .iter()
            .zip(given.iter())
            .map(|(&truth, &given)| (truth, given))
    };
    assert!(pairs().all(|(truth, given)| given == truth || given == (truth + 1) % 10));
    let logged = configuration(folder.path(), "a");
    assert_eq!(logged["noise_type"], "flip");
    let count = |pair| pairs().filter(|found| *found == pair).count();
    assert_eq!(logged["confusion_counts"][9][0], count((9, 0)));
    assert_eq!(logged["confusion_counts"][3][5], 0);
    let wrong = pairs().filter(|(truth, given)| truth != given).count();
    assert_eq!(logged["mislabeled_count"], wrong);
    let rate = logged["realised_noise_rate"].as_f64().unwrap();
    assert!((rate - wrong as f64 / TRAINING_SAMPLES as f64).abs() < 1e-6);
}

#[test]
fn a_noise_matrix_is_the_same_noise_whatever_network_pass_or_epoch_count() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("m.csv"), flip_matrix()).unwrap();
    let matrix = ["--noise-matrix", "m.csv"];
    let first = record_labels(folder.path(), "a", &matrix);
    let flip = ["--noise", "0.25", "--noise-type", "flip"];
    let flipped = record_labels(folder.path(), "b", &flip);
    assert_eq!(first.given_labels, flipped.given_labels);
    record(
        folder.path(),
        &[&matrix[..], &["--model", "cnn", "--seed", "3"]].concat(),
    );
    let run = "digits-cnn-matrix-m-seed3-data0";
    for file in ["p1-e0001", "p1-e0002", "p2-e0001", "p2-e0002"] {
        let rows = read(&folder.path().join(format!("logs/{run}-{file}.parquet")));
        assert_eq!(rows.given_labels, first.given_labels, "{file}");
    }
}

#[test]
fn the_largest_confusions_are_told_beside_the_realised_rate() {
    let folder = TempDir::new().unwrap();
    let short = ["--model", "mlp", "--epochs", "1", "--passes", "1"];
    let noise = ["--noise", "0.5", "--noise-type", "flip"];
    let output = recorder(folder.path(), &[&short[..], &noise].concat());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr.lines().count(), 1 + 10 + 1, "{stderr}");
    assert!(stderr.contains("mislabeled on purpose ("), "{stderr}");
    let of_nine = stderr
        .lines()
        .find(|line| line.starts_with("  true 9: "))
        .unwrap();
    assert!(of_nine.contains(" mislabeled, given 0 ("), "{stderr}");
}

#[test]
fn noise_options_that_exclude_each_other_are_a_usage_error() {
    let folder = TempDir::new().unwrap();
    for (arguments, parts) in [
        (
            "--noise 0.2 --noise-matrix m.csv",
            ["--noise-matrix", "--noise "],
        ),
        (
            "--noise-type flip --noise-matrix m.csv",
            ["--noise-type matrix", "leave one"],
        ),
        (
            "--noise-type matrix",
            ["--noise-type matrix", "--noise-matrix FILE"],
        ),
        ("--noise-type flip", ["--noise-type", "--noise 0.2"]),
        ("--labels a.csv --noise 0.2", ["--labels", "no noise"]),
        (
            "--labels a.csv --noise-matrix m.csv",
            ["--labels", "no noise"],
        ),
        ("--true-label-column a", ["--labels", "required"]),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        refuse(folder.path(), &arguments, 2, &parts);
    }
    assert!(!folder.path().join("logs").exists());
}

#[test]
fn noise_that_does_not_fit_the_data_set_is_refused_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    let pairs = ["--noise", "0.2", "--noise-type", "cifar10-pairs"];
    let parts = [
        "classes of CIFAR-10",
        "class 0 is 0 here and airplane there",
    ];
    refuse(folder.path(), &pairs, 1, &parts);
    let whole = flip_matrix();
    let all_to_class_0 = "1 0 0 0 0 0 0 0 0 0\n".repeat(10);
    for (text, part) in [
        (
            whole.replacen("0.75", "0.7", 2),
            "m.csv: row 1 sums to 0.95",
        ),
        (
            whole.replacen("0.75", "-0.75", 1),
            "m.csv: row 1 has -0.75 in column 1",
        ),
        (
            whole.replacen("0.25", "a", 1),
            "m.csv: row 1 has \"a\" in column 2",
        ),
        (
            whole.replacen(",0\n", "\n", 1),
            "m.csv: row 1 has 9 entries, but the data set has 10",
        ),
        (
            whole.lines().take(9).collect::<Vec<_>>().join("\n"),
            "m.csv: there are 9 rows",
        ),
        (
            all_to_class_0,
            "the noise matrix m.csv leaves no label of class 1 (1)",
        ),
    ] {
        fs::write(folder.path().join("m.csv"), text).unwrap();
        refuse(folder.path(), &["--noise-matrix", "m.csv"], 1, &[part]);
    }
    refuse(
        folder.path(),
        &["--noise-matrix", "none"],
        1,
        &["none: ", "cannot be read"],
    );
    assert!(!folder.path().join("logs").exists());
}

#[test]
fn labels_from_a_file_replace_those_of_the_data_set() {
    let folder = TempDir::new().unwrap();
    let noisy = record_labels(folder.path(), "noisy", &["--noise", "0.4"]);
    let given = noisy.given_labels.clone().unwrap();
    let truth: Vec<u32> = noisy
        .true_labels
        .as_ref()
        .unwrap()
        .iter()
        .copied()
        .flatten()
        .collect();
    let rows = given
        .iter()
        .zip(&truth)
        .map(|(given, truth)| format!("{given},{truth}\n"));
    let text = format!("given,expert\n{}", rows.collect::<String>());
    fs::write(folder.path().join("people.csv"), &text).unwrap();

    let column = ["--labels", "people.csv", "--label-column", "given"];
    let unknown = record_labels(folder.path(), "unknown", &column);
    assert_eq!(unknown.given_labels.as_ref(), Some(&given));
    assert!(unknown.true_labels.unwrap().iter().all(Option::is_none));
    let both = [&column[..], &["--true-label-column", "expert"]].concat();
    let known = record_labels(folder.path(), "known", &both);
    // The same training, and so the same evaluation, as with the noise that the file was made by.
    assert_eq!(known.true_labels, noisy.true_labels);
    assert_eq!(known.margins, noisy.margins);
    let logged = configuration(folder.path(), "known");
    let rate = &configuration(folder.path(), "noisy")["realised_noise_rate"];
    assert_eq!(
        (&logged["realised_noise_rate"], &logged["labels"]),
        (rate, &"people.csv".into())
    );

    // Another file of that name would be another run.
    let other = text.replacen("\n0,", "\n1,", 1);
    fs::write(folder.path().join("people.csv"), other).unwrap();
    let again = [
        "--name", "unknown", "--epochs", "1", "--passes", "1", "--model", "mlp", "--resume",
    ];
    let parts = ["cannot be resumed", "given_labels_hash"];
    refuse(folder.path(), &[&again[..], &column].concat(), 1, &parts);
}

#[test]
fn a_file_of_labels_that_does_not_fit_is_refused_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.csv"), "given,expert\n3,4\n").unwrap();
    fs::write(folder.path().join("a.txt"), "3\n").unwrap();
    for (arguments, parts) in [
        ("--labels none.csv", ["none.csv: ", "No such file"]),
        ("--labels a.txt", ["a.txt: ", ".parquet, .csv and .npy"]),
        (
            "--labels a.csv",
            ["columns given, expert", "--label-column"],
        ),
        (
            "--label-column given",
            ["digits", "no use for --label-column"],
        ),
        ("--data .", ["digits", "no use for --data"]),
        (
            "--labels a.csv --label-column old",
            ["no column old", "given, expert"],
        ),
        (
            "--labels a.csv --label-column given",
            ["1 labels", "1438 samples"],
        ),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        refuse(folder.path(), &arguments, 1, &parts);
    }
    assert!(!folder.path().join("logs").exists());
}

// ---------------------------------------------------------------- bad input

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
fn a_noise_rate_that_is_no_share_is_a_usage_error() {
    let folder = TempDir::new().unwrap();
    for rate in ["1.5", "-0.1", "NaN"] {
        let argument = format!("--noise={rate}");
        let parts = ["--noise", rate, "between 0 and 1"];
        refuse(folder.path(), &[&argument], 2, &parts);
    }
    refuse(
        folder.path(),
        &["--noise", "half"],
        2,
        &["half", "no number"],
    );
    assert!(!folder.path().join("logs").exists());
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
