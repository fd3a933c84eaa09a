//! A run takes no more memory and disk than it says, and a long one no more memory than a short one.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;
use tests::program::refused;

/// Memory of a process in KiB, such as its `VmRSS` (resident) or `VmHWM` (the most so far); `None` once it has
/// ended.
fn memory_kib(process: u32, which: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(which))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// 1,000 samples of 100 classes: 0.3 MB of logits an epoch (of the 800 that are trained on).
fn table(folder: &Path) {
    let mut rows = "x,y,label\n".to_owned();
    for row in 0..1000 {
        let (x, y) = (f64::from(row).sin(), f64::from(row).cos());
        writeln!(rows, "{x},{y},c{}", row % 100).unwrap();
    }
    fs::write(folder.join("table.csv"), rows).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn resident_memory_at_epoch_300_is_within_a_tenth_of_that_at_epoch_10() {
    let folder = TempDir::new().unwrap();
    table(folder.path());
    let mut run = Command::new(env!("CARGO_BIN_EXE_recorder"))
        .args(["run", "-q", "--dataset", "features", "--data", "table.csv"])
        .args(["--model", "mlp", "--hidden-units", "16", "--name", "a"])
        .args(["--passes", "1", "--epochs", "305", "--logits", "none"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut resident_after = |epoch: u32| {
        let file = folder.path().join(format!("logs/a-p1-e{epoch:04}.parquet"));
        while !file.exists() {
            assert!(run.try_wait().unwrap().is_none(), "it ended before {epoch}");
            sleep(Duration::from_millis(1));
        }
        memory_kib(run.id(), "VmRSS").unwrap()
    };
    let (early, late) = (resident_after(10), resident_after(300));
    assert!(run.wait().unwrap().success());
    assert!(
        late as f64 <= 1.1 * early as f64,
        "{early} KiB after epoch 10, {late} KiB after epoch 300"
    );
}

/// The bytes that stand before `word`, such as in "takes 1.5 MiB of the disk".
fn told_bytes(line: &str, word: &str) -> f64 {
    let before = line.split(word).next().unwrap();
    let mut words = before.rsplit(' ');
    let (unit, number) = (words.next().unwrap(), words.next().unwrap());
    let units = [("B", 0), ("KiB", 10), ("MiB", 20), ("GiB", 30)];
    let power = units.iter().find(|(name, _)| *name == unit).unwrap().1;
    number.parse::<f64>().unwrap() * f64::from(1 << power)
}

/// What the files of the epochs of `a` take, with what its network says of the fold that each pass holds out.
fn epoch_file_bytes(logs: &Path) -> u64 {
    let folders = [
        fs::read_dir(logs).unwrap(),
        fs::read_dir(logs.join("a")).unwrap(),
    ];
    let files = folders.into_iter().flatten().map(Result::unwrap);
    let of_epochs = files.filter(|file| {
        let name = file.file_name().into_string().unwrap();
        name.starts_with("a-p") || name.starts_with("heldout-network")
    });
    of_epochs.map(|file| file.metadata().unwrap().len()).sum()
}

/// What a program says before it begins of what it takes, once it has ended without having had more memory.
fn keeps_to_its_memory(folder: &Path, command: &str, options: &str) -> String {
    let mut run = Command::new(env!("CARGO_BIN_EXE_recorder"))
        .args([command, "--name", "a", "--epochs", "3"])
        .args(options.split(' '))
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut most_kib = 0;
    while let Some(kib) = memory_kib(run.id(), "VmHWM") {
        most_kib = kib;
        sleep(Duration::from_millis(2));
        if run.try_wait().unwrap().is_some() {
            break;
        }
    }
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let line = said.lines().find(|line| line.starts_with("takes "));
    let line = line.ok_or(&said).unwrap();
    let (most, told) = (1024.0 * most_kib as f64, told_bytes(line, " of memory"));
    assert!(most <= told, "{options}: {line}, but {most_kib} KiB");
    line.to_owned()
}

/// Runs, and compares what it said before with its log and with the most memory that it had.
fn takes_what_it_says(options: &str) {
    let folder = TempDir::new().unwrap();
    table(folder.path());
    let line = keeps_to_its_memory(folder.path(), "run", options);
    let log = epoch_file_bytes(&folder.path().join("logs")) as f64;
    let share = log / told_bytes(&line, " of the disk");
    assert!(
        (0.8..1.1).contains(&share),
        "{options}: {line}, but {log} B"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_final_training_takes_no_more_memory_than_it_says() {
    let folder = TempDir::new().unwrap();
    keeps_to_its_memory(
        folder.path(),
        "train",
        "--dataset digits --model resnet20 --batch-size 64",
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_says_beforehand_what_it_takes_and_takes_no_more() {
    for options in [
        "--passes 1 --model mlp",
        "--passes 1 --model cnn --batch-size 400 --logits float16",
        "--passes 1 --model resnet20 --logits none",
        "--passes 1 --model resnet20 --optimiser adamw --batch-size 256",
        "--passes 1 --dataset features --data table.csv --model mlp --hidden-units 2000,2000",
        "--folds 2 --dataset features --data table.csv --model mlp --hidden-units 16",
    ] {
        takes_what_it_says(options);
    }
}

#[test]
fn a_log_that_the_disk_has_no_room_for_is_not_begun() {
    let folder = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_recorder"))
        .args(["run", "--model", "mlp", "--epochs", "4000000000"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    refused(
        "recorder",
        &output,
        1,
        &["logs/: there are", "8000000000 epochs", "--out"],
    );
    assert!(!folder.path().join("logs").exists());
}
