//! The command line, a file per command: its words, its help and what it does. What several commands share
//! is in `options`. It is the program, and alone in the library writes to stdout and stderr; it is here for
//! other programs to be it ([`main`]), or to have its results in their own hands ([`results`]).

mod aum;
mod check;
mod command;
mod compare;
mod confusions;
mod estimate;
mod evaluate;
mod export;
mod ignored;
mod import;
mod options;
mod plot;
mod remote_logs;
mod report;
mod runs;
mod scores;
mod self_description;
mod sql;
mod thresholds;
mod way_out;

use std::ffi::OsString;

use clap::{Parser, Subcommand};
use logformat::set_file_memory;
use program::{CommandLine, FileMemoryArgs, Ignored};

pub use crate::commands::options::output::Results;

use crate::allocator;
use crate::commands::command::{Command, Needs};
use crate::commands::ignored::IGNORED;
use crate::commands::options::addresses::error_with_addresses;
use crate::commands::options::output::OutputArgs;
use crate::commands::self_description::{Completions, Man};
use crate::commands::way_out::with_way_out;

/// The optional features of the build.
const FEATURES: [(&str, bool); 1] = [("object-storage", cfg!(feature = "object-storage"))];

const EXAMPLES: &str = "\
Examples:
  Flag the suspicious samples of every run in logs/:
    analyzer aum logs

  Hand them to the people who correct labels, as a page with plots and pictures:
    analyzer report logs -o report.html";

/// Finds mislabeled samples in training logs by their area under the margin (AUM).
///
/// Reads the Parquet logs that the recorder, or any other training loop, wrote: one row for each
/// sample in each epoch. Nothing is trained again.
///
/// Built with --features object-storage, it reads logs in object storage (s3://, gs://, az://) as well: of
/// logs with margins the labels and margins alone, a few percent of their bytes, into a temporary folder.
/// Credentials and endpoint come from the environment (AWS_ACCESS_KEY_ID, AWS_ENDPOINT, AWS_ALLOW_HTTP;
/// GOOGLE_APPLICATION_CREDENTIALS; AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY; …).
#[derive(Debug, Parser)]
#[command(
    name = "analyzer",
    version = program::version(env!("CARGO_PKG_VERSION"), &FEATURES),
    arg_required_else_help = true,
    after_help = EXAMPLES
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Commands,
    #[command(flatten)]
    pub(crate) file_memory: FileMemoryArgs,
}

impl CommandLine for Cli {
    const IGNORED: &'static [Ignored] = &IGNORED;
}

/// The commands with the words that each takes.
macro_rules! commands {
    ($($name:ident($args:ty)),* $(,)?) => {
        #[derive(Debug, Subcommand)]
        pub(crate) enum Commands { $($name($args)),* }

        impl Commands {
            fn chosen(&mut self) -> &mut dyn Command {
                match self { $(Self::$name(args) => args),* }
            }

            /// A report says which words it was made by.
            fn typed(&mut self, words: Vec<OsString>) {
                if let Self::Report(report) = self {
                    report.typed = words;
                }
            }
        }
    };
}

commands! {
    Aum(aum::AumArgs),
    Check(check::CheckArgs),
    Completions(Completions),
    Compare(compare::CompareArgs),
    Confusions(confusions::ConfusionsArgs),
    Estimate(estimate::EstimateArgs),
    Evaluate(evaluate::EvaluateArgs),
    Man(Man),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
    Plot(plot::PlotArgs),
    Report(report::ReportArgs),
    Runs(runs::RunsArgs),
    Scores(scores::ScoresArgs),
    Sql(sql::SqlArgs),
    Thresholds(thresholds::ThresholdsArgs),
}

impl Command for Completions {
    fn run(&self) -> anyhow::Result<()> {
        self.args.print::<Cli>()
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        None
    }
}

impl Command for Man {
    fn run(&self) -> anyhow::Result<()> {
        self.args.write::<Cli>()
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        None
    }
}

/// The program, for a command of these words, `analyzer` first; its exit status.
pub fn main(words: Vec<OsString>) -> u8 {
    allocator::set_up();
    program::main_of(words.clone(), |mut cli: Cli| {
        set_file_memory(cli.file_memory.bytes());
        cli.command.typed(words);
        run(cli.command.chosen())
    })
}

/// What a command of these words finds, `analyzer` first: the results instead of their print, nothing for
/// a command whose results are files. Warnings go where the caller has them go
/// ([`program::with_warnings_kept`]).
///
/// # Errors
/// Those of the program; [`program::WrongUse`] where it has no such command.
pub fn results(words: Vec<OsString>) -> anyhow::Result<Option<Results>> {
    let mut cli: Cli = program::parsed(&words)?;
    set_file_memory(cli.file_memory.bytes());
    cli.command.typed(words);
    let command = cli.command.chosen();
    if let Some(output) = command.output() {
        output.keep_results();
    }
    run(command)?;
    Ok(command.output().and_then(OutputArgs::kept_results))
}

fn run(command: &mut dyn Command) -> anyhow::Result<()> {
    // Copies of logs are there until the end.
    let _copies = remote_logs::copied(command)?;
    let done = command.run().map_err(with_way_out);
    done.map_err(error_with_addresses)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_free_of_contradictions() {
        Cli::command().debug_assert();
    }

    /// A heading goes on over what is flattened after it.
    #[test]
    fn under_each_heading_of_the_help_is_what_belongs_there() {
        for command in Cli::command().get_subcommands() {
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                let heading = match id {
                    "protocol" | "cut" | "first_epoch" | "joined_by" => Some("Protocol"),
                    "output" | "overwrite" | "format" | "quiet" => Some("Output"),
                    _ => None,
                };
                let is_own =
                    ["plot", "report"].contains(&command.get_name()) && heading == Some("Output");
                let expected = heading.filter(|_| !is_own);
                assert_eq!(
                    argument.get_help_heading(),
                    expected,
                    "{} {id}",
                    command.get_name()
                );
            }
        }
    }

    #[test]
    fn every_command_shows_two_worked_examples() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string);
            let examples = help.unwrap_or_default().matches("\n    analyzer ").count();
            assert!(examples >= 2, "{} has {examples}", command.get_name());
        }
    }
}
