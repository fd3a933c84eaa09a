//! The command `analyzer`: finds mislabeled samples in training logs.

mod allocator;
mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::set_up();
    program::main(commands::run)
}
