//! Who may depend on whom: recorder → logformat ← analyzer, and the experiments on both. Build times and clarity
//! hang on it: the recorder never sees Polars, the analyzer never candle, and the log format neither of them.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use tests::cargo_tree::cargo_tree;

fn assert_free_of(package: &str, unwanted: &[&str]) {
    let dependencies = cargo_tree(&["--package", package], "normal,build", "{lib}");
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
    assert_free_of(
        "recorder",
        &["analyzer", "experiments", "polars", "polars_core"],
    );
}

#[test]
fn the_analyzer_is_free_of_the_recorder_and_of_candle() {
    assert_free_of(
        "analyzer",
        &["recorder", "experiments", "candle_core", "candle_nn"],
    );
}

#[test]
fn the_python_package_is_free_of_the_recorder_and_of_candle() {
    assert_free_of("aum-toolkit", &["recorder", "candle_core", "candle_nn"]);
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

/// Otherwise a newcomer's two commands build half of the crates twice; the list that keeps it so is
/// in `program/Cargo.toml`.
#[test]
fn each_program_is_built_with_the_features_of_the_whole_workspace() {
    // What the programs are linked from, and that with what only the building needs: a crate can be
    // there for both, with other features.
    for (of_one, of_all) in [
        ("normal,no-proc-macro", "normal,dev,no-proc-macro"),
        ("normal,build", "all"),
    ] {
        let whole = cargo_tree(&["--workspace"], of_all, "{p} {f}");
        for program in ["recorder", "analyzer", "experiments"] {
            let alone = cargo_tree(&["--package", program], of_one, "{p} {f}");
            let other: Vec<&String> = alone.difference(&whole).collect();
            assert!(other.is_empty(), "{program} alone is built with {other:#?}");
        }
    }
}
