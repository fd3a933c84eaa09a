//! The command line: what can be asked, and the checks of each word at the door. A file per command
//! with what it alone takes; `shared` has what means the same in every command.

mod aum;
mod check;
mod compare;
mod confusions;
mod estimate;
mod evaluate;
mod plot;
mod report;
mod scores;
mod shared;
mod sql;
mod threshold_rule;
mod thresholds;

use clap::{Parser, Subcommand};

pub(crate) use self::aum::AumArgs;
pub(crate) use self::check::CheckArgs;
pub(crate) use self::compare::{CompareArgs, CompareBy};
pub(crate) use self::confusions::ConfusionsArgs;
pub(crate) use self::estimate::EstimateArgs;
pub(crate) use self::evaluate::{EvaluateArgs, EvaluationTable};
pub(crate) use self::plot::{ImageFormat, PlotArgs, PlotKind};
pub(crate) use self::report::ReportArgs;
pub(crate) use self::scores::ScoresArgs;
pub(crate) use self::shared::{LogArgs, OutputArgs, OutputFormat};
pub(crate) use self::sql::SqlArgs;
pub(crate) use self::thresholds::ThresholdsArgs;

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
#[command(name = "analyzer", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Aum(AumArgs),
    Check(CheckArgs),
    Compare(CompareArgs),
    Confusions(ConfusionsArgs),
    Estimate(EstimateArgs),
    Evaluate(EvaluateArgs),
    Plot(PlotArgs),
    Report(ReportArgs),
    Scores(ScoresArgs),
    Sql(SqlArgs),
    Thresholds(ThresholdsArgs),
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
