//! One writer a run: the second ends in one line, and the log is that of the first.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::program::{faults, refused};
use crate::runs::{command, epoch_file, epochs, finish, run};

/// A run that is still recording after its first epoch.
fn recording(folder: &Path, further: &[&str]) -> Child {
    let words = [&["--hidden-units", "4000", "--epochs", "40"], further].concat();
    let mut first = command(folder, &words);
    let mut first = first
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !epoch_file(folder, 1).exists() {
        assert!(
            first.try_wait().unwrap().is_none(),
            "it ended before its first epoch"
        );
        sleep(Duration::from_millis(2));
    }
    first
}

#[test]
fn the_second_recorder_of_a_run_ends_in_one_line_whatever_it_was_to_do() {
    let folder = TempDir::new().unwrap();
    let mut first = recording(folder.path(), &["--seed", "1"]);
    for way in ["--resume", "--overwrite"] {
        let output = run(folder.path(), &[way]);
        refused(&output, &["another program records the run a now"]);
    }
    assert!(
        first.try_wait().unwrap().is_none(),
        "the first was to outlast both"
    );
    first.kill().unwrap();
    first.wait().unwrap();
    // The lock has ended with its process.
    finish(folder.path(), &["--overwrite"]);
    assert_eq!(epochs(folder.path()).iter().flatten().count(), 6);
    assert!(!folder.path().join("logs/a/.lock").exists());
}

#[test]
fn two_that_begin_at_the_same_time_leave_the_log_of_one() {
    let alone = |seed: &str| {
        let folder = TempDir::new().unwrap();
        finish(folder.path(), &["--seed", seed]);
        epochs(folder.path())
    };
    let expected = [alone("1"), alone("2")];
    for round in 0..faults(5, 100) {
        let folder = TempDir::new().unwrap();
        finish(folder.path(), &[]);
        let start = |seed: &str| {
            let mut command = command(folder.path(), &["--overwrite", "--seed", seed]);
            let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
            quiet.spawn().unwrap()
        };
        let both = [start("1"), start("2")];
        let statuses = both.map(|mut run| run.wait().unwrap().code());
        let left = epochs(folder.path());
        assert!(statuses.contains(&Some(0)), "{statuses:?}");
        assert!(expected.contains(&left), "round {round}: {statuses:?}");
    }
}

#[test]
fn a_folder_that_is_moved_away_in_mid_run_is_noticed() {
    let folder = TempDir::new().unwrap();
    let mut first = recording(folder.path(), &[]);
    fs::rename(folder.path().join("logs"), folder.path().join("elsewhere")).unwrap();
    // Another one of its name, as a second run would make it.
    fs::create_dir_all(folder.path().join("logs/a")).unwrap();
    assert_eq!(first.wait().unwrap().code(), Some(1));
    let made = fs::read_dir(folder.path().join("logs")).unwrap();
    assert_eq!(made.count(), 1, "no epoch was written to the other folder");
}
