//! Short runs that the tests break and go on with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// `recorder run` of six epochs of the digits, named `a`.
pub(crate) fn command(folder: &Path, further: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recorder"));
    command
        .args(["run", "--model", "mlp", "--epochs", "6", "--name", "a"])
        .args(["--passes", "1", "--subset", "200"])
        .args(further)
        .current_dir(folder);
    command
}

pub(crate) fn run(folder: &Path, further: &[&str]) -> Output {
    command(folder, further).output().unwrap()
}

/// What a run that has to succeed says on stderr.
pub(crate) fn finish(folder: &Path, further: &[&str]) -> String {
    let output = run(folder, further);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    stderr
}

pub(crate) fn epoch_file(folder: &Path, epoch: u32) -> PathBuf {
    folder.join(format!("logs/a-p1-e{epoch:04}.parquet"))
}

/// The bytes of the epoch files that are there.
pub(crate) fn epochs(folder: &Path) -> Vec<Option<Vec<u8>>> {
    (1..=6)
        .map(|epoch| fs::read(epoch_file(folder, epoch)).ok())
        .collect()
}

pub(crate) fn record(folder: &Path) -> PathBuf {
    folder.join("logs/a/run.json")
}

/// The run's record without its checksum, as one who changes it writes it.
pub(crate) fn unsealed(folder: &Path) -> String {
    let text = fs::read_to_string(record(folder)).unwrap();
    let (seal, rest) = text.strip_prefix("{\n").unwrap().split_once('\n').unwrap();
    assert!(seal.starts_with("  \"crc32\""), "{seal}");
    format!("{{\n{rest}")
}

/// Changes a text of the run's record.
pub(crate) fn forge(folder: &Path, from: &str, to: &str) {
    let text = unsealed(folder);
    assert!(text.contains(from), "{from:?} is not in {text}");
    fs::write(record(folder), text.replacen(from, to, 1)).unwrap();
}
