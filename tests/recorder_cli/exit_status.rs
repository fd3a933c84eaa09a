//! One exit status for one fault, in whichever command; the analyzer has the same.

use std::fs;

use tempfile::TempDir;
use tests::faults::assert_statuses;
use tests::program::text;

use crate::setup::command;

/// The fault, and a command that has it.
const FAULTS: [(&str, &str); 27] = [
    ("no command", ""),
    ("an option that is not known", "run --nois 0.1"),
    ("an option that is not known", "data --nois 0.1"),
    ("a number out of its range", "run --noise 1.5"),
    ("a number out of its range", "data --noise 1.5"),
    ("a number out of its range", "run --image-size 5000"),
    ("a negative number where there is none", "run --epochs -1"),
    ("a negative number where there is none", "run --lr -0.1"),
    (
        "a negative number where there is none",
        "run --weight-decay -1e-4",
    ),
    (
        "a negative number where there is none",
        "run --data-seed -1",
    ),
    ("a negative number where there is none", "data --list -1"),
    (
        "two options that exclude each other",
        "run --resume --overwrite",
    ),
    (
        "two options that exclude each other",
        "run --labels a.csv --noise 0.1",
    ),
    (
        "an option that says nothing beside another",
        "data --list 3 --format json",
    ),
    (
        "an option of something that was not chosen",
        "run --hidden-units 8 --model cnn",
    ),
    (
        "an option of something that was not chosen",
        "run --root there.png",
    ),
    (
        "an option of something that was not chosen",
        "data --root there.png",
    ),
    (
        "an option of something that was not chosen",
        "data --overwrite",
    ),
    ("a suffix that is no format", "data --sheet a.jpg"),
    ("no such input", "run --dataset features --data none.csv"),
    ("no such input", "data --dataset images --data none"),
    ("no such input", "run --labels none.csv"),
    (
        "a damaged input",
        "run --dataset features --data damaged.parquet",
    ),
    (
        "something that the input does not have",
        "data --sheet a.png --class dog",
    ),
    (
        "something that the input does not have",
        "data --sheet a.png --samples 99999",
    ),
    ("a file that is there already", "data --sheet there.png"),
    ("no folder to write into", "data --sheet none/a.png"),
];

#[test]
fn a_fault_has_one_exit_status_in_all_commands() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("damaged.parquet"), "PAR1 and no more of it PAR1").unwrap();
    fs::write(at("there.png"), "kept").unwrap();
    assert_statuses(&FAULTS, |words| {
        let words: Vec<&str> = words.split_whitespace().collect();
        let output = command(folder.path(), &words).output().unwrap();
        output.status.code()
    });
    assert!(!at("logs").exists());
}

#[test]
fn shells_and_readers_are_told_of_every_command() {
    let folder = TempDir::new().unwrap();
    let run = |words: &[&str]| {
        let output = command(folder.path(), words).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell]);
        assert!(script.contains("random-resized-crop"), "{shell}");
    }
    assert!(run(&["man"]).contains("recorder\\-data(1)"));
    run(&["man", "pages"]);
    let page = fs::read_to_string(folder.path().join("pages/recorder-run.1")).unwrap();
    assert!(page.contains("recorder run \\-\\-noise 0.4"), "{page}");
    assert!(run(&["--version"]).starts_with(&format!("recorder {} (", env!("CARGO_PKG_VERSION"))));
}
