//! The command `analyzer`: finds mislabeled samples in training logs.

use std::alloc::System;
use std::process::ExitCode;

use program::Telling;

#[global_allocator]
static ALLOCATOR: Telling<System> = Telling(System);

fn main() -> ExitCode {
    analyzer::commands::main(std::env::args_os().collect()).into()
}
