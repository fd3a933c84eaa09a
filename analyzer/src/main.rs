//! The command `analyzer`: finds mislabeled samples in training logs.

use std::process::ExitCode;

fn main() -> ExitCode {
    analyzer::commands::main(std::env::args_os().collect()).into()
}
