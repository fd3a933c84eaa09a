//! Bad input: the command line itself; its help, and closed pipes.

use std::process::Stdio;
use tests::program::text;

use crate::setup::{Logs, cats_and_dogs, command, record, refuse, run};

#[test]
fn a_percentile_out_of_range_is_a_usage_error() {
    for percentile in ["0", "-5", "100.5", "nan"] {
        let parts = [
            "--percentile",
            percentile,
            "above 0 and goes up to 100",
            "such as 99",
        ];
        refuse(&["logs", "--percentile", percentile], 2, &parts);
    }
    refuse(
        &["logs", "--percentile", "high"],
        2,
        &["--percentile", "high", "not a number"],
    );
}

#[test]
fn epochs_that_are_no_range_are_a_usage_error() {
    for (epochs, reason) in [
        ("5..2", "ends before it begins"),
        ("5", "A..B"),
        ("-1..2", "A..B"),
    ] {
        refuse(
            &["logs", "--epochs", epochs],
            2,
            &["--epochs", epochs, reason],
        );
    }
}

#[test]
fn other_usage_errors_are_one_line_too() {
    refuse(&[], 2, &["<LOGS>"]);
    refuse(
        &["logs", "-o", "aum.xlsx"],
        2,
        &["--output", "aum.xlsx", ".csv, .parquet or .json"],
    );
    refuse(
        &["logs", "--threshold", "inf"],
        2,
        &["--threshold", "inf", "not a finite number"],
    );
    refuse(
        &["logs", "--threshold", "1", "--percentile", "99"],
        2,
        &["cannot be used with"],
    );
    refuse(
        &["logs", "--format", "xml"],
        2,
        &["--format", "xml", "table, json"],
    );
    refuse(
        &["logs", "--percentil", "9"],
        2,
        &["--percentil", "--percentile"],
    );
    refuse(&["logs", "--overwrite"], 2, &["--output"]);
}

#[test]
fn help_has_worked_examples() {
    let output = run(&["aum", "--help"]);
    assert!(output.status.success());
    let help = text(&output.stdout);
    assert_eq!(help.matches("    analyzer aum ").count(), 2, "{help}");
    for flag in [
        "--percentile",
        "--epochs",
        "--threshold",
        "--bottom",
        "--output",
        "--format",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    for words in [&["aum", logs.folder(), "-q"][..], &["aum", "--help"]] {
        let mut child = command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(text(&output.stderr), "");
    }
}
