//! One file per command: what it does with the words of its command line.

mod aum;
mod check;
mod compare;
mod confusions;
mod estimate;
mod evaluate;
mod input;
mod judged_samples;
mod output;
mod plot;
mod remote_logs;
mod report;
mod run_records;
mod samples_shown;
mod scores;
mod sql;
mod thresholds;

use crate::cli::{Cli, Command};

/// Runs the command.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    let mut command = cli.command;
    // Copies of logs are there until the end.
    let _copies = remote_logs::copied(&mut command)?;
    run_with_files(&command).map_err(remote_logs::named_in)
}

fn run_with_files(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Aum(args) => aum::run(args),
        Command::Check(args) => check::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Confusions(args) => confusions::run(args),
        Command::Estimate(args) => estimate::run(args),
        Command::Plot(args) => plot::run(args),
        Command::Report(args) => report::run(args),
        Command::Scores(args) => scores::run(args),
        Command::Sql(args) => sql::run(args),
        Command::Thresholds(args) => thresholds::run(args),
        Command::Evaluate(args) => evaluate::run(args),
    }
}
