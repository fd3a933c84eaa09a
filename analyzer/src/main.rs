//! The command `analyzer`: finds mislabeled samples in training logs.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    program::main(commands::run)
}
