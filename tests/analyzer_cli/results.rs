//! What `aum` and `thresholds` say of logs whose answers can be worked out by hand.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder};
use logformat::RunDescription;
use serde_json::{Value, json};
use tests::parquet_file::write_parquet;
use tests::program::text;

use crate::setup::{
    Logs, a_hundred_threshold_samples, cats_and_dogs, close, columns, hand_made_rows, json_of,
    minimal, minimal_epochs, record, refuse, report_table, run, stdout_of, without,
};

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
  Differing   1       verdicts under the protocol paper: 0 more and 1 fewer would be flagged

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
    let asked = stderr.matches("did you mean 99?").count();
    assert_eq!(asked, 1, "{stderr}");
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
        printed.contains(
            "record with threshold samples, or give an AUM as the threshold (--threshold VALUE)"
        ),
        "{printed}"
    );
    let summary = &json_of(&["aum", logs.folder(), "--threshold", "0"])[0];
    assert_eq!(summary["flagged"], 1);
    assert_eq!(summary["settings"]["given_threshold"], 0.0);
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
