//! One file per command: what it does with the words of its command line.

mod aum;
mod input;
mod output;

use crate::cli::{Cli, Command};

/// Runs the command.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Aum(args) => aum::run(&args),
    }
}
