//! One exit status for one fault, in whichever command.

use std::fs;

use tests::faults::assert_statuses;
use tests::program::{refused, said, text};

use crate::setup::{Logs, cats_and_dogs, command, record};

/// The fault, and a command that has it; `logs` has the hand-made log of `pets`.
const FAULTS: [(&str, &str); 43] = [
    ("no command", ""),
    ("an option that is not known", "aum logs --percentil 99"),
    ("an option that is not known", "report logs --percentil 99"),
    ("a number out of its range", "aum logs --percentile 0"),
    (
        "a number out of its range",
        "thresholds logs --percentiles 99,101",
    ),
    ("a number out of its range", "estimate logs --resamples 3"),
    (
        "a number out of its range",
        "plot lowest logs -o a.svg --count 0",
    ),
    (
        "a negative number where there is none",
        "aum logs --percentile -1",
    ),
    (
        "a negative number where there is none",
        "aum logs --bottom -1",
    ),
    (
        "a negative number where there is none",
        "compare logs --disagreements -1",
    ),
    (
        "a negative number where there is none",
        "evaluate logs --pairs -1",
    ),
    (
        "a negative number where there is none",
        "aum logs --pass -1",
    ),
    (
        "two options that exclude each other",
        "aum logs --threshold 1 --percentile 99",
    ),
    (
        "two options that exclude each other",
        "evaluate logs --scores --low-memory",
    ),
    (
        "two options that exclude each other",
        "aum logs --rule posterior --percentile 9",
    ),
    (
        "two options that exclude each other",
        "confusions logs -o a.csv --suggest a.csv",
    ),
    (
        "an option that says nothing beside another",
        "aum logs --threshold -0.5 --cut rank",
    ),
    (
        "an option that says nothing beside another",
        "aum logs --rule posterior --cut rank",
    ),
    (
        "an option that says nothing beside another",
        "report logs --epochs 2.. --first-epoch counted",
    ),
    (
        "an option that says nothing beside another",
        "plot histogram logs --sample 1 -o a.svg",
    ),
    (
        "an option that says nothing beside another",
        "plot margins logs --per-pass -o a.svg",
    ),
    (
        "an option that says nothing beside another",
        "plot margins logs --count 9 -o a.svg",
    ),
    (
        "an option that says nothing beside another",
        "aum logs --format csv --per-class",
    ),
    (
        "an option that says nothing beside another",
        "aum logs --format json -o -",
    ),
    (
        "an option that says nothing beside another",
        "aum logs --per-class -o -",
    ),
    (
        "an option that says nothing beside another",
        "compare logs --disagreements 3 -o -",
    ),
    (
        "an option of something that was not chosen",
        "plot margins logs -o a.svg --image-format png",
    ),
    (
        "an option of something that was not chosen",
        "aum logs --overwrite",
    ),
    ("a suffix that is no format", "aum logs -o a.xlsx"),
    ("a suffix that is no format", "plot margins logs -o a.gif"),
    ("a suffix that is no format", "report logs -o a.pdf"),
    ("no such input", "aum none"),
    ("no such input", "check none.parquet"),
    ("no such input", "runs none/*.parquet"),
    ("no such input", "sql none --dialect duckdb"),
    ("no such input", "evaluate logs --true-labels none.csv"),
    ("a damaged input", "aum damaged.parquet"),
    ("a damaged input", "check damaged.parquet"),
    (
        "something that the input does not have",
        "aum logs --run dogs",
    ),
    (
        "something that the input does not have",
        "plot margins logs --sample 9 -o a.svg",
    ),
    (
        "something that the input does not have",
        "estimate logs --epochs 40..50",
    ),
    (
        "a file that is there already",
        "plot margins logs -o there.svg",
    ),
    ("no folder to write into", "aum logs -o none/a.csv"),
];

fn folder() -> Logs {
    let folder = Logs::new();
    fs::create_dir(folder.at("logs")).unwrap();
    record(&folder.at("logs"), "pets", cats_and_dogs());
    fs::write(folder.at("damaged.parquet"), "PAR1 and no more of it PAR1").unwrap();
    fs::write(folder.at("there.svg"), "kept").unwrap();
    folder
}

#[test]
fn a_fault_has_one_exit_status_in_all_commands() {
    let folder = folder();
    assert_statuses(&FAULTS, |words| {
        let words: Vec<&str> = words.split_whitespace().collect();
        let output = command(&words).current_dir(folder.folder()).output();
        output.unwrap().status.code()
    });
}

#[test]
fn an_option_that_says_nothing_is_refused_in_a_line_that_says_why() {
    let folder = folder();
    for (words, line) in [
        (
            "aum logs --threshold -0.5 --cut rank",
            "--cut says nothing with --threshold -0.5: an AUM is given to compare with, so nothing is cut; leave it out",
        ),
        (
            "plot histogram logs --sample 1 -o a.svg",
            "--sample says nothing with histogram: margins alone draws single samples; leave it out",
        ),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let output = command(&words)
            .current_dir(folder.folder())
            .output()
            .unwrap();
        refused("analyzer", &output, 2, &[line]);
    }
}

#[test]
fn a_dash_for_a_file_is_stdout_and_nothing_is_written() {
    let folder = folder();
    let printed = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let output = command(&words)
            .current_dir(folder.folder())
            .output()
            .unwrap();
        let (stdout, _) = said(&output);
        stdout
    };
    let table = printed("aum logs -q -o -");
    assert!(table.starts_with("run,sample_id,"), "{table}");
    assert_eq!(table, printed("aum logs -q --format csv"));
    assert!(printed("plot margins logs -q -o -").starts_with("<svg"));
    assert!(printed("report logs -q -o -").starts_with("<!doctype html>"));
    let words = [
        "plot",
        "margins",
        "logs",
        "-q",
        "-o",
        "-",
        "--image-format",
        "png",
    ];
    let output = command(&words)
        .current_dir(folder.folder())
        .output()
        .unwrap();
    assert!(output.stdout.starts_with(b"\x89PNG"));
    assert!(!folder.at("-").exists());
}

#[test]
fn shells_and_readers_are_told_of_every_command() {
    let folder = folder();
    let run = |words: &[&str]| {
        let output = command(words)
            .current_dir(folder.folder())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell]);
        assert!(
            script.contains("percentile") && script.contains("low-memory"),
            "{shell}"
        );
    }
    assert!(run(&["man"]).contains("analyzer\\-evaluate(1)"));
    run(&["man", "pages"]);
    let page = fs::read_to_string(folder.at("pages/analyzer-aum.1")).unwrap();
    assert!(page.contains("analyzer aum logs \\-\\-bottom 20"), "{page}");
    let version = run(&["--version"]);
    let features = ["(no optional features)", "(features: object-storage)"];
    let features = features[usize::from(cfg!(feature = "object-storage"))];
    assert_eq!(
        version,
        format!("analyzer {} {features}\n", env!("CARGO_PKG_VERSION"))
    );
}
