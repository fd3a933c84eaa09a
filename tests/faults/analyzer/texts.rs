//! Names and ids from a log are shown and written, and never obeyed: by a spreadsheet, a terminal, or a
//! layout that takes longer the longer they are.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

use crate::forged_log::write;
use crate::{analyzer, program};

/// Four epochs of one run of this name, with these samples; the last half are threshold samples.
fn log(folder: &Path, run: &str, ids: &[&str]) {
    let rows = ids.len();
    let all = rows * 4;
    let epochs = (0..all).map(|row| (row / rows) as i32 + 1);
    let is_threshold = |row: usize| row % rows >= rows / 2;
    let label = |row: usize| {
        if is_threshold(row) {
            2
        } else {
            (row % 2) as i32
        }
    };
    let ids = (0..all).map(|row| Some(ids[row % rows]));
    let columns: [(&str, ArrayRef); 7] = [
        ("run", Arc::new(StringArray::from(vec![run; all]))),
        ("epoch", Arc::new(Int32Array::from_iter_values(epochs))),
        ("sample_id", Arc::new(StringArray::from_iter(ids))),
        (
            "assigned_label",
            Arc::new(Int32Array::from_iter_values((0..all).map(label))),
        ),
        (
            "given_label",
            Arc::new(Int32Array::from_iter_values(
                (0..all).map(|row| (row % 2) as i32),
            )),
        ),
        (
            "is_threshold_sample",
            Arc::new(BooleanArray::from_iter(
                (0..all).map(|row| Some(is_threshold(row))),
            )),
        ),
        (
            "margin",
            Arc::new(Float32Array::from_iter_values(
                (0..all).map(|row| (row as f32).sin()),
            )),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    write(folder, &bytes);
}

fn said(folder: &Path, words: &[&str]) -> String {
    let output = analyzer(folder, words);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout).unwrap() + &stderr
}

#[test]
fn a_spreadsheet_runs_no_cell_of_a_csv_file_and_the_ids_are_read_back() {
    let folder = TempDir::new().unwrap();
    let ids = [
        "=1+1",
        "@SUM(A1)",
        "-x",
        "+cmd|' /C calc'!A0",
        "'=x",
        "-7",
        "cat",
        "\t=2",
    ];
    log(folder.path(), "=cmd", &ids);
    said(folder.path(), &["aum", "log.parquet", "-o", "a.csv"]);
    let table = fs::read_to_string(folder.path().join("a.csv")).unwrap();
    for line in table.lines().skip(1) {
        for cell in line.split(',') {
            let cell = cell.trim_matches('"');
            let is_formula = cell.starts_with(['=', '+', '-', '@', '\t']);
            assert!(
                !is_formula || cell.parse::<f64>().is_ok(),
                "{cell:?} in {line}"
            );
        }
    }
    // By way of the file, and straight from the log: the same ids.
    let ids_of = |words: &[&str]| {
        said(
            folder.path(),
            &[words, &["-o", "ids.json", "--overwrite"]].concat(),
        );
        let table = fs::read_to_string(folder.path().join("ids.json")).unwrap();
        let rows = table.lines().filter_map(|line| {
            let (_, rest) = line.split_once("\"sample_id\":")?;
            Some(rest.split_once(',')?.0.to_owned())
        });
        rows.collect::<std::collections::BTreeSet<String>>()
    };
    let expected = ids_of(&["aum", "log.parquet"]);
    assert_eq!(expected.len(), ids.len());
    assert_eq!(ids_of(&["aum", "a.csv"]), expected);
}

#[test]
fn marks_that_turn_text_around_reach_no_terminal() {
    let folder = TempDir::new().unwrap();
    log(
        folder.path(),
        "dog\u{202e}tac",
        &["a\u{2066}", "b\u{1b}[31m", "c", "d"],
    );
    for words in [
        &["aum", "log.parquet"][..],
        &["check", "log.parquet"],
        &["thresholds", "log.parquet"],
        &["scores", "log.parquet"],
    ] {
        let output = analyzer(folder.path(), words);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        let obeyed = |c: char| c != '\n' && c.is_control() || "\u{202e}\u{2066}".contains(c);
        assert!(!said.contains(obeyed), "{words:?}: {said:?}");
    }
    let missing = analyzer(folder.path(), &["aum", "no\u{202e}where.parquet"]);
    program::refused(&missing, &["no\\u{202e}where.parquet"]);
}

/// CSV and JSON are what other programs read, and a terminal gets them without what it would obey; by `script`, where it
/// is there.
#[test]
fn tables_for_programs_are_shown_to_a_terminal_without_its_codes() {
    if std::process::Command::new("script")
        .arg("--version")
        .output()
        .is_err()
    {
        return;
    }
    let folder = TempDir::new().unwrap();
    log(
        folder.path(),
        "dog\u{202e}tac",
        &["a\u{2066}", "b\u{1b}[31m", "c", "d"],
    );
    for format in ["csv", "json"] {
        let words = ["aum", "log.parquet", "-q", "--format", format];
        let piped = analyzer(folder.path(), &words).stdout;
        let piped = String::from_utf8(piped).unwrap();
        assert!(
            piped.contains('\u{202e}') && piped.contains('\u{2066}'),
            "{piped}"
        );
        let typed = format!("{} {}", env!("CARGO_BIN_EXE_analyzer"), words.join(" "));
        let shown = std::process::Command::new("script")
            .args(["-qec", &typed, "/dev/null"])
            .current_dir(folder.path())
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let shown = String::from_utf8(shown.stdout).unwrap();
        assert!(shown.contains("dog\\u{202e}tac"), "{shown:?}");
        let obeyed =
            |c: char| !"\r\n".contains(c) && c.is_control() || "\u{202e}\u{2066}".contains(c);
        assert!(!shown.contains(obeyed), "{shown:?}");
    }
}

#[test]
fn a_report_takes_no_longer_for_a_name_of_8000_letters() {
    let folder = TempDir::new().unwrap();
    log(folder.path(), &"x".repeat(8000), &["a", "b", "c", "d"]);
    let program = env!("CARGO_BIN_EXE_analyzer");
    let mut command = program::limited(program, folder.path(), 8, 4);
    let output = command
        .args(["report", "log.parquet", "-o", "r.html"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}
