//! One file per command: what it does with the words of its command line.

mod aum;
mod compare;
mod estimate;
mod input;
mod output;
mod plot;
mod report;
mod samples_shown;

use crate::cli::{Cli, Command};

/// Runs the command.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Aum(args) => aum::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Estimate(args) => estimate::run(&args),
        Command::Plot(args) => plot::run(&args),
        Command::Report(args) => report::run(&args),
    }
}
