//! Signals that ask a run to end do so as Ctrl-C does: between two steps, with a word.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::runs::{command, epoch_file, finish};

/// As where the tests themselves run under `nohup`: then the run has to outlive it.
fn is_hangup_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 1 == 1))
}

#[test]
fn sigterm_ends_a_run_as_ctrl_c_does_and_it_can_be_gone_on_with() {
    let hangup = (!is_hangup_ignored()).then_some("-HUP");
    for signal in ["-TERM", "-INT"].into_iter().chain(hangup) {
        let folder = TempDir::new().unwrap();
        let words = ["--hidden-units", "2000", "--epochs", "30"];
        let mut run = command(folder.path(), &words);
        let run = run
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while !epoch_file(folder.path(), 2).exists() {
            sleep(Duration::from_millis(2));
        }
        let mut kill = Command::new("kill");
        kill.args([signal, &run.id().to_string()]);
        assert!(kill.status().unwrap().success());
        let output = run.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{signal}: {said}");
        let last = said.lines().last().unwrap();
        assert!(last.contains("recorder: stopped in pass 1"), "{said}");
        assert!(last.contains("--resume goes on"), "{said}");
        finish(folder.path(), &[&words[..], &["--resume"]].concat());
    }
}

#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let folder = TempDir::new().unwrap();
    let run = command(folder.path(), &["--epochs", "30"]);
    let mut nohup = Command::new("nohup");
    let nohup = nohup.arg(run.get_program()).args(run.get_args());
    let nohup = nohup.current_dir(folder.path()).stdout(Stdio::null());
    let mut run = nohup.stderr(Stdio::null()).spawn().unwrap();
    while !epoch_file(folder.path(), 2).exists() {
        sleep(Duration::from_millis(2));
    }
    let mut kill = Command::new("kill");
    kill.args(["-HUP", &run.id().to_string()]);
    assert!(kill.status().unwrap().success());
    assert!(run.wait().unwrap().success());
}

#[test]
fn a_file_that_may_not_grow_is_an_error_and_no_death_by_signal() {
    let folder = TempDir::new().unwrap();
    // Without a trap: the shell leaves SIGXFSZ as it is, which kills.
    let run = command(folder.path(), &[]);
    let words: Vec<_> = run.get_args().collect();
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 20; exec \"$0\" \"$@\""])
        .arg(run.get_program())
        .args(words)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.lines().last().unwrap().contains("File too large"),
        "{said}"
    );
}
