//! Running the program, and the logs with hand-made numbers that the tests run it on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, Int32Array, Int64Array};
use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleEntry,
    SampleRow,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::parquet_file::write_parquet;
use tests::program::{refused, said};

// ---------------------------------------------------------------- running the program

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyzer"));
    command.args(args);
    command
}

pub(crate) fn run(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// What a successful run prints; nothing may be on stderr.
pub(crate) fn stdout_of(args: &[&str]) -> String {
    let (stdout, stderr) = said(&run(&[args, &["-q"]].concat()));
    assert_eq!(stderr, "");
    stdout
}

pub(crate) fn json_of(args: &[&str]) -> Value {
    serde_json::from_str(&stdout_of(&[args, &["--format", "json"]].concat())).unwrap()
}

/// Runs `analyzer aum`, which must refuse with `status` and one line that has all `parts`.
pub(crate) fn refuse(args: &[&str], status: i32, parts: &[&str]) {
    refusal(&[&["aum"], args].concat(), status, parts);
}

/// Likewise, for any command.
pub(crate) fn refusal(words: &[&str], status: i32, parts: &[&str]) {
    refused("analyzer", &run(words), status, parts);
}

/// What `analyzer`, or one of its commands, says of itself, in lines that are not broken.
pub(crate) fn help(words: &[&str]) -> String {
    let words = [words, &["--help"]].concat();
    let output = command(&words).env("COLUMNS", "1000").output().unwrap();
    said(&output).0
}

/// The names of all commands.
pub(crate) fn command_names() -> BTreeSet<String> {
    let help = help(&[]);
    let commands = help.split("Commands:").nth(1).unwrap();
    let commands = commands
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with("  "));
    let names = commands.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|&name| name != "help")
        .map(str::to_owned)
        .collect()
}

pub(crate) fn assert_close(value: &Value, expected: f64) {
    assert!(close(value, expected), "{value} instead of {expected}");
}

pub(crate) fn close(value: &Value, expected: f64) -> bool {
    value
        .as_f64()
        .is_some_and(|value| (value - expected).abs() < 1e-5)
}

// ---------------------------------------------------------------- making logs

pub(crate) struct Logs(pub(crate) TempDir);

impl Logs {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn word(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn folder(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}

pub(crate) fn ints(values: &[i32]) -> ArrayRef {
    Arc::new(Int32Array::from(values.to_vec()))
}

pub(crate) fn ids(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

pub(crate) fn floats(values: &[f32]) -> ArrayRef {
    Arc::new(Float32Array::from(values.to_vec()))
}

/// The least that is a log: sample 0 and up with label 0, one epoch.
pub(crate) fn minimal(epoch: i32, margins: &[f32]) -> Vec<(&'static str, ArrayRef)> {
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
pub(crate) fn minimal_epochs(logs: &Logs, epochs: &[&[f32]]) -> Vec<String> {
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
pub(crate) struct Row {
    pub(crate) pass: i32,
    pub(crate) epoch: i32,
    pub(crate) sample: i64,
    pub(crate) is_threshold_sample: bool,
    pub(crate) margin: f32,
}

pub(crate) const TRUE_LABELS: [Option<u32>; 4] = [Some(0), Some(1), Some(0), None];
pub(crate) const THRESHOLD_SAMPLES: [i64; 2] = [3, 2];
/// Pass, epoch, sample. Epoch 1 would turn everything round.
///
/// AUMs over epochs 2 and 3: pass 1: 3, -2.5, 1.5, -0.5 (its threshold sample, so its threshold);
/// pass 2: 1.5, -1.5, -0.5 (threshold), 3. Combined: 2.25, -2, 1.5, 3; sample 1 is flagged.
pub(crate) const MARGINS: [[[f32; 4]; 3]; 2] = [
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

pub(crate) fn hand_made_rows() -> Vec<Row> {
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
pub(crate) fn record(folder: &Path, run: &str, description: RunDescription) {
    record_with_table(folder, run, description, None);
}

/// The same, with a sample table beside it where there is one.
pub(crate) fn record_with_table(
    folder: &Path,
    run: &str,
    description: RunDescription,
    table: Option<Vec<SampleEntry>>,
) {
    let mut log = RunWriter::create(
        folder,
        run,
        description,
        LogitsColumn::Float32,
        ExistingRun::Refuse,
    )
    .unwrap();
    if let Some(table) = table {
        log.write_sample_table([table]).unwrap();
    }
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

pub(crate) fn cats_and_dogs() -> RunDescription {
    RunDescription {
        class_names: vec!["cat".to_owned(), "dog".to_owned()],
        configuration: json!({"seed": 0}),
    }
}

/// The columns of some rows, with every column that a log can have but logits.
pub(crate) fn columns(rows: &[Row]) -> Vec<(&'static str, ArrayRef)> {
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

pub(crate) fn replaced<'a>(
    columns: Vec<(&'a str, ArrayRef)>,
    name: &'a str,
    array: ArrayRef,
) -> Vec<(&'a str, ArrayRef)> {
    let mut columns = without(columns, name);
    columns.push((name, array));
    columns
}

pub(crate) fn without<'a>(
    columns: Vec<(&'a str, ArrayRef)>,
    name: &str,
) -> Vec<(&'a str, ArrayRef)> {
    let keep = |(other, _): &(&str, ArrayRef)| *other != name;
    columns.into_iter().filter(keep).collect()
}

/// One pass; 100 threshold samples with the AUMs 1 to 100; six ordinary ones, of which those with
/// 98.5, 99, -3 and 150 are mislabeled.
pub(crate) fn a_hundred_threshold_samples(logs: &Logs) {
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
    for (epoch, shift) in [(1, 9.0), (2, -0.25), (3, 0.25)] {
        let margins: Vec<f32> = aums.iter().map(|aum| aum + shift).collect();
        let mut columns = minimal(epoch, &margins);
        columns = replaced(columns, "assigned_label", ints(&assigned));
        columns.push(("true_label", ints(&truth)));
        let marks = BooleanArray::from(is_threshold_sample.clone());
        columns.push(("is_threshold_sample", Arc::new(marks)));
        write_parquet(&logs.at(&format!("e{epoch}.parquet")), columns);
    }
}

/// The table of this name in the report of the only run.
pub(crate) fn report_table(words: &[&str], table: &str) -> Value {
    let reports = json_of(words);
    assert!(reports[0][table].is_array(), "{reports}");
    reports[0][table].clone()
}
