//! The command line of the analyzer: what it prints and writes for logs with hand-made numbers, and
//! how it refuses what it cannot use: one line on stderr that names the thing, the place, the reason
//! and the way out, and an exit status.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleRow,
};
use parquet::arrow::ArrowWriter;
use polars::prelude::{AnyValue, ParquetReader, SerReader};
use serde_json::{Value, json};
use tempfile::TempDir;

// ---------------------------------------------------------------- running the program

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyzer"));
    command.args(args);
    command
}

fn run(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a successful run prints; nothing may be on stderr.
fn stdout_of(args: &[&str]) -> String {
    let output = run(&[args, &["-q"]].concat());
    assert_eq!(text(&output.stderr), "");
    assert!(output.status.success());
    text(&output.stdout)
}

fn json_of(args: &[&str]) -> Value {
    serde_json::from_str(&stdout_of(&[args, &["--format", "json"]].concat())).unwrap()
}

/// Runs `analyzer aum`, which must refuse with `status` and one line that has all `parts`.
fn refuse(args: &[&str], status: i32, parts: &[&str]) {
    let output = run(&[&["aum"], args].concat());
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert_eq!(text(&output.stdout), "");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("analyzer: "), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    for part in parts {
        assert!(stderr.contains(part), "{part:?} is not in: {stderr}");
    }
}

fn close(value: &Value, expected: f64) -> bool {
    value
        .as_f64()
        .is_some_and(|value| (value - expected).abs() < 1e-5)
}

// ---------------------------------------------------------------- making logs

struct Logs(TempDir);

impl Logs {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn word(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    fn folder(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}

/// Writes a Parquet file as somebody else's training loop would.
fn write_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn ints(values: &[i32]) -> ArrayRef {
    Arc::new(Int32Array::from(values.to_vec()))
}

fn ids(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn floats(values: &[f32]) -> ArrayRef {
    Arc::new(Float32Array::from(values.to_vec()))
}

/// The least that is a log: sample 0 and up with label 0, one epoch.
fn minimal(epoch: i32, margins: &[f32]) -> Vec<(&'static str, ArrayRef)> {
    let rows = margins.len();
    let sample_ids: Vec<i64> = (0..).take(rows).collect();
    vec![
        ("epoch", ints(&vec![epoch; rows])),
        ("sample_id", ids(&sample_ids)),
        ("assigned_label", ints(&vec![0; rows])),
        ("margin", floats(margins)),
    ]
}

/// Writes minimal logs of the epochs 1 and up, and returns the name of each.
fn minimal_epochs(logs: &Logs, epochs: &[&[f32]]) -> Vec<String> {
    let epochs = (1..).zip(epochs);
    epochs
        .map(|(epoch, margins)| {
            let name = format!("e{epoch}.parquet");
            write_parquet(&logs.at(&name), minimal(epoch, margins));
            logs.word(&name)
        })
        .collect()
}

/// One row of the log that the tests below check by hand.
#[derive(Clone, Copy)]
struct Row {
    pass: i32,
    epoch: i32,
    sample: i64,
    is_threshold_sample: bool,
    margin: f32,
}

const TRUE_LABELS: [Option<u32>; 4] = [Some(0), Some(1), Some(0), None];
const THRESHOLD_SAMPLES: [i64; 2] = [3, 2];
/// Pass, epoch, sample. Epoch 1 would turn everything round.
///
/// AUMs over epochs 2 and 3: pass 1: 3, -2.5, 1.5, -0.5 (its threshold sample, so its threshold);
/// pass 2: 1.5, -1.5, -0.5 (threshold), 3. Combined: 2.25, -2, 1.5, 3; sample 1 is flagged.
const MARGINS: [[[f32; 4]; 3]; 2] = [
    [
        [-90.0, 90.0, -90.0, -90.0],
        [2.0, -3.0, 1.0, 0.0],
        [4.0, -2.0, 2.0, -1.0],
    ],
    [
        [-90.0, 90.0, -90.0, -90.0],
        [1.0, -1.0, -1.0, 3.0],
        [2.0, -2.0, 0.0, 3.0],
    ],
];

fn hand_made_rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (pass, epochs) in (1..).zip(MARGINS) {
        for (epoch, margins) in (1..).zip(epochs) {
            for (sample, margin) in (0..).zip(margins) {
                let is_threshold_sample = THRESHOLD_SAMPLES[pass as usize - 1] == sample;
                rows.push(Row {
                    pass,
                    epoch,
                    sample,
                    is_threshold_sample,
                    margin,
                });
            }
        }
    }
    rows
}

/// Records the hand-made numbers as the recorder would: files per pass and epoch, with logits whose
/// margins they are (the assigned logit, all others 0), and the record of the run.
fn record(folder: &Path, run: &str, description: RunDescription) {
    let mut log = RunWriter::create(
        folder,
        run,
        description,
        LogitsColumn::Float32,
        ExistingRun::Refuse,
    )
    .unwrap();
    for (pass, epochs) in (1..).zip(MARGINS) {
        let assigned = |sample: usize| {
            let is_threshold_sample = THRESHOLD_SAMPLES[pass as usize - 1] == sample as i64;
            if is_threshold_sample { 2 } else { 0 }
        };
        let rows = (0..4).map(|sample: usize| SampleRow {
            sample_id: (sample as i64).into(),
            assigned_label: assigned(sample),
            given_label: 0,
            true_label: TRUE_LABELS[sample],
            is_threshold_sample: assigned(sample) == 2,
        });
        let samples = Arc::new(PassSamples::new(rows.collect(), 3).unwrap());
        for (epoch, margins) in (1..).zip(epochs) {
            let mut logits = EpochLogits::new(Arc::clone(&samples), epoch);
            for (sample, margin) in margins.into_iter().enumerate() {
                let mut row = [0.0; 3];
                row[assigned(sample) as usize] = margin;
                logits.record(sample, &row).unwrap();
            }
            log.write(pass, logits, BTreeMap::new()).unwrap();
        }
    }
    log.finish().unwrap();
}

fn cats_and_dogs() -> RunDescription {
    RunDescription {
        class_names: vec!["cat".to_owned(), "dog".to_owned()],
        configuration: json!({"seed": 0}),
    }
}

/// The columns of some rows, with every column that a log can have but logits.
fn columns(rows: &[Row]) -> Vec<(&'static str, ArrayRef)> {
    let sample_ids: Vec<i64> = rows.iter().map(|row| row.sample).collect();
    let assigned = rows
        .iter()
        .map(|row| 2 * i32::from(row.is_threshold_sample));
    let truth: Int32Array = rows
        .iter()
        .map(|row| TRUE_LABELS[row.sample as usize].map(u32::cast_signed))
        .collect();
    let marks: Vec<bool> = rows.iter().map(|row| row.is_threshold_sample).collect();
    let column = |value: fn(&Row) -> i32| ints(&rows.iter().map(value).collect::<Vec<_>>());
    vec![
        ("epoch", column(|row| row.epoch)),
        ("pass", column(|row| row.pass)),
        ("sample_id", ids(&sample_ids)),
        ("assigned_label", ints(&assigned.collect::<Vec<_>>())),
        ("given_label", ints(&vec![0; rows.len()])),
        ("true_label", Arc::new(truth)),
        ("is_threshold_sample", Arc::new(BooleanArray::from(marks))),
        (
            "margin",
            floats(&rows.iter().map(|row| row.margin).collect::<Vec<_>>()),
        ),
    ]
}

fn replaced<'a>(
    columns: Vec<(&'a str, ArrayRef)>,
    name: &'a str,
    array: ArrayRef,
) -> Vec<(&'a str, ArrayRef)> {
    let mut columns = without(columns, name);
    columns.push((name, array));
    columns
}

fn without<'a>(columns: Vec<(&'a str, ArrayRef)>, name: &str) -> Vec<(&'a str, ArrayRef)> {
    let keep = |(other, _): &(&str, ArrayRef)| *other != name;
    columns.into_iter().filter(keep).collect()
}

// ---------------------------------------------------------------- results

#[test]
fn a_run_of_two_passes_is_summarized_as_by_hand() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let expected = "\
Run pets

  Samples     4 in 2 classes
  Passes      2, from 6 files
  Epochs      1 to 3 recorded, 2 to 3 used (the default: all but the first)
  Percentile  99 of the threshold samples' AUMs
  Protocol    authors-code: below the percentile's rank, first epoch left out, every judging pass must flag

  Pass  Threshold samples  AUM threshold  Judged  Flagged
     1                  1         -0.500       3        1
     2                  1         -0.500       3        1

  Flagged     25.0 %  1 of 4 judged samples
  Mislabeled  33.3 %  1 of 3 judged samples with a known true label (1 without are left out)
  Precision   1.000   1 of 1 flagged samples are mislabeled
  Recall      1.000   1 of 1 mislabeled samples are flagged
  F1          1.000   harmonic mean of precision and recall
  Differing   1       verdicts under --protocol paper: 0 more and 1 fewer would be flagged

  The 2 lowest AUMs, the most suspicious samples first:

  Sample     AUM  Flagged  Given label  True label
       1  -2.000  yes      cat          dog
       2   1.500  no       cat          cat
";
    assert_eq!(
        stdout_of(&["aum", logs.folder(), "--bottom", "2"]),
        expected
    );
}

#[test]
fn few_threshold_samples_are_warned_of_on_stderr() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let output = run(&["aum", logs.folder()]);
    assert!(output.status.success());
    let stderr = text(&output.stderr);
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
    assert!(stderr.starts_with("analyzer: warning: run pets, pass 1: only 1 threshold sample"));
}

/// One pass; 100 threshold samples with the AUMs 1 to 100; six ordinary ones, of which those with
/// 98.5, 99, -3 and 150 are mislabeled.
fn a_hundred_threshold_samples(logs: &Logs) {
    let ordinary = [98.5, 99.0, 50.0, 200.0, -3.0, 150.0_f32];
    let truth = [1, 1, 0, 0, 1, 1];
    let aums: Vec<f32> = ordinary
        .into_iter()
        .chain((1..=100_u8).map(f32::from))
        .collect();
    let is_threshold_sample: Vec<bool> = (0..106).map(|sample| sample >= 6).collect();
    let assigned: Vec<i32> = (0..106)
        .map(|sample| if sample >= 6 { 2 } else { 0 })
        .collect();
    let truth: Vec<i32> = truth.into_iter().chain(vec![1; 100]).collect();
    for (epoch, shift) in [(2, -0.25), (3, 0.25)] {
        let margins: Vec<f32> = aums.iter().map(|aum| aum + shift).collect();
        let mut columns = minimal(epoch, &margins);
        columns = replaced(columns, "assigned_label", ints(&assigned));
        columns.push(("true_label", ints(&truth)));
        let marks = BooleanArray::from(is_threshold_sample.clone());
        columns.push(("is_threshold_sample", Arc::new(marks)));
        write_parquet(&logs.at(&format!("e{epoch}.parquet")), columns);
    }
}

#[test]
fn precision_recall_and_f1_are_those_counted_by_hand() {
    let logs = Logs::new();
    a_hundred_threshold_samples(&logs);
    let summary = &json_of(&["aum", logs.folder()])[0];
    // The second largest of 100. Below it: 98.5, 50 and -3, of which two are mislabeled.
    assert!(close(&summary["passes"][0]["threshold"], 99.0));
    assert_eq!(summary["passes"][0]["threshold_samples"], 100);
    assert_eq!(summary["flagged"], 3);
    assert!(close(&summary["evaluation"]["precision"], 2.0 / 3.0));
    assert!(close(&summary["evaluation"]["recall"], 0.5));
    assert!(close(&summary["evaluation"]["f1"], 4.0 / 7.0));
    assert!(close(&summary["evaluation"]["mislabeled_share"], 4.0 / 6.0));
    assert_eq!(summary["not_judged"], 100);
    let lowest: Vec<&Value> = (0..3).map(|at| &summary["lowest"][at]["aum"]).collect();
    assert_eq!(lowest, [&json!(-3.0), &json!(50.0), &json!(98.5)]);
}

/// The table of this name in the report of the only run.
fn report_table(words: &[&str], table: &str) -> Value {
    let reports = json_of(words);
    assert!(reports[0][table].is_array(), "{reports}");
    reports[0][table].clone()
}

#[test]
fn the_protocol_of_the_paper_cuts_at_the_interpolated_percentile() {
    let logs = Logs::new();
    a_hundred_threshold_samples(&logs);
    // Below the second largest, 99, are 98.5, 50 and -3; numpy.percentile says 99.01, and 99 too lies
    // at or below it.
    for (words, flagged, differing) in [
        (
            &[][..],
            3,
            json!([{"protocol": "paper", "more": 1, "fewer": 0}]),
        ),
        (
            &["--protocol", "paper"],
            4,
            json!([{"protocol": "authors-code", "more": 0, "fewer": 1}]),
        ),
        (
            &["--cut", "percentile"],
            4,
            json!([
                {"protocol": "paper", "more": 0, "fewer": 0},
                {"protocol": "authors-code", "more": 0, "fewer": 1}
            ]),
        ),
    ] {
        let found = &json_of(&[&["aum", logs.folder()], words].concat())[0];
        assert_eq!(found["flagged"], flagged, "{words:?}");
        assert_eq!(found["other_protocols"], differing, "{words:?}");
    }
}

#[test]
fn thresholds_sweeps_percentiles_and_marks_the_best_f1() {
    let logs = Logs::new();
    a_hundred_threshold_samples(&logs);
    let words = ["thresholds", logs.folder(), "--percentiles", "99,100"];
    let rows = report_table(&words, "percentiles");
    // Below 99 lie 98.5, 50 and -3, below 100 also 99; mislabeled are 98.5, 99, -3 and 150.
    for (row, threshold, flagged, f1, best) in
        [(0, 99.0, 3, 4.0 / 7.0, false), (1, 100.0, 4, 0.75, true)]
    {
        let row = &rows[row];
        assert!(close(&row["threshold_p1"], threshold), "{row}");
        assert_eq!(row["flagged"], flagged);
        assert!(close(&row["f1"], f1), "{row}");
        assert_eq!(row["best_f1"], best);
        assert!(row["threshold_p1_low"].as_f64() <= Some(threshold), "{row}");
    }
    assert_eq!(
        report_table(&words, "stability").as_array().unwrap().len(),
        2
    );
}

#[test]
fn evaluate_measures_the_ranking_and_the_verdicts_as_by_hand() {
    let logs = Logs::new();
    a_hundred_threshold_samples(&logs);
    let words = ["evaluate", logs.folder(), "--at", "2,100"];
    let rows = report_table(&words, "metrics");
    let rows = rows.as_array().unwrap();
    // By AUM: -3, 50, 98.5, 99, 150, 200, of which 50 and 200 are right: 5 of 8 pairs in order.
    let expected = [
        ("precision", 2.0 / 3.0),
        ("recall", 0.5),
        ("f1", 4.0 / 7.0),
        ("auroc", 5.0 / 8.0),
        (
            "average_precision",
            (1.0 + 2.0 / 3.0 + 3.0 / 4.0 + 4.0 / 5.0) / 4.0,
        ),
        ("precision_at_2", 0.5), // and none at 100: there are six
    ];
    assert_eq!(rows.len(), expected.len(), "{rows:?}");
    for (row, (metric, value)) in rows.iter().zip(expected) {
        assert_eq!(row["metric"], metric);
        assert!(close(&row["value"], value), "{row}");
        let (low, high) = (row["low"].as_f64().unwrap(), row["high"].as_f64().unwrap());
        assert!(
            0.0 <= low && low <= value && value <= high && high <= 1.0,
            "{row}"
        );
    }
    let pairs = report_table(&words, "pairs");
    assert_eq!(
        (&pairs[0]["samples"], &pairs[0]["recall"]),
        (&json!(4), &json!(0.5))
    );
}

#[test]
fn a_percentile_or_a_threshold_can_be_chosen() {
    let logs = Logs::new();
    a_hundred_threshold_samples(&logs);
    let flagged = |args: &[&str]| {
        let summary = json_of(&[&["aum", logs.folder()], args].concat());
        (
            summary[0]["passes"][0]["threshold"].clone(),
            summary[0]["flagged"].clone(),
        )
    };
    assert_eq!(flagged(&["--percentile", "100"]), (json!(100.0), json!(4)));
    assert_eq!(flagged(&["--percentile", "98"]), (json!(98.0), json!(2)));
    assert_eq!(flagged(&["--percentile", "50.5"]), (json!(51.0), json!(2)));
    assert_eq!(flagged(&["--threshold", "-2.5"]), (json!(-2.5), json!(1)));
}

#[test]
fn a_percentile_given_as_a_share_is_warned_of() {
    let logs = Logs::new();
    a_hundred_threshold_samples(&logs);
    let output = run(&["aum", logs.folder(), "--percentile", "0.99"]);
    assert!(output.status.success());
    let stderr = text(&output.stderr);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("did you mean 99?"), "{stderr}");
}

#[test]
fn margins_can_be_computed_from_logits_beside_a_column_of_margins() {
    let logs = Logs::new();
    let mut columns = minimal(1, &[9.0, 9.0]);
    let mut lists = ListBuilder::new(Float64Builder::new());
    for row in [[1.0, 0.5], [-1.0, 2.0]] {
        lists.append_value(row.map(Some));
    }
    columns.push(("logits", Arc::new(lists.finish())));
    write_parquet(&logs.at("a.parquet"), columns);
    let lowest = |args: &[&str]| {
        let summary = json_of(&[&["aum", logs.folder()], args].concat());
        summary[0]["lowest"][0]["aum"].clone()
    };
    assert!(close(&lowest(&[]), 9.0));
    assert!(close(&lowest(&["--from-logits"]), -3.0));
}

#[test]
fn the_window_can_be_chosen_and_ends_before_the_learning_rate_drops() {
    let logs = Logs::new();
    let mut description = cats_and_dogs();
    description.configuration = json!({"learning_rate_drops": [3]});
    record(logs.0.path(), "pets", description);
    let aum = |args: &[&str]| {
        let summary = json_of(&[&["aum", logs.folder(), "--bottom", "1"], args].concat());
        let first = &summary[0]["lowest"][0];
        (first["sample_id"].clone(), first["aum"].clone())
    };
    // By default epoch 2 alone: -3 and -1 for sample 1.
    assert_eq!(aum(&[]), (json!(1), json!(-2.0)));
    let printed = stdout_of(&["aum", logs.folder()]);
    assert!(
        printed.contains("2 used (the default: before the learning rate drops at 3)"),
        "{printed}"
    );
    assert_eq!(aum(&["--epochs", "3.."]), (json!(1), json!(-2.0)));
    assert_eq!(aum(&["--epochs", "..1"]), (json!(0), json!(-90.0)));
    // (-90 + 1) / 2 in pass 1; in pass 2 it is the threshold sample.
    assert_eq!(aum(&["--epochs", "1..2"]), (json!(2), json!(-44.5)));
}

#[test]
fn one_recorded_epoch_counts_even_if_it_is_the_first() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0, -1.0]]);
    let printed = stdout_of(&["aum", logs.folder()]);
    assert!(
        printed.contains("1 recorded, 1 used (all there are)"),
        "{printed}"
    );
    assert!(
        printed.contains("Note: every recorded epoch counts"),
        "{printed}"
    );
}

#[test]
fn several_runs_are_reported_one_by_one_in_the_order_of_their_names() {
    let logs = Logs::new();
    record(logs.0.path(), "pets-b", cats_and_dogs());
    record(logs.0.path(), "pets-a", RunDescription::default());
    write_parquet(&logs.at("other.parquet"), columns(&hand_made_rows()));
    let summaries = json_of(&["aum", logs.folder()]);
    let names: Vec<&Value> = (0..3).map(|run| &summaries[run]["run"]).collect();
    assert_eq!(names, [&Value::Null, &json!("pets-a"), &json!("pets-b")]);
    for summary in summaries.as_array().unwrap() {
        assert_eq!(summary["flagged"], 1);
        assert_eq!(summary["lowest"][0]["aum"], -2.0);
    }
    let printed = stdout_of(&["aum", logs.folder()]);
    let headings = printed.lines().filter(|line| line.starts_with("Run "));
    assert_eq!(
        headings.collect::<Vec<_>>(),
        ["Run (unnamed run)", "Run pets-a", "Run pets-b"]
    );
}

#[test]
fn runs_and_passes_can_be_picked() {
    let logs = Logs::new();
    record(logs.0.path(), "pets-a", cats_and_dogs());
    record(logs.0.path(), "pets-b", cats_and_dogs());
    let summaries = json_of(&["aum", logs.folder(), "--run", "pets-b", "--pass", "2"]);
    assert_eq!(summaries.as_array().unwrap().len(), 1);
    assert_eq!(summaries[0]["run"], "pets-b");
    assert_eq!(summaries[0]["passes"].as_array().unwrap().len(), 1);
    // Sample 2 serves as threshold sample in pass 2.
    assert_eq!(summaries[0]["not_judged"], 1);
    assert_eq!(summaries[0]["lowest"][0]["aum"], -1.5);
    let parts = [
        "no run pets in the logs",
        "they have pets-a, pets-b",
        "--run",
    ];
    refuse(&[logs.folder(), "--run", "pets"], 1, &parts);
    let parts = ["run pets-a: there is no pass 3; it has 1, 2", "--pass"];
    refuse(&[logs.folder(), "--pass", "3"], 1, &parts);
    refuse(&[logs.folder(), "--pass", "0"], 2, &["--pass", "0"]);
}

#[test]
fn without_true_labels_there_are_ranking_and_threshold_and_a_word_on_precision() {
    let logs = Logs::new();
    let columns = without(columns(&hand_made_rows()), "true_label");
    write_parquet(&logs.at("a.parquet"), columns);
    let summary = &json_of(&["aum", logs.folder()])[0];
    assert_eq!(summary["evaluation"], Value::Null);
    assert_eq!(summary["flagged"], 1);
    assert_eq!(summary["lowest"][0]["true_label"], Value::Null);
    let printed = stdout_of(&["aum", logs.folder()]);
    assert!(printed.contains("-0.500"), "{printed}");
    assert!(
        printed.contains("Note: precision and recall need known labels"),
        "{printed}"
    );
    assert!(!printed.contains("True label"), "{printed}");
}

#[test]
fn without_threshold_samples_there_is_a_ranking_and_the_way_to_a_threshold() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[0.0; 3], &[3.0, -1.0, 2.0], &[5.0, -2.0, 1.0]]);
    let summary = &json_of(&["aum", logs.folder()])[0];
    assert_eq!(summary["flagged"], Value::Null);
    assert_eq!(summary["passes"][0]["threshold"], Value::Null);
    let lowest: Vec<&Value> = (0..3)
        .map(|at| &summary["lowest"][at]["sample_id"])
        .collect();
    assert_eq!(lowest, [&json!(1), &json!(2), &json!(0)]);
    assert_eq!(summary["lowest"][0]["given_label"], 0);
    let printed = stdout_of(&["aum", logs.folder()]);
    assert!(
        printed.contains("record with threshold samples, or give --threshold VALUE"),
        "{printed}"
    );
    let summary = &json_of(&["aum", logs.folder(), "--threshold", "0"])[0];
    assert_eq!(summary["flagged"], 1);
    assert_eq!(summary["given_threshold"], 0.0);
}

#[test]
fn a_sample_that_misses_an_epoch_has_the_mean_over_the_others() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[0.0, 0.0], &[1.0, 4.0], &[3.0]]);
    let summary = &json_of(&["aum", logs.folder()])[0];
    assert_eq!(summary["lowest"][0]["aum"], 2.0);
    assert_eq!(summary["lowest"][1]["aum"], 4.0);
    let notes = summary["notes"].to_string();
    assert!(
        notes.contains("1 sample missing from some epochs"),
        "{notes}"
    );
}

// ---------------------------------------------------------------- other people's logs

/// The part of a summary that does not depend on how the rows lie in files.
fn found(logs: &Logs) -> Value {
    let mut summary = json_of(&["aum", logs.folder()])[0].take();
    for key in ["run", "files", "class_names"] {
        summary.as_object_mut().unwrap().remove(key);
    }
    summary
}

#[test]
fn neither_the_layout_of_files_nor_the_order_of_rows_changes_a_bit() {
    let recorded = Logs::new();
    record(recorded.0.path(), "pets", RunDescription::default());
    let rows = hand_made_rows();

    let one_file = Logs::new();
    write_parquet(&one_file.at("all.parquet"), columns(&rows));
    assert_eq!(found(&one_file), found(&recorded));

    let by_sample = Logs::new();
    let mut shuffled = rows.clone();
    shuffled.sort_by_key(|row| ((row.sample * 7 + 3) % 4, row.epoch * 5 % 3, row.pass));
    write_parquet(&by_sample.at("all.parquet"), columns(&shuffled));
    assert_eq!(found(&by_sample), found(&recorded));

    let shards = Logs::new();
    let (even, odd): (Vec<Row>, Vec<Row>) = rows.iter().rev().partition(|row| row.sample % 2 == 0);
    write_parquet(&shards.at("rank0.parquet"), columns(&odd));
    write_parquet(&shards.at("rank1.parquet"), columns(&even));
    assert_eq!(found(&shards), found(&recorded));
}

#[test]
fn the_order_of_the_words_changes_nothing_and_a_file_named_twice_counts_once() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let expected = stdout_of(&["aum", logs.folder()]);
    let glob = logs.word("*.parquet");
    assert_eq!(stdout_of(&["aum", &glob]), expected);
    assert_eq!(stdout_of(&["aum", &glob, logs.folder()]), expected);
    let files: Vec<String> = (1..=3)
        .rev()
        .flat_map(|epoch| {
            [2, 1].map(|pass| logs.word(&format!("pets-p{pass}-e{epoch:04}.parquet")))
        })
        .collect();
    let mut words = vec!["aum"];
    words.extend(files.iter().map(String::as_str));
    assert_eq!(stdout_of(&words), expected);
}

#[test]
fn logits_in_lists_of_doubles_and_text_ids_are_read() {
    let logs = Logs::new();
    let mut logits = ListBuilder::new(Float64Builder::new());
    // Margins for label 1: 3 - 2 = 1, and 0.5 - 4 = -3.5.
    for row in [[2.0, 3.0, -1.0], [4.0, 0.5, 0.0]] {
        logits.values().append_slice(&row);
        logits.append(true);
    }
    write_parquet(
        &logs.at("a.parquet"),
        vec![
            ("logits", Arc::new(logits.finish())),
            ("extra", ints(&[7, 8])),
            ("assigned_label", ids(&[1, 1])),
            (
                "sample_id",
                Arc::new(StringArray::from(vec!["b.png", "a.png"])),
            ),
            ("epoch", ids(&[2, 2])),
        ],
    );
    let summary = &json_of(&["aum", logs.folder()])[0];
    assert_eq!(summary["lowest"][0]["sample_id"], "a.png");
    assert_eq!(summary["lowest"][0]["aum"], -3.5);
    assert_eq!(summary["lowest"][1]["aum"], 1.0);
    let printed = stdout_of(&["aum", logs.folder()]);
    assert!(printed.contains("  a.png   -3.500"), "{printed}");
}

// ---------------------------------------------------------------- the AUM table

/// sample_id, given, true, judged, aum, aum_p1, aum_p2, threshold samples, thresholds, flagged: in
/// the order of the AUMs.
fn expected_table() -> Value {
    let row = |sample, truth: Option<u32>, judged, aums: [f64; 3], marks: [bool; 2], flagged| {
        json!({
            "run": "pets", "sample_id": sample, "given_label": 0, "true_label": truth,
            "judged_passes": judged, "aum": aums[0], "aum_p1": aums[1], "aum_p2": aums[2],
            "threshold_sample_p1": marks[0], "threshold_sample_p2": marks[1],
            "threshold_p1": -0.5, "threshold_p2": -0.5, "flagged": flagged,
        })
    };
    json!([
        row(1, Some(1), 2, [-2.0, -2.5, -1.5], [false, false], true),
        row(2, Some(0), 1, [1.5, 1.5, -0.5], [false, true], false),
        row(0, Some(0), 2, [2.25, 3.0, 1.5], [false, false], false),
        row(3, None, 1, [3.0, -0.5, 3.0], [true, false], false),
    ])
}

fn written_table(name: &str) -> (Logs, String) {
    let logs = Logs::new();
    fs::create_dir(logs.at("logs")).unwrap();
    record(&logs.at("logs"), "pets", cats_and_dogs());
    let table = logs.word(name);
    stdout_of(&["aum", &logs.word("logs"), "-o", &table]);
    (logs, table)
}

#[test]
fn the_table_in_json_has_a_row_per_sample_by_aum() {
    let (_logs, table) = written_table("aum.json");
    let rows: Value = serde_json::from_str(&fs::read_to_string(table).unwrap()).unwrap();
    assert_eq!(rows, expected_table());
}

#[test]
fn the_table_in_csv_has_the_same_rows() {
    let (_logs, table) = written_table("aum.csv");
    let csv = fs::read_to_string(table).unwrap();
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let expected = expected_table();
    for (line, expected) in lines.by_ref().zip(expected.as_array().unwrap()) {
        assert_eq!(line.len(), expected.as_object().unwrap().len());
        for (name, field) in names.iter().zip(line) {
            let same = match &expected[*name] {
                Value::Null => field.is_empty(),
                Value::String(text) => field == text,
                Value::Bool(value) => field == value.to_string(),
                number => field.parse::<f64>().ok() == number.as_f64(),
            };
            assert!(same, "{name}: {field} is not {}", expected[*name]);
        }
    }
    assert!(lines.next().is_none());
}

#[test]
fn csv_on_stdout_is_what_is_written_to_a_file() {
    let (logs, table) = written_table("aum.csv");
    let printed = stdout_of(&["aum", &logs.word("logs"), "--format", "csv"]);
    assert_eq!(printed, fs::read_to_string(table).unwrap());
}

#[test]
fn the_table_in_parquet_has_the_same_rows_with_types() {
    let (_logs, table) = written_table("aum.parquet");
    let frame = ParquetReader::new(File::open(table).unwrap())
        .finish()
        .unwrap();
    assert_eq!(frame.height(), 4);
    for (row, expected) in expected_table().as_array().unwrap().iter().enumerate() {
        for (name, expected) in expected.as_object().unwrap() {
            let found = match frame.column(name).unwrap().get(row).unwrap() {
                AnyValue::Null => Value::Null,
                AnyValue::String(text) => json!(text),
                AnyValue::StringOwned(text) => json!(text.as_str()),
                AnyValue::Boolean(value) => json!(value),
                AnyValue::Int32(value) => json!(value),
                AnyValue::Int64(value) => {
                    assert_eq!(name, "sample_id");
                    json!(value)
                }
                AnyValue::Float64(value) => json!(value),
                other => panic!("{name} is {other:?}"),
            };
            assert_eq!(&found, expected, "{name}, row {row}");
        }
    }
}

#[test]
fn writing_a_table_is_said_on_stderr() {
    let (logs, _) = written_table("aum.csv");
    let table = logs.word("again.csv");
    let output = run(&["aum", &logs.word("logs"), "-o", &table]);
    let stderr = text(&output.stderr);
    assert!(
        stderr.ends_with(&format!("analyzer: wrote {table} (4 rows)\n")),
        "{stderr}"
    );
}

#[test]
fn a_table_is_never_overwritten_silently() {
    let (logs, table) = written_table("aum.csv");
    let before = fs::read_to_string(&table).unwrap();
    let words = [&logs.word("logs"), "--epochs", "..1", "-o", &table];
    refuse(&words, 1, &[&table, "is already there", "--overwrite"]);
    assert_eq!(fs::read_to_string(&table).unwrap(), before);
    stdout_of(&[&["aum"], &words[..], &["--overwrite"]].concat());
    assert_ne!(fs::read_to_string(&table).unwrap(), before);
}

#[test]
fn a_table_never_replaces_a_log_and_needs_a_folder() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let log = logs.word("pets-p1-e0001.parquet");
    let before = fs::read(&log).unwrap();
    let words = [logs.folder(), "--overwrite", "-o", &log];
    refuse(&words, 1, &[&log, "is one of the logs", "another file"]);
    assert_eq!(fs::read(&log).unwrap(), before);
    let nowhere = logs.word("no/where/aum.csv");
    refuse(
        &[logs.folder(), "-o", &nowhere],
        1,
        &[&nowhere, "no folder", "make it first"],
    );
}

// ---------------------------------------------------------------- bad input: places

#[test]
fn a_folder_without_logs_is_refused() {
    let logs = Logs::new();
    fs::write(logs.at("notes.txt"), "x").unwrap();
    let folder = logs.folder();
    refuse(
        &[folder],
        1,
        &[folder, "no *.parquet files", "give the folder"],
    );
}

#[test]
fn a_path_or_glob_that_matches_nothing_is_refused() {
    let logs = Logs::new();
    let path = logs.word("missing.parquet");
    refuse(
        &[&path],
        1,
        &[&path, "no such file or folder", "give log files"],
    );
    let glob = logs.word("*.parquet");
    refuse(&[&glob], 1, &[&glob, "no log matches", "check the folder"]);
}

#[test]
fn the_folder_of_a_run_is_refused_with_the_place_of_its_logs() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let folder = logs.word("pets");
    let way_out = format!("'{}'", logs.word("pets-p*.parquet"));
    refuse(
        &[&folder],
        1,
        &[&folder, "configuration of a run", &way_out],
    );
}

// ---------------------------------------------------------------- bad input: files

#[test]
fn a_truncated_file_is_refused() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let file = logs.word("pets-p2-e0002.parquet");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    refuse(
        &[logs.folder(), "-q"],
        1,
        &[&file, "is truncated", "copy it again"],
    );
}

#[test]
fn an_empty_file_and_a_file_that_is_no_parquet_are_refused() {
    let logs = Logs::new();
    let file = logs.word("a.parquet");
    fs::write(&file, "").unwrap();
    refuse(&[&file], 1, &[&file, "is empty", "delete it"]);
    fs::write(&file, "sample_id,aum\n1,2.0\n").unwrap();
    refuse(
        &[&file],
        1,
        &[&file, "is not a Parquet file", "give the *.parquet files"],
    );
}

#[test]
fn a_parquet_that_is_no_log_is_refused() {
    let logs = Logs::new();
    let file = logs.word("a.parquet");
    write_parquet(Path::new(&file), vec![("price", ints(&[1, 2]))]);
    refuse(
        &[&file],
        1,
        &[&file, "not an AUM log", "no column epoch", "FORMAT.md"],
    );
}

#[test]
fn a_log_with_nan_is_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0, 2.0], &[1.0, f32::NAN]]);
    let file = logs.word("e2.parquet");
    let parts = [
        &file,
        "row 1, column margin",
        "is NaN",
        "lower its learning rate",
    ];
    refuse(&[logs.folder()], 1, &parts);
}

#[test]
fn a_label_out_of_range_is_refused() {
    let logs = Logs::new();
    let file = logs.word("a.parquet");
    let mut logits = ListBuilder::new(Float64Builder::new());
    logits.values().append_slice(&[1.0, 2.0]);
    logits.append(true);
    let columns = vec![
        ("epoch", ints(&[1])),
        ("sample_id", ids(&[0])),
        ("assigned_label", ints(&[2])),
        ("logits", Arc::new(logits.finish()) as ArrayRef),
    ];
    write_parquet(Path::new(&file), columns);
    let parts = [
        &file,
        "row 0, column assigned_label",
        "is 2",
        "labels go from 0 to 1",
    ];
    refuse(&[&file], 1, &parts);
    let columns = replaced(minimal(1, &[1.0]), "assigned_label", ints(&[-1]));
    write_parquet(Path::new(&file), columns);
    refuse(
        &[&file],
        1,
        &[&file, "row 0, column assigned_label", "is -1", "0 or more"],
    );
}

#[test]
fn flipped_bits_never_end_in_a_panic() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let file = logs.at("pets-p1-e0002.parquet");
    let bytes = fs::read(&file).unwrap();
    for at in (4..bytes.len()).step_by(bytes.len() / 60) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        fs::write(&file, damaged).unwrap();
        let output = run(&["aum", logs.folder()]);
        let stderr = text(&output.stderr);
        assert!(!stderr.contains("panicked"), "byte {at}: {stderr}");
        assert!(!stderr.contains("internal error"), "byte {at}: {stderr}");
        // Either the damage is fatal, or the checksum tells of it.
        assert!(
            stderr.contains("pets-p1-e0002.parquet"),
            "byte {at}: {stderr}"
        );
        let errors = stderr
            .lines()
            .filter(|line| !line.starts_with("analyzer: warning: "));
        let expected = usize::from(!output.status.success());
        assert_eq!(errors.count(), expected, "byte {at}: {stderr}");
    }
}

#[test]
fn a_file_that_is_not_what_was_written_is_warned_of() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let (first, second) = (
        logs.at("pets-p1-e0002.parquet"),
        logs.at("pets-p1-e0003.parquet"),
    );
    let bytes = fs::read(&first).unwrap();
    // The lowest byte of sample 1's margin in the PLAIN floats: still a number, another one.
    let at = bytes
        .windows(4)
        .position(|four| four == (-3.0_f32).to_le_bytes())
        .unwrap();
    let mut damaged = bytes.clone();
    damaged[at] ^= 1;
    fs::write(&first, damaged).unwrap();
    let output = run(&["aum", logs.folder()]);
    assert!(output.status.success());
    let stderr = text(&output.stderr);
    let warned: Vec<&str> = stderr
        .lines()
        .filter(|line| line.contains("checksum"))
        .collect();
    assert_eq!(warned.len(), 1, "{stderr}");
    assert!(warned[0].starts_with(&format!("analyzer: warning: {}: ", first.display())));
    assert!(!stderr.contains(second.to_str().unwrap()));
}

// ---------------------------------------------------------------- bad input: contradictions

#[test]
fn a_label_that_changes_between_epochs_is_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 3], &[1.0; 3]]);
    let columns = replaced(minimal(3, &[1.0; 3]), "assigned_label", ints(&[0, 5, 0]));
    write_parquet(&logs.at("e3.parquet"), columns);
    let file = logs.word("e3.parquet");
    let line = "sample 1 has label 5, but 0 in epoch 2; labels must not change within a pass";
    refuse(
        &[logs.folder()],
        1,
        &[&format!("{file}: {line}"), "leave out the files"],
    );
}

#[test]
fn a_threshold_mark_that_changes_between_epochs_is_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 2]]);
    let mut columns = minimal(2, &[1.0; 2]);
    columns.push((
        "is_threshold_sample",
        Arc::new(BooleanArray::from(vec![false, true])),
    ));
    write_parquet(&logs.at("e2.parquet"), columns);
    let file = logs.word("e2.parquet");
    let line = "sample 1 is a threshold sample, but not one in epoch 1";
    refuse(
        &[logs.folder()],
        1,
        &[&format!("{file}: {line}"), "must not change", "leave out"],
    );
}

#[test]
fn the_same_epoch_twice_is_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 2], &[1.0; 2]]);
    fs::copy(logs.at("e2.parquet"), logs.at("f2.parquet")).unwrap();
    let line = format!(
        "{}: sample 0 is recorded a second time in pass 1, epoch 2 (first in {})",
        logs.word("f2.parquet"),
        logs.word("e2.parquet")
    );
    refuse(&[logs.folder()], 1, &[&line, "leave one of the two out"]);
}

#[test]
fn the_same_sample_twice_in_a_file_is_refused() {
    let logs = Logs::new();
    let columns = replaced(minimal(1, &[1.0; 3]), "sample_id", ids(&[4, 7, 4]));
    write_parquet(&logs.at("a.parquet"), columns);
    let file = logs.word("a.parquet");
    let parts = [
        &file,
        "sample 4 is recorded a second time",
        "first in the same file",
    ];
    refuse(&[&file], 1, &parts);
}

#[test]
fn given_and_true_labels_that_differ_between_passes_are_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 2]]);
    let second = |extra: (&'static str, ArrayRef)| {
        let mut columns = minimal(1, &[1.0; 2]);
        columns.push(("pass", ints(&[2, 2])));
        let columns = replaced(columns, extra.0, extra.1);
        write_parquet(&logs.at("p2.parquet"), columns);
    };
    let (first, file) = (logs.word("e1.parquet"), logs.word("p2.parquet"));
    second(("assigned_label", ints(&[0, 3])));
    let line = format!("{file}: sample 1 has given label 3, but 0 in {first}");
    refuse(
        &[logs.folder()],
        1,
        &[&line, "one given label for each sample", "its own name"],
    );

    let mut columns = minimal(1, &[1.0; 2]);
    columns.push(("true_label", ints(&[0, 1])));
    write_parquet(&logs.at("e1.parquet"), columns);
    second(("true_label", ints(&[0, 2])));
    let line = format!("{file}: sample 1 has true label 2, but 1 in {first}");
    refuse(
        &[logs.folder()],
        1,
        &[&line, "one true label for each sample", "its own name"],
    );
}

#[test]
fn an_ordinary_sample_with_two_labels_is_refused() {
    let logs = Logs::new();
    let mut columns = minimal(1, &[1.0; 2]);
    columns.push(("given_label", ints(&[0, 3])));
    write_parquet(&logs.at("a.parquet"), columns);
    let parts = [
        "sample 1 has assigned label 0 and given label 3",
        "is_threshold_sample",
    ];
    refuse(&[logs.folder()], 1, &parts);
}

#[test]
fn integer_and_text_ids_in_one_run_are_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 2]]);
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["0", "1"]));
    let columns = replaced(minimal(2, &[1.0; 2]), "sample_id", texts);
    write_parquet(&logs.at("e2.parquet"), columns);
    let line = format!(
        "{}: the sample ids are texts, but integers in {}",
        logs.word("e2.parquet"),
        logs.word("e1.parquet")
    );
    refuse(&[logs.folder()], 1, &[&line, "cast the column sample_id"]);
}

#[test]
fn a_window_with_no_recorded_epoch_is_refused() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let parts = [
        "run pets",
        "no epoch within --epochs 7..9",
        "the log has epochs 1 to 3",
    ];
    refuse(&[logs.folder(), "--epochs", "7..9"], 1, &parts);
}

// ---------------------------------------------------------------- bad input: the command line

#[test]
fn a_percentile_out_of_range_is_a_usage_error() {
    for percentile in ["0", "-5", "100.5", "nan"] {
        let parts = [
            "--percentile",
            percentile,
            "above 0 and goes up to 100",
            "such as 99",
        ];
        refuse(&["logs", "--percentile", percentile], 2, &parts);
    }
    refuse(
        &["logs", "--percentile", "high"],
        2,
        &["--percentile", "high", "not a number"],
    );
}

#[test]
fn epochs_that_are_no_range_are_a_usage_error() {
    for (epochs, reason) in [
        ("5..2", "ends before it begins"),
        ("0..2", "numbered from 1"),
        ("5", "A..B"),
        ("-1..2", "A..B"),
    ] {
        refuse(
            &["logs", "--epochs", epochs],
            2,
            &["--epochs", epochs, reason],
        );
    }
}

#[test]
fn other_usage_errors_are_one_line_too() {
    refuse(&[], 2, &["<LOGS>"]);
    refuse(
        &["logs", "-o", "aum.xlsx"],
        2,
        &["--output", "aum.xlsx", ".csv, .parquet or .json"],
    );
    refuse(
        &["logs", "--threshold", "inf"],
        2,
        &["--threshold", "inf", "not a finite number"],
    );
    refuse(
        &["logs", "--threshold", "1", "--percentile", "99"],
        2,
        &["cannot be used with"],
    );
    refuse(
        &["logs", "--format", "xml"],
        2,
        &["--format", "xml", "table, json"],
    );
    refuse(
        &["logs", "--percentil", "9"],
        2,
        &["--percentil", "--percentile"],
    );
    refuse(&["logs", "--overwrite"], 2, &["--output"]);
}

#[test]
fn help_has_worked_examples() {
    let output = run(&["aum", "--help"]);
    assert!(output.status.success());
    let help = text(&output.stdout);
    assert_eq!(help.matches("    analyzer aum ").count(), 2, "{help}");
    for flag in [
        "--percentile",
        "--epochs",
        "--threshold",
        "--bottom",
        "--output",
        "--format",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    for words in [&["aum", logs.folder(), "-q"][..], &["aum", "--help"]] {
        let mut child = command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(text(&output.stderr), "");
    }
}

// ---------------------------------------------------------------- check

/// Runs `analyzer check`, which must find something wrong; its standard output.
fn problems(logs: &Logs) -> String {
    let output = run(&["check", logs.folder()]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("wrong with the logs"), "{stderr}");
    text(&output.stdout)
}

#[test]
fn a_recorded_log_is_sound() {
    let logs = Logs::new();
    record(&logs.at(""), "pets", cats_and_dogs());
    let report = stdout_of(&["check", logs.folder()]);
    assert!(report.starts_with("Sound logs"), "{report}");
}

#[test]
fn everything_that_is_wrong_is_said_and_not_the_first_thing_only() {
    let logs = Logs::new();
    let pairs = [(1, [0.5_f32, 0.5]), (2, [f32::NAN, 0.5]), (5, [0.5, 0.5])];
    for (epoch, margins) in pairs {
        let path = logs.at(&format!("e{epoch}.parquet"));
        write_parquet(&path, minimal(epoch, &margins));
    }
    write_parquet(&logs.at("twice.parquet"), minimal(1, &[0.5]));
    let mut with_logits = minimal(3, &[1.0, 9.0]);
    let mut lists = ListBuilder::new(Float64Builder::new());
    for row in [[1.0, 0.0], [1.0, 0.0]] {
        lists.append_value(row.map(Some));
    }
    with_logits.push(("logits", Arc::new(lists.finish())));
    write_parquet(&logs.at("margins.parquet"), with_logits);
    fs::write(logs.at("empty.parquet"), "").unwrap();
    let report = problems(&logs);
    for part in [
        "row 0, column margin: is NaN",
        "sample 0 is recorded a second time in pass 1, epoch 1",
        "row 1 has margin 9, but its logits say 1",
        "is empty (0 bytes)",
        "2 epochs are missing, the first of them 2",
    ] {
        assert!(report.contains(part), "{part:?} is not in\n{report}");
    }
}

#[test]
fn a_changed_file_and_a_missing_one_are_found_by_their_record() {
    let logs = Logs::new();
    record(&logs.at(""), "pets", cats_and_dogs());
    let files = log_names(&logs);
    let (gone, changed) = (&files[0], &files[1]);
    fs::remove_file(logs.at(gone)).unwrap();
    let mut bytes = fs::read(logs.at(changed)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(logs.at(changed), bytes).unwrap();
    let report = problems(&logs);
    assert!(report.contains("its checksum is not the one"), "{report}");
    assert!(report.contains("but not there"), "{report}");
}

fn log_names(logs: &Logs) -> Vec<String> {
    let entries = fs::read_dir(logs.folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".parquet")).collect();
    names.sort();
    names
}

// ---------------------------------------------------------------- sql

#[test]
fn a_query_is_printed_for_each_engine() {
    let logs = Logs::new();
    write_parquet(&logs.at("a.parquet"), minimal(2, &[1.0, 2.0]));
    for (dialect, part) in [
        ("duckdb", "read_parquet(["),
        ("spark", "parquet.`"),
        ("polars", "pl.scan_parquet"),
    ] {
        let query = text(&run(&["sql", logs.folder(), "--dialect", dialect]).stdout);
        assert!(query.contains(part), "{query}");
        assert!(query.contains("/*.parquet"), "{query}");
    }
}

#[test]
fn files_with_other_columns_than_the_rest_make_no_query() {
    let logs = Logs::new();
    write_parquet(&logs.at("a.parquet"), minimal(1, &[1.0, 2.0]));
    let mut columns = minimal(2, &[1.0, 2.0]);
    columns.push(("pass", ints(&[2, 2])));
    write_parquet(&logs.at("b.parquet"), columns);
    let output = run(&["sql", logs.folder(), "--dialect", "duckdb"]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("b.parquet: has other columns than"),
        "{stderr}"
    );
}
