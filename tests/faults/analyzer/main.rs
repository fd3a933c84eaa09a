//! What hostile and damaged files do to the analyzer that they should not: each ends in one line, within
//! little time and memory.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod claims;
mod flips;
mod forged_log;
mod irregular;
#[path = "../program.rs"]
mod program;
mod sample_table;
mod texts;

use std::path::Path;
use std::process::Output;

/// The analyzer in `folder`, with a minute and 4 GiB.
fn analyzer(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = program::limited(env!("CARGO_BIN_EXE_analyzer"), folder, 60, 4);
    command.args(arguments).output().unwrap()
}
