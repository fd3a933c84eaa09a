//! The command line: what can be asked, and the checks of each word at the door.

use std::path::PathBuf;

use analyzer::{AumSettings, EpochRange, Percentile, TableFile, ThresholdRule};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Finds mislabeled samples in training logs by their area under the margin (AUM).
///
/// Reads the Parquet logs that the recorder, or any other training loop, wrote: one row for each
/// sample in each epoch. Nothing is trained again.
#[derive(Debug, Parser)]
#[command(name = "analyzer", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Aum(AumArgs),
}

const AUM_EXAMPLES: &str = "\
Examples:
  Flag the suspicious samples of every run in logs/, and see the 20 worst:
    analyzer aum logs --bottom 20

  Write all AUMs and verdicts of one run to a table, flagging fewer samples and leaving out the
  last epochs:
    analyzer aum 'logs/my-run-p*.parquet' --percentile 98 --epochs 2..15 -o aum.csv";

/// Compute every sample's AUM, the AUM threshold and the flagged samples.
///
/// A sample's AUM is the mean, over the epochs, of the logit of its label minus the largest other
/// logit. A low one says that the network, led by similar samples, keeps preferring another class.
/// The threshold is a high percentile of the AUMs of the threshold samples, which were given a
/// label that does not exist; samples below it are flagged. With known true labels, precision,
/// recall and F1 of the flagged samples are shown.
#[derive(Debug, Args)]
#[command(after_help = AUM_EXAMPLES)]
pub(crate) struct AumArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,

    /// How many of the samples with the lowest AUMs to list
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) bottom: usize,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Which logs to read: the same for every command.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Log files, folders (their *.parquet files), or quoted globs such as 'logs/*.parquet'
    #[arg(value_name = "LOGS", required = true)]
    pub(crate) logs: Vec<PathBuf>,
}

/// What makes a verdict: the same for every command that gives one.
#[derive(Debug, Args)]
pub(crate) struct VerdictArgs {
    /// Percentile of the threshold samples' AUMs below which a sample is flagged, in percent: above
    /// 0, up to 100
    #[arg(long, value_name = "P", default_value_t, allow_negative_numbers = true)]
    pub(crate) percentile: Percentile,

    /// An AUM below which a sample is flagged, instead of the percentile
    #[arg(
        long,
        value_name = "VALUE",
        conflicts_with = "percentile",
        allow_negative_numbers = true,
        value_parser = finite
    )]
    pub(crate) threshold: Option<f64>,

    /// The epochs that count, both included, such as 2..20, 5.. or ..20 [default: from the second
    /// to the last before the learning rate first drops]
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub(crate) epochs: Option<EpochRange>,
}

/// Where the results go: the same for every command.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// Write the table of all samples to this file; its suffix chooses .csv, .parquet or .json
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<TableFile>,

    /// Replace the file of -o where it is there already
    #[arg(long, requires = "output")]
    pub(crate) overwrite: bool,

    /// How to print the summary
    #[arg(long, value_enum, default_value_t = SummaryFormat::Table)]
    pub(crate) format: SummaryFormat,

    /// Leave out warnings, and what is said beside the results
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryFormat {
    /// For people
    Table,
    /// For programs: an array with an object per run
    Json,
}

impl VerdictArgs {
    pub(crate) fn settings(&self) -> AumSettings {
        AumSettings {
            threshold: match self.threshold {
                Some(threshold) => ThresholdRule::Given(threshold),
                None => ThresholdRule::Percentile(self.percentile),
            },
            epochs: self.epochs,
        }
    }
}

fn finite(text: &str) -> Result<f64, &'static str> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err("not a finite number; give an AUM in logit units, such as -0.5"),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_free_of_contradictions() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_threshold_may_be_negative() {
        let cli = Cli::try_parse_from(["analyzer", "aum", "logs", "--threshold", "-0.5"]).unwrap();
        let Command::Aum(args) = cli.command;
        let expected = ThresholdRule::Given(-0.5);
        assert_eq!(args.verdict.settings().threshold, expected);
    }
}
