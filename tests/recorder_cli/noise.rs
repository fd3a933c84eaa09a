//! Noise put in on purpose: what it does to the labels, and which noise is refused.

use std::fs;

use tempfile::TempDir;

use crate::setup::{
    TRAINING_SAMPLES, configuration, flip_matrix, known, read, record, record_labels, recorder,
    refuse,
};

#[test]
fn flip_noise_gives_the_next_class_and_the_run_says_how_often() {
    let folder = TempDir::new().unwrap();
    let rows = record_labels(
        folder.path(),
        "a",
        &["--noise", "0.3", "--noise-type", "flip"],
    );
    let truth = known(rows.true_labels.as_deref().unwrap());
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
    assert_eq!(stderr.lines().count(), 2 + 10 + 1, "{stderr}");
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
            "m.csv: row 0 sums to 0.95",
        ),
        (
            whole.replacen("0.75", "-0.75", 1),
            "m.csv: row 0 has -0.75 in column 0",
        ),
        (
            whole.replacen("0.25", "a", 1),
            "m.csv: row 0 has \"a\" in column 1",
        ),
        (
            whole.replacen(",0\n", "\n", 1),
            "m.csv: row 0 has 9 entries, but the data set has 10",
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
