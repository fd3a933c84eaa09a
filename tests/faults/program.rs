//! A program under limits of time and memory, so that a fault that hangs or bursts it fails a test and
//! not the machine.

use std::path::Path;
use std::process::{Command, Output};

/// Of a test with a long form, which FAULTS=long asks for: how many faults are tried.
pub(crate) fn faults(short: usize, long: usize) -> usize {
    match std::env::var("FAULTS").as_deref() {
        Ok("long") => long,
        _ => short,
    }
}

/// Exit status of `timeout` for a program that did not end.
const HUNG: i32 = 124;

/// `program` in `folder`, with so many seconds of time and GiB of address space.
pub(crate) fn limited(program: &str, folder: &Path, seconds: u32, gib: u32) -> Command {
    let mut command = Command::new("sh");
    let kib = gib << 20;
    let script = format!("ulimit -v {kib}; exec timeout {seconds} \"$0\" \"$@\"");
    command.args(["-c", &script, program]).current_dir(folder);
    command
}

/// The last line of stderr of a program that must end with exit status 1 and name all `parts` in it.
pub(crate) fn refused(output: &Output, parts: &[&str]) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_ne!(output.status.code(), Some(HUNG), "it hangs: {stderr}");
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let last = stderr.lines().last().unwrap().to_owned();
    for part in parts {
        assert!(last.contains(part), "{part:?} is not in {stderr:?}");
    }
    last
}
