//! A run that is killed at any moment and resumed leaves the same bytes as one that nobody touched.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::program::{names, refused, said};

use crate::setup;

const RUN: [&str; 10] = [
    "run", "--model", "mlp", "--noise", "0.3", "--epochs", "12", "--name", "a", "-q",
];

fn command(folder: &Path, further: &[&str]) -> Command {
    setup::command(folder, &[&RUN[..], further].concat())
}

fn finish(folder: &Path, further: &[&str]) -> String {
    said(&command(folder, further).output().unwrap()).1
}

/// Every file of the log with its bytes; nothing else may lie beside them.
fn log(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder.join("logs")).unwrap();
    entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn uninterrupted() -> (TempDir, BTreeMap<String, Vec<u8>>) {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    let log = log(folder.path());
    assert_eq!(log.len(), 24);
    (folder, log)
}

/// Kills a run after so many milliseconds, whatever it is doing then.
fn kill_after(folder: &Path, milliseconds: u64) {
    setup::kill_after(command(folder, &["--resume"]), milliseconds);
}

/// A number from 0 to 1, another one in every run of the tests.
fn random_share() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    random as f64 / u64::MAX as f64
}

#[test]
fn a_run_killed_at_random_moments_and_resumed_leaves_the_same_bytes() {
    let began = Instant::now();
    let (_folder, expected) = uninterrupted();
    let whole_run = began.elapsed().as_secs_f64();
    for _ in 0..10 {
        let folder = TempDir::new().unwrap();
        let milliseconds = (1000.0 * whole_run * random_share()) as u64;
        kill_after(folder.path(), milliseconds);
        finish(folder.path(), &["--resume"]);
        assert!(
            log(folder.path()) == expected,
            "killed after {milliseconds} ms"
        );
    }
}

#[test]
fn augmentation_and_adamw_go_on_as_if_never_stopped() {
    let options = ["--optimiser", "adamw", "--crop-padding", "1", "--flip"];
    let (whole, killed) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let began = Instant::now();
    finish(whole.path(), &options);
    let milliseconds = (600.0 * began.elapsed().as_secs_f64()) as u64;
    let resumed = [&options[..], &["--resume"]].concat();
    setup::kill_after(command(killed.path(), &resumed), milliseconds);
    finish(killed.path(), &resumed);
    assert!(log(killed.path()) == log(whole.path()));
    // What was asked for has made a difference.
    assert!(log(whole.path()) != uninterrupted().1);
}

/// A shell that lets no file grow beyond so many KiB stands in for a disk without room.
#[cfg(unix)]
fn stops_without_room(pictures: u32, parts: &[&str]) {
    let (finished, expected) = uninterrupted();
    let folder = TempDir::new().unwrap();
    let limited = format!(
        "trap '' XFSZ; ulimit -f 60; exec {:?} {} --pictures {pictures}",
        env!("CARGO_BIN_EXE_recorder"),
        RUN.join(" ")
    );
    let output = Command::new("bash")
        .args(["-c", &limited])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let parts = [parts, &["--resume", "File too large"]].concat();
    refused("recorder", &output, 1, &parts);
    assert_eq!(log(folder.path()).len(), 0);
    finish(folder.path(), &["--resume"]);
    assert!(log(folder.path()) == expected);
    let table = |folder: &TempDir| fs::read(folder.path().join("logs/a/samples.parquet")).unwrap();
    // The table is written once a run.
    assert_eq!(table(&folder) == table(&finished), pictures > 0);
}

#[cfg(unix)]
#[test]
fn without_room_the_run_stops_in_one_line_and_goes_on_when_there_is_some() {
    stops_without_room(0, &["pass 1, epoch 1"]);
    stops_without_room(256, &["the sample table", "--pictures 0"]);
}

#[test]
fn a_run_killed_again_and_again_gets_there() {
    let (_folder, expected) = uninterrupted();
    let folder = TempDir::new().unwrap();
    for milliseconds in [30, 90, 45, 120, 70] {
        kill_after(folder.path(), milliseconds);
    }
    finish(folder.path(), &["--resume"]);
    assert!(log(folder.path()) == expected);
}

#[test]
fn a_finished_run_can_be_resumed_and_stays_as_it_is() {
    let (folder, expected) = uninterrupted();
    let output = command(folder.path(), &["--resume"]).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    // Of passes that were recorded before, the record knows.
    assert_eq!(stdout.matches(" %").count(), 2, "{stdout}");
    assert!(log(folder.path()) == expected);
}

#[test]
fn where_the_end_of_a_log_is_lost_the_run_goes_on_before_it() {
    let (folder, expected) = uninterrupted();
    for lost in [
        "a-p2-e0012.parquet",
        "a-p2-e0002.parquet",
        "a-p1-e0007.parquet",
    ] {
        // By name, so all from there on.
        for file in expected.keys().filter(|file| file.as_str() >= lost) {
            fs::remove_file(folder.path().join("logs").join(file)).unwrap();
        }
        finish(folder.path(), &["--resume"]);
        assert!(log(folder.path()) == expected, "{lost}");
    }
}

#[test]
fn what_a_run_leaves_behind_is_never_a_checkpoint_of_another() {
    let (folder, _) = uninterrupted();
    let newest = folder.path().join("logs/a/checkpoint-p2-e0012.safetensors");
    assert!(newest.exists());
    let shorter = ["--overwrite", "--epochs", "3", "--passes", "1"];
    finish(folder.path(), &shorter);
    let left = names(&folder.path().join("logs/a"));
    let expected = [
        "checkpoint-p1-e0002.safetensors",
        "checkpoint-p1-e0003.safetensors",
        "run.json",
        "samples.parquet",
    ];
    assert_eq!(left, expected);
}

#[test]
fn a_log_has_one_kind_of_logits() {
    let (folder, float32) = uninterrupted();
    for (kind, other) in [("float16", "float32"), ("none", "float16")] {
        let words = [&RUN[..], &["--logits", kind, "--resume"]].concat();
        let output = setup::command(folder.path(), &words).output().unwrap();
        let said = format!("logits was {other} and is {kind} now");
        refused("recorder", &output, 1, &[&said]);
        finish(folder.path(), &["--logits", kind, "--overwrite"]);
    }
    let bytes = |log: &BTreeMap<String, Vec<u8>>| log.values().map(Vec::len).sum::<usize>();
    let without = bytes(&log(folder.path()));
    finish(folder.path(), &["--logits", "float16", "--overwrite"]);
    let (all, half) = (
        bytes(&float32) - without,
        bytes(&log(folder.path())) - without,
    );
    let share = half as f64 / all as f64;
    assert!(
        (0.45..0.55).contains(&share),
        "{share} of the logits' bytes"
    );
}

#[test]
fn a_truncated_checkpoint_is_named_and_the_one_before_is_taken() {
    let (folder, expected) = uninterrupted();
    let newest = folder.path().join("logs/a/checkpoint-p2-e0012.safetensors");
    let bytes = fs::read(&newest).unwrap();
    fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap();
    let loud: Vec<&str> = RUN.iter().copied().filter(|word| *word != "-q").collect();
    let words = [&loud[..], &["--resume"]].concat();
    let (_, stderr) = said(&setup::command(folder.path(), &words).output().unwrap());
    assert!(
        stderr.contains("checkpoint-p2-e0012.safetensors"),
        "{stderr}"
    );
    assert!(stderr.contains("going on from the one before"), "{stderr}");
    // The epoch before the damaged checkpoint was the last one that could be relied on.
    assert_eq!(stderr.matches("pass 2/2  epoch").count(), 1, "{stderr}");
    assert!(log(folder.path()) == expected);
}

#[test]
fn other_settings_are_refused_and_named() {
    let (folder, expected) = uninterrupted();
    let output = command(folder.path(), &["--resume", "--lr", "0.02"])
        .output()
        .unwrap();
    let parts = ["run a", "learning_rate was 0.05 and is 0.02", "--name"];
    refused("recorder", &output, 1, &parts);
    assert!(log(folder.path()) == expected);
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_whole_epochs_and_says_how_to_go_on() {
    let (_folder, expected) = uninterrupted();
    let folder = TempDir::new().unwrap();
    let mut run = command(folder.path(), &["--epochs", "12"]);
    let run = run
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Interrupted once there is something to keep.
    let first = folder.path().join("logs/a-p1-e0001.parquet");
    while !first.exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let killed = Command::new("kill")
        .args(["-INT", &run.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let output = run.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    // A very fast machine may be through by then; the log is right in both cases.
    if !output.status.success() {
        assert!(stderr.contains("--resume"), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
    for (file, bytes) in log(folder.path()) {
        assert!(expected[&file] == bytes, "{file}");
    }
    finish(folder.path(), &["--resume"]);
    assert!(log(folder.path()) == expected);
}
