//! What `evaluate` measures, of the AUM and of the scores of others.

use std::fs;

use serde_json::{Value, json};
use tests::parquet_file::write_parquet;

use crate::setup::{
    Logs, a_hundred_threshold_samples, cats_and_dogs, close, columns, hand_made_rows, json_of,
    record, refusal, report_table, stdout_of,
};

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

/// The scores by their names, and the notes of the report.
fn scores(words: &[&str]) -> (Vec<String>, Value, String) {
    let report = json_of(&[&["evaluate", "--scores"], words].concat())[0].take();
    let rows = report["scores"].as_array().unwrap();
    let names = rows
        .iter()
        .map(|row| row["score"].as_str().unwrap().to_owned());
    (
        names.collect(),
        report["scores"].clone(),
        report["notes"].to_string(),
    )
}

#[test]
fn the_scores_of_others_are_measured_on_the_same_samples_as_by_hand() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let (names, rows, notes) = scores(&[logs.folder()]);
    let expected = [
        "aum",
        "last_margin",
        "correctness",
        "forgetting_events",
        "confidence",
        "variability",
        "el2n",
        "mean_loss",
    ];
    assert_eq!(names, expected);
    assert!(!notes.contains("logits"), "{notes}");
    // Of samples 0 to 2, 1 alone is mislabeled, and never right. Its probability (logits: the margin and
    // two zeros) is 0.024 and 0.063 in pass 1, 0.155 and 0.063 in pass 2; that of sample 2, in pass 1 alone,
    // 0.576 and 0.787; that of sample 0 0.787 and 0.965, and 0.576 and 0.787. So it has the lowest
    // deviation too: 0.033 beside 0.106 and 0.097.
    for row in rows.as_array().unwrap() {
        for name in ["auroc", "average_precision", "precision_at_mislabeled"] {
            assert!(close(&row[name], 1.0), "{row}");
        }
        assert_eq!(row["precision_high"], 1.0);
        assert!(row["precision_low"].as_f64().unwrap() < 0.5);
    }
    let csv = stdout_of(&[
        "evaluate",
        logs.folder(),
        "--scores",
        "--table",
        "scores",
        "--format",
        "csv",
    ]);
    assert_eq!(csv.lines().count(), 9);
    assert!(csv.starts_with("run,score,title,auroc,auroc_low,"), "{csv}");
    assert!(!stdout_of(&["evaluate", logs.folder()]).contains("EL2N"));
}

#[test]
fn scores_that_the_input_cannot_give_are_named() {
    let logs = Logs::new();
    fs::create_dir(logs.at("logs")).unwrap();
    write_parquet(&logs.at("logs/a.parquet"), columns(&hand_made_rows()));
    let (names, _, notes) = scores(&[&logs.word("logs")]);
    let expected = ["aum", "last_margin", "correctness", "forgetting_events"];
    assert_eq!(names, expected);
    let said = "confidence, variability, EL2N and mean loss need logits";
    assert!(notes.contains(said), "{notes}");

    let table = logs.word("aum.csv");
    stdout_of(&["aum", &logs.word("logs"), "-o", &table]);
    let (names, rows, notes) = scores(&[&table]);
    assert_eq!(names, ["aum"]);
    assert!(close(&rows[0]["auroc"], 1.0));
    assert!(notes.contains("an AUM table has the AUM alone"), "{notes}");
}

#[test]
fn scores_need_the_margins_and_their_table_needs_them() {
    refusal(
        &["evaluate", "logs", "--scores", "--low-memory"],
        2,
        &["--low-memory"],
    );
    refusal(&["evaluate", "logs", "--table", "scores"], 2, &["--scores"]);
}
