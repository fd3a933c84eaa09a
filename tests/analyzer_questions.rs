//! The questions beyond flagging, as commands: `estimate`, `compare`, `confusions` and `scores`. What they
//! print for logs whose answers can be worked out by hand, and how they refuse what they cannot use.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::{ArrayRef, BooleanArray, Float32Array, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use tempfile::TempDir;

// ---------------------------------------------------------------- running the program

fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyzer"));
    command.args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a successful run prints.
fn stdout_of(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// The first report of a successful run.
fn json_of(args: &[&str]) -> Value {
    let printed = stdout_of(&[args, &["--format", "json"]].concat());
    serde_json::from_str::<Value>(&printed).unwrap()[0].take()
}

/// The command must refuse with `status` and one line that has all `parts`.
fn refuse(args: &[&str], status: i32, parts: &[&str]) {
    let output = run(args);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert_eq!(text(&output.stdout), "");
    let said: Vec<&str> = stderr
        .lines()
        .filter(|line| !line.starts_with("analyzer: warning: "))
        .collect();
    assert_eq!(said.len(), 1, "{stderr}");
    for part in parts {
        assert!(said[0].contains(part), "{part:?} is not in: {stderr}");
    }
}

fn assert_close(value: &Value, expected: f64) {
    let near = |value: f64| (value - expected).abs() < 1e-5;
    assert!(
        value.as_f64().is_some_and(near),
        "{value} instead of {expected}"
    );
}

// ---------------------------------------------------------------- making logs

/// A sample in all epochs of a pass.
#[derive(Clone)]
struct Sample {
    given: i32,
    truth: i32,
    is_threshold_sample: bool,
    /// One margin and one rival label per epoch, from epoch 2 on.
    epochs: Vec<(f32, i32)>,
}

fn sample(given: i32, truth: i32, epochs: &[(f32, i32)]) -> Sample {
    Sample {
        given,
        truth,
        is_threshold_sample: false,
        epochs: epochs.to_vec(),
    }
}

fn threshold_sample(given: i32, epochs: &[(f32, i32)]) -> Sample {
    Sample {
        is_threshold_sample: true,
        ..sample(given, given, epochs)
    }
}

/// Sample id, epoch, sample, margin, rival label.
type Row<'a> = (i32, i32, &'a Sample, f32, i32);

/// The extra class where it is a threshold sample.
fn assigned(sample: &Sample) -> i32 {
    if sample.is_threshold_sample {
        3
    } else {
        sample.given
    }
}

/// Writes a pass of a run with three classes to a file of its own, with all columns but logits.
fn write(folder: &Path, run: &str, pass: i32, samples: &[Sample]) {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (id, sample) in (0..).zip(samples) {
        for (epoch, &(margin, rival)) in (2..).zip(&sample.epochs) {
            rows.push((id, epoch, sample, margin, rival));
        }
    }
    let ints = |value: fn(&Row<'_>) -> i32| -> ArrayRef {
        Arc::new(Int32Array::from_iter_values(rows.iter().map(value)))
    };
    let marks = rows.iter().map(|row| Some(row.2.is_threshold_sample));
    let margins = rows.iter().map(|row| row.3);
    let path = folder.join(format!("{run}.p{pass}.parquet"));
    write_parquet(
        &path,
        vec![
            ("run", Arc::new(StringArray::from(vec![run; rows.len()]))),
            ("pass", Arc::new(Int32Array::from(vec![pass; rows.len()]))),
            ("epoch", ints(|row| row.1)),
            ("sample_id", ints(|row| row.0)),
            ("assigned_label", ints(|row| assigned(row.2))),
            ("given_label", ints(|row| row.2.given)),
            ("true_label", ints(|row| row.2.truth)),
            (
                "is_threshold_sample",
                Arc::new(BooleanArray::from_iter(marks)),
            ),
            ("margin", Arc::new(Float32Array::from_iter_values(margins))),
            ("rival_label", ints(|row| row.4)),
        ],
    );
}

fn write_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn folder() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let word = folder.path().to_str().unwrap().to_owned();
    (folder, word)
}

// ---------------------------------------------------------------- estimate

/// 100 threshold samples with AUMs from -2 to -1, 100 mislabeled samples just below each of them, and
/// 300 clean ones from `clean_from` to one more. 100 of the 400 ordinary samples are mislabeled: 25 %.
fn mixture(clean_from: f32) -> Vec<Sample> {
    let spread =
        |count: u8, from: f32| (0..count).map(move |at| from + f32::from(at) / f32::from(count));
    let threshold = spread(100, -2.0).map(|aum| threshold_sample(0, &[(aum, 1)]));
    let mislabeled = spread(100, -2.001).map(|aum| sample(0, 1, &[(aum, 1)]));
    let clean = spread(150, clean_from).chain(spread(150, clean_from + 0.001));
    let clean = clean.map(|aum| sample(0, 0, &[(aum, 1)]));
    threshold.chain(mislabeled).chain(clean).collect()
}

#[test]
fn a_quarter_mislabeled_is_estimated_without_and_shown_beside_the_known_truth() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &mixture(1.0));
    let report = json_of(&["estimate", &word, "--percentile", "50", "-q"]);
    let rate = &report["noise_rate"][0];
    assert_close(&rate["noise_rate"], 0.25);
    // The known truth counts the threshold samples too: 100 of 500.
    assert_close(&rate["true_noise_rate"], 0.2);
    assert!(rate["noise_rate_low"].as_f64() < Some(0.25));
    assert!(rate["noise_rate_high"].as_f64() > Some(0.25));
    // The 51st largest of the threshold samples' AUMs has 50 mislabeled samples below it.
    let half = &report["rules"][0];
    assert_eq!(half["flagged"], 50);
    assert_close(&half["precision"], 1.0);
    assert_close(&half["recall"], 0.5);
    let posterior = &report["rules"][1];
    assert_eq!(posterior["rule"], "posterior");
    assert_eq!(posterior["flagged"], 100);
}

#[test]
fn passes_that_estimate_other_shares_are_named_and_the_mean_is_not_left_alone() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &mixture(1.0));
    // In pass 2 the clean samples lie as low as the threshold samples, as if it had underfitted.
    write(logs.path(), "pets", 2, &mixture(-2.001));
    let output = run(&["estimate", &word]);
    let stderr = text(&output.stderr);
    let warning = stderr
        .lines()
        .find(|line| line.contains("do not agree"))
        .unwrap_or_else(|| panic!("{stderr}"));
    for part in ["run pets", "25.0 % in pass 1", "in pass 2", "--pass"] {
        assert!(warning.contains(part), "{part:?} is not in: {warning}");
    }
    let printed = text(&output.stdout);
    assert!(printed.contains("passes do not agree"), "{printed}");
    for pass in ["1", "2"] {
        let alone = run(&["estimate", &word, "--pass", pass]);
        assert!(!text(&alone.stderr).contains("do not agree"));
    }
}

#[test]
fn passes_that_agree_are_not_warned_of() {
    let (logs, word) = folder();
    for pass in [1, 2] {
        write(logs.path(), "pets", pass, &mixture(1.0));
    }
    let output = run(&["estimate", &word]);
    assert_eq!(text(&output.stderr), "");
    assert!(!text(&output.stdout).contains("agree"));
}

#[test]
fn noise_with_a_pattern_is_named_and_makes_the_estimate_a_lower_bound() {
    let (logs, word) = folder();
    // Of three classes each has one rival; the log says nothing of the noise.
    let mut samples = mixture(1.0);
    for (sample, given) in samples.iter_mut().zip((0..3).cycle()) {
        sample.given = given;
        sample.epochs[0].1 = (given + 1) % 3;
    }
    write(logs.path(), "pets", 1, &samples);
    let output = run(&["estimate", &word]);
    let (printed, warned) = (text(&output.stdout), text(&output.stderr));
    for said in [&printed, &warned] {
        assert!(said.contains("have one rival"), "{said}");
        assert!(said.contains("lower bounds"), "{said}");
    }
    assert!(
        warned.starts_with("analyzer: warning: run pets: "),
        "{warned}"
    );
    // A table of AUMs does not tell rivals, so nothing is said of a pattern.
    let table = logs.path().join("aum.csv");
    let table = table.to_str().unwrap();
    stdout_of(&["aum", &word, "-o", table, "-q"]);
    let output = run(&["estimate", table]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn every_estimate_says_in_which_direction_it_can_be_wrong() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &mixture(1.0));
    let printed = stdout_of(&["estimate", &word]);
    assert!(
        printed.contains("too high where the network underfits"),
        "{printed}"
    );
    assert!(printed.contains("too low, a lower bound, where the noise has a pattern"));
    let help = stdout_of(&["estimate", "--help"]);
    for direction in ["Too high", "Too low"] {
        assert!(help.contains(direction), "{help}");
    }
}

#[test]
fn without_threshold_samples_there_is_no_estimate() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &[sample(0, 0, &[(1.0, 1)])]);
    let parts = ["run pets", "no threshold samples", "--run"];
    refuse(&["estimate", &word], 1, &parts);
}

#[test]
fn too_few_draws_and_percentiles_that_are_none_are_usage_errors() {
    let (_logs, word) = folder();
    let few = ["--resamples", "5", "20..=100000"];
    refuse(&["estimate", &word, few[0], few[1]], 2, &few);
    let none = ["--percentile", "101"];
    refuse(&["estimate", &word, none[0], none[1]], 2, &none);
}

// ---------------------------------------------------------------- flagging by probability

/// Two passes in which half the percentile flags 50 samples and the probability all 100 mislabeled ones.
fn two_passes_of_a_mixture() -> (TempDir, String) {
    let (logs, word) = folder();
    for pass in [1, 2] {
        write(logs.path(), "pets", pass, &mixture(1.0));
    }
    (logs, word)
}

#[test]
fn the_rule_by_probability_flags_in_every_command_and_says_so() {
    let (logs, word) = two_passes_of_a_mixture();
    let rule = ["--rule", "posterior"];
    let summary = json_of(&["aum", &word, rule[0], rule[1]]);
    assert_eq!(summary["rule"], "posterior");
    assert_eq!(summary["percentile"], Value::Null);
    assert_eq!(summary["flagged"], 100);
    assert_close(&summary["evaluation"]["precision"], 1.0);
    assert_close(&summary["evaluation"]["recall"], 1.0);
    for command in ["aum", "evaluate", "confusions"] {
        let printed = stdout_of(&[command, &word, rule[0], rule[1]]);
        let line = printed.lines().find(|line| line.starts_with("  Rule "));
        let line = line.unwrap_or_else(|| panic!("{command}: {printed}"));
        assert!(line.contains("posterior: flagged from a probability of 0.5"));
    }
    let evaluated = json_of(&["evaluate", &word, rule[0], rule[1]]);
    assert_eq!(evaluated["settings"]["rule"], "posterior");
    let confused = json_of(&["confusions", &word, rule[0], rule[1]]);
    assert_eq!(confused["confusions"][0]["count"], 100);
    let page = logs.path().join("report.html");
    stdout_of(&[
        "report",
        &word,
        rule[0],
        rule[1],
        "-o",
        page.to_str().unwrap(),
    ]);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("posterior: flagged from") && page.contains("100 of 400 judged"));
}

#[test]
fn the_rule_by_probability_gives_the_same_from_a_table_of_aums() {
    let (logs, word) = two_passes_of_a_mixture();
    let tables = TempDir::new().unwrap();
    let (from_log, again) = (tables.path().join("a.csv"), tables.path().join("b.csv"));
    let [from_log, again] = [&from_log, &again].map(|path| path.to_str().unwrap());
    stdout_of(&["aum", &word, "--rule", "posterior", "-o", from_log]);
    stdout_of(&["aum", from_log, "--rule", "posterior", "-o", again]);
    let table = fs::read_to_string(from_log).unwrap();
    assert_eq!(table, fs::read_to_string(again).unwrap());
    assert_eq!(
        table.lines().filter(|line| line.ends_with(",true")).count(),
        100
    );
    // Without the AUMs of threshold samples there is nothing to compare with.
    let lines = table
        .lines()
        .map(|line| line.splitn(4, ',').take(3).collect::<Vec<_>>().join(","));
    let bare = tables.path().join("bare.csv");
    fs::write(&bare, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let bare = bare.to_str().unwrap();
    refuse(
        &["aum", bare, "--rule", "posterior"],
        1,
        &["bare.csv", "needs the column"],
    );
    drop(logs);
}

#[test]
fn a_percentile_or_a_threshold_beside_the_rule_by_probability_is_a_usage_error() {
    let (_logs, word) = folder();
    for command in ["aum", "evaluate", "confusions", "report", "compare"] {
        let both = [command, &word, "--rule", "posterior", "--percentile", "99"];
        refuse(
            &both,
            2,
            &[
                "--percentile",
                "--rule posterior",
                "leave one of the two out",
            ],
        );
    }
    let both = ["aum", &word, "--rule", "posterior", "--threshold", "0"];
    refuse(&both, 2, &["--rule", "--threshold"]);
}

// ---------------------------------------------------------------- compare

/// Four ordinary samples with these AUMs, and a threshold sample.
fn ranked(aums: [f32; 4], threshold: f32) -> Vec<Sample> {
    let ordinary = aums.map(|aum| sample(0, 0, &[(aum, 1)]));
    let mut samples = ordinary.to_vec();
    samples.push(threshold_sample(1, &[(threshold, 0)]));
    samples
}

#[test]
fn two_runs_are_compared_as_by_hand() {
    let (logs, word) = folder();
    write(logs.path(), "a", 1, &ranked([1.0, 2.0, 3.0, 4.0], 1.5));
    write(logs.path(), "b", 1, &ranked([1.0, 2.0, 4.0, 3.0], 2.5));
    let report = json_of(&["compare", &word, "-q"]);
    let pair = &report["pairs"][0];
    assert_eq!([&pair["first"], &pair["second"]], ["a", "b"]);
    assert_eq!(pair["compared"], 4);
    // 1 - 6 (1 + 1) / (4 (16 - 1)); five pairs of six in the same order and one in the other.
    assert_close(&pair["spearman"], 0.8);
    assert_close(&pair["kendall"], 4.0 / 6.0);
    // Below 1.5 is sample 0, below 2.5 are 0 and 1.
    let flagged = ["flagged_first", "flagged_second", "flagged_both"];
    assert_eq!(flagged.map(|name| &pair[name]), [1, 2, 1]);
    assert_close(&pair["jaccard"], 0.5);
    let disagreements = report["disagreements"].as_array().unwrap();
    let ids: Vec<&Value> = disagreements.iter().map(|row| &row["sample_id"]).collect();
    assert_eq!(ids, [2, 3]);
    assert_eq!(disagreements[0]["rank_first"], 3);
    assert_eq!(disagreements[0]["rank_second"], 4);
}

#[test]
fn one_run_of_one_pass_has_nothing_to_be_compared_with() {
    let (logs, word) = folder();
    write(logs.path(), "a", 1, &ranked([1.0, 2.0, 3.0, 4.0], 1.5));
    refuse(
        &["compare", &word],
        1,
        &["nothing to compare", "several runs"],
    );
}

// ---------------------------------------------------------------- confusions

/// The threshold sample's AUM is 0, so samples 0 and 1 are flagged: class 1 is preferred to the given
/// label of sample 0 in all epochs, class 2 to that of sample 1 in two of three.
fn confused() -> Vec<Sample> {
    vec![
        sample(0, 1, &[(-1.0, 1), (-2.0, 1), (-3.0, 1)]),
        sample(0, 0, &[(-1.0, 2), (-1.0, 2), (-1.0, 1)]),
        sample(1, 1, &[(3.0, 0), (3.0, 0), (3.0, 0)]),
        sample(0, 0, &[(2.0, 1), (2.0, 1), (2.0, 1)]),
        threshold_sample(2, &[(0.0, 0), (0.0, 0), (0.0, 0)]),
    ]
}

#[test]
fn confusions_are_counted_by_class_and_preferred_class() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &confused());
    let report = json_of(&["confusions", &word, "-q"]);
    let rows = report["confusions"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{rows:?}");
    let right = |preferred: i32| {
        let row = rows.iter().find(|row| row["suggested_label"] == preferred);
        let row = row.unwrap();
        assert_eq!((&row["given_label"], &row["count"]), (&0.into(), &1.into()));
        // Class 0 is given to the samples 0, 1 and 3.
        assert_close(&row["share_of_class"], 1.0 / 3.0);
        (row["right"].clone(), row["examples"].clone())
    };
    assert_eq!(right(1), (1.into(), "0".into()));
    assert_eq!(right(2), (0.into(), "1".into()));
    assert_close(&report["suggestions"][0]["right_share"], 0.5);
}

#[test]
fn suggestions_are_written_with_their_support_and_never_over_a_file() {
    let (logs, word) = folder();
    let tables = TempDir::new().unwrap();
    let file = tables.path().join("corrections.csv");
    let file_word = file.to_str().unwrap();
    write(logs.path(), "pets", 1, &confused());
    let args = ["confusions", word.as_str(), "--suggest", file_word];
    stdout_of(&args);
    let written = fs::read_to_string(&file).unwrap();
    let rows: Vec<&str> = written.lines().collect();
    assert_eq!(rows.len(), 3, "{written}");
    assert!(rows[1].contains("0,0,1,1.0,0.0,-2"), "{written}");
    assert!(rows[2].contains("1,0,2,0.66666"), "{written}");
    refuse(
        &args,
        1,
        &["corrections.csv", "already there", "--overwrite"],
    );
    stdout_of(&[&args[..], &["--overwrite"]].concat());
}

#[test]
fn one_file_cannot_take_both_tables() {
    let (logs, word) = folder();
    let tables = TempDir::new().unwrap();
    let file = tables.path().join("both.csv");
    let file_word = file.to_str().unwrap();
    write(logs.path(), "pets", 1, &confused());
    let folder = word.as_str();
    let both = [
        "confusions",
        folder,
        "--suggest",
        file_word,
        "-o",
        file_word,
    ];
    let overwriting = [&both[..], &["--overwrite"]].concat();
    for args in [&both[..], &overwriting[..]] {
        refuse(args, 1, &["both.csv", "--suggest", "-o", "another name"]);
        assert!(!file.exists());
    }
}

#[test]
fn a_log_that_does_not_know_rivals_has_no_confusions() {
    let (logs, word) = folder();
    let ints = |values: [i32; 2]| -> ArrayRef { Arc::new(Int32Array::from(values.to_vec())) };
    write_parquet(
        &logs.path().join("bare.parquet"),
        vec![
            ("epoch", ints([2, 2])),
            ("sample_id", ints([0, 1])),
            ("assigned_label", ints([0, 1])),
            ("margin", Arc::new(Float32Array::from(vec![1.0, -1.0]))),
        ],
    );
    let parts = ["bare.parquet", "rival_label", "logits"];
    refuse(&["confusions", &word], 1, &parts);
}

// ---------------------------------------------------------------- scores

#[test]
fn scores_of_two_samples_are_those_of_their_probabilities() {
    let (logs, word) = folder();
    // Logits of ln 3 and 0 are probabilities of 3/4 and 1/4. Sample 0 goes from 3/4 to 1/4, sample 1
    // stays at 3/4.
    let third = 3_f64.ln();
    let mut logits = ListBuilder::new(Float64Builder::new());
    for row in [[third, 0.0], [0.0, third], [0.0, third], [0.0, third]] {
        logits.values().append_slice(&row);
        logits.append(true);
    }
    let ints = |values: [i32; 4]| -> ArrayRef { Arc::new(Int32Array::from(values.to_vec())) };
    write_parquet(
        &logs.path().join("pets.parquet"),
        vec![
            ("epoch", ints([2, 3, 2, 3])),
            ("sample_id", ints([0, 0, 1, 1])),
            ("assigned_label", ints([0, 0, 1, 1])),
            ("true_label", ints([1, 1, 1, 1])),
            ("logits", Arc::new(logits.finish())),
        ],
    );
    let table = stdout_of(&["scores", &word, "--format", "csv", "-q"]);
    let mut rows = table.lines();
    let names: Vec<&str> = rows.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    let (quarter_off, three_off) = (0.125_f64.sqrt(), 1.125_f64.sqrt());
    let expected = [
        ("aum", [0.0, third]),
        ("last_margin", [-third, third]),
        ("correctness", [0.5, 1.0]),
        ("forgetting_events", [1.0, 0.0]),
        ("confidence", [0.5, 0.75]),
        ("variability", [0.25, 0.0]),
        ("el2n", [(quarter_off + three_off) / 2.0, quarter_off]),
        (
            "mean_loss",
            [-(3.0_f64 / 16.0).ln() / 2.0, (4.0_f64 / 3.0).ln()],
        ),
    ];
    for (name, values) in expected {
        let column = names.iter().position(|&other| other == name);
        let column = column.unwrap_or_else(|| panic!("{name} is not in {names:?}"));
        for (row, value) in rows.iter().zip(values) {
            let found: f64 = row[column].parse().unwrap();
            assert!((found - value).abs() < 1e-5, "{name}: {found}, not {value}");
        }
    }
    let report = json_of(&["scores", &word, "-q"]);
    assert_eq!(report["scores"][0]["auroc"], 1.0);
}

#[test]
fn without_logits_the_scores_of_margins_remain_and_the_others_say_why() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &confused());
    let report = json_of(&["scores", &word, "-q"]);
    let scores = report["scores"].as_array().unwrap();
    let names: Vec<&Value> = scores.iter().map(|row| &row["score"]).collect();
    assert_eq!(
        names,
        ["AUM", "Last margin", "Correctness", "Forgetting events"]
    );
    let printed = stdout_of(&["scores", &word, "-q"]);
    assert!(printed.contains("need logits"), "{printed}");
}

#[test]
fn a_window_without_an_epoch_is_refused_by_each_question() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &confused());
    for command in ["estimate", "confusions", "scores", "compare"] {
        refuse(&[command, &word, "--epochs", "7..9"], 1, &["7", "9", "2"]);
    }
}
