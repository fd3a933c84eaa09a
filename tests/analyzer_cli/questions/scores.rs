//! `scores`: the other scores beside the AUM, from logits and without, and windows with no epoch.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::{ArrayRef, Int32Array};
use serde_json::Value;
use tests::parquet_file::write_parquet;

use crate::questions::samples::{confused, folder, report, write};
use crate::setup::{refusal, stdout_of};

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
    let table = stdout_of(&["scores", &word, "--format", "csv", "--epochs", "2..3"]);
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
    let report = report(&["scores", &word]);
    assert_eq!(report["scores"][0]["auroc"], 1.0);
}

#[test]
fn without_logits_the_scores_of_margins_remain_and_the_others_say_why() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &confused());
    let report = report(&["scores", &word]);
    let scores = report["scores"].as_array().unwrap();
    let names: Vec<&Value> = scores.iter().map(|row| &row["score"]).collect();
    assert_eq!(
        names,
        ["AUM", "Last margin", "Correctness", "Forgetting events"]
    );
    let printed = stdout_of(&["scores", &word]);
    assert!(printed.contains("need logits"), "{printed}");
}

#[test]
fn a_window_without_an_epoch_is_refused_by_each_question() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &confused());
    for command in ["estimate", "confusions", "scores", "compare"] {
        refusal(&[command, &word, "--epochs", "7..9"], 1, &["7", "9", "1"]);
    }
}
