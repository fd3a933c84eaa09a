//! `compare`: rankings and flags of two runs, and what cannot be compared.

use serde_json::Value;

use crate::questions::samples::{Sample, folder, report, sample, threshold_sample, write};
use crate::setup::{assert_close, refusal};

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
    let report = report(&["compare", &word]);
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
    refusal(
        &["compare", &word, "-q"],
        1,
        &["nothing to compare", "several runs"],
    );
}
