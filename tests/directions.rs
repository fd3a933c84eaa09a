//! Who may depend on whom: recorder → logformat ← analyzer. Build times and clarity hang on it: the
//! recorder never sees Polars, the analyzer never candle, and the log format neither of them.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeSet;
use std::process::Command;

/// Every package that `package` is built from.
fn dependencies(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--package", package])
        .args([
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{lib}",
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names = listed.lines().map(|line| line.trim().to_owned());
    names.collect()
}

fn assert_free_of(package: &str, unwanted: &[&str]) {
    let dependencies = dependencies(package);
    assert!(
        dependencies.contains("parquet"),
        "{package} reads or writes logs"
    );
    for unwanted in unwanted {
        assert!(
            !dependencies.contains(*unwanted),
            "{package} depends on {unwanted}"
        );
    }
}

#[test]
fn the_recorder_is_free_of_the_analyzer_and_of_polars() {
    assert_free_of("recorder", &["analyzer", "polars", "polars_core"]);
}

#[test]
fn the_analyzer_is_free_of_the_recorder_and_of_candle() {
    assert_free_of("analyzer", &["recorder", "candle_core", "candle_nn"]);
}

#[test]
fn the_log_format_is_free_of_all_of_them_and_of_the_command_line() {
    let unwanted = [
        "recorder",
        "analyzer",
        "candle_core",
        "polars",
        "clap",
        "anyhow",
    ];
    assert_free_of("logformat", &unwanted);
}
