//! A sample several times in an epoch: refused, or read by the rule that is asked for.
//!
//! Rank 1 pads its batch with sample 0. In epoch 2 its margins are 4 (in the first file) and 2, in epoch 3
//! they are 1 and 3; sample 1 has 5 and 7, sample 2 has -1 and -3.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{FixedSizeListBuilder, Float32Builder};
use serde_json::Value;
use tests::parquet_file::write_parquet;
use tests::program::{said, text};

use crate::setup::{
    Logs, close, floats, ids, ints, refuse, replaced, report_table, run, stdout_of, without,
};

type Rows<'a> = &'a [(i32, i64, f32)];
const RANK_0: Rows<'static> = &[(2, 0, 4.0), (2, 1, 5.0), (3, 0, 1.0), (3, 1, 7.0)];
const RANK_1: Rows<'static> = &[(2, 2, -1.0), (2, 0, 2.0), (3, 2, -3.0), (3, 0, 3.0)];

fn columns(rows: Rows<'_>) -> Vec<(&'static str, ArrayRef)> {
    let of = |value: fn(&(i32, i64, f32)) -> i32| ints(&rows.iter().map(value).collect::<Vec<_>>());
    let samples: Vec<i64> = rows.iter().map(|row| row.1).collect();
    let margins: Vec<f32> = rows.iter().map(|row| row.2).collect();
    vec![
        ("epoch", of(|row| row.0)),
        ("sample_id", ids(&samples)),
        ("assigned_label", of(|_| 0)),
        ("rival_label", of(|row| 1 + i32::from(row.2 < 3.0))),
        ("margin", floats(&margins)),
    ]
}

/// Logits whose margins these are: the assigned logit, and 0 for the two others.
fn with_logits(rows: Rows<'_>) -> Vec<(&'static str, ArrayRef)> {
    let mut logits = FixedSizeListBuilder::new(Float32Builder::new(), 3);
    for (_, _, margin) in rows {
        logits.values().append_slice(&[*margin, 0.0, 0.0]);
        logits.append(true);
    }
    let columns = without(columns(rows), "margin");
    replaced(columns, "logits", Arc::new(logits.finish()))
}

fn padded(columns: fn(Rows<'_>) -> Vec<(&'static str, ArrayRef)>) -> Logs {
    let logs = Logs::new();
    write_parquet(&logs.at("rank0.parquet"), columns(RANK_0));
    write_parquet(&logs.at("rank1.parquet"), columns(RANK_1));
    logs
}

fn aums(logs: &Logs, words: &[&str]) -> Vec<Value> {
    let lowest = report_table(
        &[&["aum", logs.folder(), "--epochs", "2..3"], words].concat(),
        "lowest",
    );
    let mut samples = lowest.as_array().unwrap().clone();
    samples.sort_by_key(|sample| sample["sample_id"].as_i64());
    samples.iter().map(|sample| sample["aum"].clone()).collect()
}

#[test]
fn the_first_row_counts_or_the_mean_from_margins_as_from_logits() {
    for logs in [padded(columns), padded(with_logits)] {
        for (rule, of_sample_0) in [("first", 2.5), ("mean", 2.5)] {
            let found = aums(&logs, &["--repeats", rule]);
            assert_eq!(found, [of_sample_0, 6.0, -2.0], "{rule}");
        }
        // In epoch 2 alone: 4, or the mean of 4 and 2.
        for (rule, of_sample_0) in [("first", 4.0), ("mean", 3.0)] {
            let words = ["--repeats", rule, "--epochs", "2..2"];
            let table =
                stdout_of(&[&["aum", logs.folder(), "--format", "csv"], &words[..]].concat());
            let row = format!(",0,0,,1,{of_sample_0:.1},");
            assert!(table.contains(&row), "{rule}: {table}");
        }
    }
}

#[test]
fn a_sample_twice_in_one_file_and_in_an_epoch_in_two_files_is_one_sample() {
    let logs = Logs::new();
    write_parquet(
        &logs.at("a.parquet"),
        columns(&[(2, 0, 6.0), (2, 0, 1.0), (2, 1, 0.5)]),
    );
    write_parquet(&logs.at("b.parquet"), columns(&[(2, 0, 2.0), (2, 2, 0.5)]));
    for (rule, of_sample_0) in [("first", "6.0"), ("mean", "3.0")] {
        let words = ["aum", logs.folder(), "--format", "csv", "--repeats", rule];
        let table = stdout_of(&words);
        assert!(
            table.contains(&format!(",0,0,,1,{of_sample_0},")),
            "{rule}: {table}"
        );
    }
}

#[test]
fn scores_and_confusions_heed_the_rule_as_well() {
    let logs = padded(with_logits);
    // Logits (4, 0, 0) and (2, 0, 0), in the mean (3, 0, 0): the loss of x is ln(1 + 2 exp(-x)).
    let loss = |logit: f64| (1.0 + 2.0 * (-logit).exp()).ln();
    for (rule, expected) in [("first", loss(4.0)), ("mean", loss(3.0))] {
        let words = [
            "scores",
            logs.folder(),
            "--epochs",
            "2..2",
            "--repeats",
            rule,
        ];
        let table = logs.word("scores.csv");
        let output = run(&[&words[..], &["-o", &table, "--overwrite", "-q"]].concat());
        said(&output);
        let csv = std::fs::read_to_string(&table).unwrap();
        let column = csv
            .lines()
            .next()
            .unwrap()
            .split(',')
            .position(|name| name == "mean_loss");
        let row = csv.lines().find(|line| line.starts_with(",0,")).unwrap();
        let found: f64 = row
            .split(',')
            .nth(column.unwrap())
            .unwrap()
            .parse()
            .unwrap();
        assert!(
            close(&found.into(), expected),
            "{rule}: {found} instead of {expected}"
        );
    }
    for rule in ["first", "mean"] {
        let words = [
            "confusions",
            logs.folder(),
            "--threshold",
            "3.5",
            "--epochs",
            "2..3",
        ];
        let found = report_table(&[&words[..], &["--repeats", rule]].concat(), "confusions");
        let flagged = found.as_array().unwrap().iter();
        let flagged: i64 = flagged.map(|group| group["count"].as_i64().unwrap()).sum();
        assert_eq!(flagged, 2, "{found}");
    }
}

#[test]
fn a_repeated_sample_is_refused_with_the_ways_out() {
    let logs = padded(columns);
    let line = format!(
        "{}: sample 0 is recorded a second time in pass 1, epoch 2",
        logs.word("rank1.parquet")
    );
    refuse(&[logs.folder()], 1, &[&line, "--repeats first or mean"]);
    let printed = stdout_of(&["aum", logs.folder(), "--repeats", "mean"]);
    let line =
        "Repeated    2 rows of samples that their epoch has already: the mean of each counts";
    assert!(printed.contains(line), "{printed}");
}

#[test]
fn an_aum_table_has_no_rows_that_could_repeat() {
    let logs = padded(columns);
    let table = logs.word("aum.csv");
    stdout_of(&["aum", logs.folder(), "--repeats", "mean", "-o", &table]);
    refuse(
        &[&table, "--repeats", "mean"],
        1,
        &["is an AUM table", "--repeats changes nothing"],
    );
}

#[test]
fn check_counts_the_rows_that_repeat_a_sample() {
    let logs = padded(with_logits);
    let output = run(&["check", logs.folder()]);
    assert_eq!(output.status.code(), Some(1));
    let found = text(&output.stdout);
    for part in [
        "sample 0 is recorded a second time in pass 1, epoch 2",
        "(2 such rows in this pass)",
        "--repeats first or mean",
    ] {
        assert!(found.contains(part), "{part:?} is not in\n{found}");
    }
    let found = run(&["check", logs.folder(), "--repeats", "first"]);
    assert!(text(&found.stdout).contains("Rows that repeat a sample       2"));
}
