//! Flagging by the probability of being mislabeled, `--rule posterior`, in every command that flags.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::questions::samples::{folder, mixture, report, write};
use crate::setup::{assert_close, refusal, stdout_of};

/// Two passes in which half the percentile flags 50 samples and the probability all 100 mislabeled ones.
fn two_passes_of_a_mixture() -> (TempDir, String) {
    let (logs, word) = folder();
    for pass in [1, 2] {
        write(logs.path(), "pets", pass, &mixture(1.0));
    }
    (logs, word)
}

#[test]
fn the_rule_by_probability_flags_in_every_command_and_says_so() {
    let (logs, word) = two_passes_of_a_mixture();
    let rule = ["--rule", "posterior"];
    let summary = report(&["aum", &word, rule[0], rule[1]]);
    assert_eq!(summary["settings"]["rule"], "posterior");
    assert_eq!(summary["settings"]["percentile"], Value::Null);
    assert_eq!(summary["flagged"], 100);
    assert_close(&summary["evaluation"]["precision"], 1.0);
    assert_close(&summary["evaluation"]["recall"], 1.0);
    for command in ["aum", "evaluate", "confusions"] {
        let printed = stdout_of(&[command, &word, rule[0], rule[1]]);
        let line = printed.lines().find(|line| line.starts_with("  Rule "));
        let line = line.unwrap_or_else(|| panic!("{command}: {printed}"));
        assert!(line.contains("posterior: flagged from a probability of 0.5"));
    }
    let evaluated = report(&["evaluate", &word, rule[0], rule[1]]);
    assert_eq!(evaluated["settings"]["rule"], "posterior");
    let confused = report(&["confusions", &word, rule[0], rule[1]]);
    assert_eq!(confused["confusions"][0]["count"], 100);
    let page = logs.path().join("report.html");
    stdout_of(&[
        "report",
        &word,
        rule[0],
        rule[1],
        "-o",
        page.to_str().unwrap(),
    ]);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("posterior: flagged from") && page.contains("100 of 400 judged"));
}

#[test]
fn the_rule_by_probability_gives_the_same_from_a_table_of_aums() {
    let (logs, word) = two_passes_of_a_mixture();
    let tables = TempDir::new().unwrap();
    let (from_log, again) = (tables.path().join("a.csv"), tables.path().join("b.csv"));
    let [from_log, again] = [&from_log, &again].map(|path| path.to_str().unwrap());
    stdout_of(&["aum", &word, "--rule", "posterior", "-o", from_log]);
    stdout_of(&["aum", from_log, "--rule", "posterior", "-o", again]);
    let table = fs::read_to_string(from_log).unwrap();
    assert_eq!(table, fs::read_to_string(again).unwrap());
    assert_eq!(
        table.lines().filter(|line| line.ends_with(",true")).count(),
        100
    );
    // Without the AUMs of threshold samples there is nothing to compare with.
    let lines = table
        .lines()
        .map(|line| line.splitn(4, ',').take(3).collect::<Vec<_>>().join(","));
    let bare = tables.path().join("bare.csv");
    fs::write(&bare, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let bare = bare.to_str().unwrap();
    refusal(
        &["aum", bare, "--rule", "posterior"],
        1,
        &["bare.csv", "needs the column"],
    );
    drop(logs);
}

#[test]
fn a_percentile_or_a_threshold_beside_the_rule_by_probability_is_a_usage_error() {
    let (_logs, word) = folder();
    for command in ["aum", "evaluate", "confusions", "report", "compare"] {
        let both = [command, &word, "--rule", "posterior", "--percentile", "99"];
        refusal(
            &both,
            2,
            &[
                "--percentile",
                "--rule posterior",
                "leave one of the two out",
            ],
        );
    }
    let both = ["aum", &word, "--rule", "posterior", "--threshold", "0"];
    refusal(&both, 2, &["--rule", "--threshold"]);
}
