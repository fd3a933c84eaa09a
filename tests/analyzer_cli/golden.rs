//! What each command prints for one made-up log, word for word, as the files in `tests/golden` have it.
//!
//! Where a change of the text is meant, `REWRITE_GOLDEN=1 cargo test --release -p analyzer --test
//! analyzer_cli golden` writes the files anew; look at `git diff` before committing them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tests::program::text;

use crate::setup::{command, command_names};
use crate::synthetic::Synthetic;

/// The file, and the command; `logs` has the runs a and b, `one` the run a alone, `aum.csv` its AUMs.
const GOLDEN: [(&str, &str); 26] = [
    ("aum", "aum one --bottom 5"),
    (
        "aum-per-class",
        "aum one --bottom 0 --per-class --percentile 80",
    ),
    ("aum-json", "aum one --bottom 2 --format json"),
    ("aum-csv", "aum one --format csv"),
    ("aum-posterior", "aum one --bottom 2 --rule posterior"),
    ("aum-runs", "aum logs --bottom 2"),
    ("aum-table", "aum aum.csv --bottom 2"),
    ("check", "check logs"),
    ("check-json", "check logs --format json"),
    ("compare-runs", "compare logs --disagreements 3"),
    ("compare-passes", "compare one --by pass --disagreements 3"),
    (
        "compare-json",
        "compare logs --disagreements 1 --format json",
    ),
    ("confusions", "confusions one --percentile 80"),
    (
        "confusions-json",
        "confusions one --examples 2 --format json",
    ),
    ("estimate", "estimate one --percentile 80 --percentile 90"),
    ("evaluate", "evaluate one --at 5,20"),
    ("evaluate-scores", "evaluate one --at 5 --scores"),
    ("evaluate-json", "evaluate one --at 5 --format json"),
    (
        "evaluate-true-labels",
        "evaluate one --at 5 --true-labels experts.csv",
    ),
    ("runs", "runs logs"),
    ("scores", "scores one"),
    ("sql-duckdb", "sql one --dialect duckdb"),
    ("sql-polars", "sql one --dialect polars"),
    ("sql-spark", "sql one --dialect spark"),
    ("thresholds", "thresholds one"),
    (
        "thresholds-json",
        "thresholds one --percentiles 90,99 --format json",
    ),
];

/// What they write are files, which `export`, `import`, `plots.rs` and `exit_status.rs` look at.
const WITHOUT_TEXT: [&str; 6] = ["completions", "export", "import", "man", "plot", "report"];

fn golden_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden")
}

fn inputs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (logs, run, seed) in [("one", "a", 0), ("logs", "a", 0), ("logs", "b", 1)] {
        let samples = 120;
        Synthetic { run, samples, seed }.record(&folder.path().join(logs));
    }
    printed(folder.path(), "aum one -o aum.csv");
    let experts = "sample_id,true_label\n3,cat\n13,bird\n23,bird\n33,cat\n34,bird\n35,\n500,dog\n";
    fs::write(folder.path().join("experts.csv"), experts).unwrap();
    folder
}

/// What a command prints in `folder`, where it must succeed.
fn printed(folder: &Path, words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    let output = command(&words)
        .arg("-q")
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn every_command_prints_what_the_golden_file_has() {
    let folder = inputs();
    let rewrites = std::env::var_os("REWRITE_GOLDEN").is_some();
    let mut differences = String::new();
    for (name, words) in GOLDEN {
        // `sql` has no -q: it prints a query and nothing else.
        let output = if words.starts_with("sql ") {
            let words: Vec<&str> = words.split(' ').collect();
            let output = command(&words).current_dir(folder.path()).output().unwrap();
            text(&output.stdout)
        } else {
            printed(folder.path(), words)
        };
        let found = format!("$ analyzer {words}\n{output}");
        let path = golden_folder().join(format!("{name}.txt"));
        if rewrites {
            fs::write(path, found).unwrap();
            continue;
        }
        let expected = fs::read_to_string(path).unwrap_or_default();
        if expected != found {
            differences += &format!(
                "\ntests/golden/{name}.txt\n{}",
                difference(&expected, &found)
            );
        }
    }
    assert!(
        differences.is_empty(),
        "\n- is in the golden file, + is printed now; where that is meant, set REWRITE_GOLDEN=1\n{differences}"
    );
    // In the same test, since this one may be writing them.
    let files = fs::read_dir(golden_folder()).unwrap();
    let files: BTreeSet<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let named = GOLDEN.map(|(name, _)| format!("{name}.txt"));
    assert_eq!(files, named.into_iter().collect());
}

#[test]
fn every_command_has_a_golden_file() {
    let covered = GOLDEN.map(|(_, words)| words.split(' ').next().unwrap());
    let covered = covered.into_iter().chain(WITHOUT_TEXT).map(str::to_owned);
    assert_eq!(command_names(), covered.collect());
}

/// The lines that differ, each with its number; what both texts have is left out.
fn difference(expected: &str, found: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    // How many lines the rests from here on have in common, in this order.
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = String::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            lines += &format!("{:>4} - {}\n", i + 1, old[i]);
            i += 1;
        } else {
            lines += &format!("{:>4} + {}\n", j + 1, new[j]);
            j += 1;
        }
    }
    lines
}

#[test]
fn a_difference_shows_the_lines_that_differ_and_no_others() {
    let shown = difference("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n");
    assert_eq!(shown, "   2 - b\n   2 + B\n   5 + e\n");
    assert_eq!(difference("a\n", "a\n"), "");
}
