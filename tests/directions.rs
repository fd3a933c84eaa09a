//! Who may depend on whom: recorder → logformat ← analyzer, and the experiments on both. Build times and clarity
//! hang on it: the recorder never sees Polars, the analyzer never candle, and the log format neither of them. And
//! what may come from outside: from crates.io alone, under licences that ask for no more than to be named.
//! `deny.toml` says the same to `cargo deny`, which looks for known faults as well, by hand (tests/README.md).
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

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

/// What a licence may be that is asked for nothing but a notice; `deny.toml` has the same.
const LICENCES: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether one of the alternatives of an SPDX expression asks for nothing else.
fn is_permissive(expression: &str) -> bool {
    // "(MIT OR Apache-2.0) AND Unicode-3.0": each part, and of each part one.
    let parts = expression.split(" AND ");
    parts.into_iter().all(|part| {
        let part = part.trim_matches(['(', ')']);
        let part = part.replace(" / ", " OR ").replace('/', " OR ");
        part.split(" OR ").any(|name| LICENCES.contains(&name))
    })
}

fn assert_permissive(words: &[&str]) {
    let licences = cargo_tree(words, "normal,build", "{l}");
    assert!(licences.contains("MIT"), "{licences:?}");
    // Between the trees of two packages there is an empty line.
    let others = licences.iter().filter(|licence| !licence.is_empty());
    let others: Vec<&String> = others.filter(|licence| !is_permissive(licence)).collect();
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn every_crate_may_be_used_with_a_notice_alone() {
    assert_permissive(&["--workspace"]);
    assert!(!is_permissive("GPL-3.0") && !is_permissive("MIT AND GPL-3.0"));
}

#[test]
#[ignore = "needs the crates of all targets; `cargo fetch` first, as .ci/run does"]
fn so_may_those_of_other_targets_and_of_every_feature() {
    assert_permissive(&["--workspace", "--all-features", "--target", "all"]);
}

#[test]
fn every_crate_comes_from_crates_io_and_none_is_banned() {
    let lock = include_str!("../Cargo.lock");
    let sources = lock.lines().filter(|line| line.starts_with("source"));
    let sources: BTreeSet<&str> = sources.collect();
    let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    assert_eq!(sources, BTreeSet::from([registry]));
    // Another way to encrypt, by a C toolchain's OpenSSL, and one that wrote wherever a hub's answer led.
    for banned in ["openssl-sys", "native-tls", "hf-hub"] {
        let named = format!("name = \"{banned}\"");
        assert!(!lock.lines().any(|line| line == named), "{banned}");
    }
}

/// Its `unsafe_code = "deny"` has each module with unsafe code say so, and why.
#[test]
fn every_package_is_under_the_lints_of_the_workspace() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let workspace = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let members = workspace
        .lines()
        .find_map(|line| line.strip_prefix("members = ["));
    let members = members.unwrap().trim_end_matches(']');
    for member in members.split(", ").map(|name| name.trim_matches('"')) {
        let package = fs::read_to_string(folder.join(member).join("Cargo.toml")).unwrap();
        assert!(package.contains("[lints]\nworkspace = true"), "{member}");
        for (crates, may) in [
            ("polars", &["analyzer", "python"][..]),
            ("candle", &["recorder"]),
        ] {
            let names_it = package.lines().any(|line| line.starts_with(crates));
            assert!(!names_it || may.contains(&member), "{member}: {crates}");
        }
    }
    assert!(workspace.contains("unsafe_code = \"deny\""));
}
