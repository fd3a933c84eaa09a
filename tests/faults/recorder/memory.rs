//! A long run takes no more memory than a short one.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

/// Resident memory of a process in KiB; `None` once it has ended.
fn resident_kib(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
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
        resident_kib(run.id()).unwrap()
    };
    let (early, late) = (resident_after(10), resident_after(300));
    assert!(run.wait().unwrap().success());
    assert!(
        late as f64 <= 1.1 * early as f64,
        "{early} KiB after epoch 10, {late} KiB after epoch 300"
    );
}
