//! `confusions`: which class the network prefers to the given one, and the suggestions that follow.

use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, Int32Array};
use serde_json::json;
use tempfile::TempDir;
use tests::parquet_file::write_parquet;

use crate::questions::samples::{confused, folder, report, write};
use crate::setup::{assert_close, refusal, stdout_of};

#[test]
fn confusions_are_counted_by_class_and_preferred_class() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &confused());
    let report = report(&["confusions", &word]);
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
    assert_eq!(right(1), (1.into(), json!([0])));
    assert_eq!(right(2), (0.into(), json!([1])));
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
    refusal(
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
        refusal(args, 2, &["both.csv", "--suggest", "-o", "another name"]);
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
    refusal(&["confusions", &word, "-q"], 1, &parts);
}
