//! Running the program, and looking at the log that a run has left.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use logformat::{EpochReader, RowBatch, RunRecord};
use tests::program::{refused, said};

pub(crate) const TRAINING_SAMPLES: i64 = 1438;

/// The program, in `folder`, as if nobody had started it by Cargo.
pub(crate) fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recorder"));
    command.args(words).current_dir(folder).env_remove("CARGO");
    command
}

pub(crate) fn recorder(folder: &Path, arguments: &[&str]) -> Output {
    let words = [&["run"], arguments].concat();
    command(folder, &words).output().unwrap()
}

/// Kills the program after so many milliseconds, whatever it is doing then.
pub(crate) fn kill_after(mut command: Command, milliseconds: u64) {
    let mut run = command.stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(milliseconds));
    run.kill().unwrap();
    run.wait().unwrap();
}

/// A short run of the fast network; every test that wants a log makes its own.
pub(crate) fn record(folder: &Path, arguments: &[&str]) -> String {
    let quick = ["--model", "mlp", "--epochs", "2", "-q"];
    let (stdout, stderr) = said(&recorder(folder, &[&quick, arguments].concat()));
    assert_eq!(stderr, "");
    stdout
}

/// The run must refuse with `status` and one line that has all `parts`.
pub(crate) fn refuse(folder: &Path, arguments: &[&str], status: i32, parts: &[&str]) {
    refused("recorder", &recorder(folder, arguments), status, parts);
}

/// The files right in `folder`, by name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

pub(crate) fn read(path: &Path) -> RowBatch {
    let mut batches = EpochReader::open(path).unwrap().rows().unwrap();
    batches.next().unwrap().unwrap()
}

/// One pass of one epoch, with its log under this name.
pub(crate) fn record_labels(folder: &Path, name: &str, arguments: &[&str]) -> RowBatch {
    let short = ["--name", name, "--epochs", "1", "--passes", "1"];
    record(folder, &[&short, arguments].concat());
    read(&folder.join(format!("logs/{name}-p1-e0001.parquet")))
}

pub(crate) fn configuration(folder: &Path, name: &str) -> serde_json::Value {
    let record = RunRecord::read(&folder.join("logs"), name).unwrap();
    record.unwrap().configuration
}

/// Ten rows that keep a class with probability 0.75 and else give the next one.
pub(crate) fn flip_matrix() -> String {
    let share = |row: usize, column: usize| match (column + 10 - row) % 10 {
        0 => "0.75",
        1 => "0.25",
        _ => "0",
    };
    let row = |row| {
        (0..10)
            .map(|column| share(row, column))
            .collect::<Vec<_>>()
            .join(",")
            + "\n"
    };
    (0..10).map(row).collect()
}

/// The labels of samples whose truth is known.
pub(crate) fn known(labels: &[Option<u32>]) -> Vec<u32> {
    labels.iter().copied().flatten().collect()
}

pub(crate) fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().map(|line| line.split(',').map(str::to_owned));
    rows.map(Iterator::collect).collect()
}
