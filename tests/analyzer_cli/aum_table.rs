//! The table that `aum -o` writes, and where it does not.

use std::fs::{self, File};

use polars::prelude::{AnyValue, ParquetReader, SerReader};
use serde_json::{Value, json};
use tests::program::text;

use crate::setup::{Logs, cats_and_dogs, record, refuse, run, stdout_of};

/// sample_id, given, true, judged, aum, aum_p1, aum_p2, threshold samples, thresholds, flagged: in
/// the order of the AUMs.
fn expected_table() -> Value {
    let row = |sample, truth: Option<u32>, judged, aums: [f64; 3], marks: [bool; 2], flagged| {
        json!({
            "run": "pets", "sample_id": sample, "given_label": 0, "true_label": truth,
            "judged_passes": judged, "aum": aums[0], "aum_p1": aums[1], "aum_p2": aums[2],
            "threshold_sample_p1": marks[0], "threshold_sample_p2": marks[1],
            "threshold_p1": -0.5, "threshold_p2": -0.5, "flagged": flagged, "given_class": "cat",
            "true_class": truth.map(|class| ["cat", "dog"][class as usize]),
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
    refuse(
        &words,
        1,
        &[&log, "is one of the files that are read", "another file"],
    );
    assert_eq!(fs::read(&log).unwrap(), before);
    let nowhere = logs.word("no/where/aum.csv");
    refuse(
        &[logs.folder(), "-o", &nowhere],
        1,
        &[&nowhere, "no folder", "make it first"],
    );
}
