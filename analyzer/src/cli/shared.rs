//! What means the same in every command: which logs, which epochs, what makes a verdict, and where
//! the results go.

use std::path::PathBuf;
use std::str::FromStr;

use analyzer::{
    AumSettings, Cut, EpochRange, EpochRangeError, FirstEpoch, Join, Keep, MarginSource, Protocol,
    Selection, TableFile,
};
use clap::{ArgGroup, Args, ValueEnum};
use program::Checked;

use super::threshold_rule::ChosenRule;

/// Which logs to read, and which part of them.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Log files, folders (their *.parquet files), or quoted globs such as 'logs/*.parquet'; where no
    /// curves are needed, also AUM tables (.csv, .parquet) of aum -o or of the query of sql. All of them
    /// at s3://, gs:// or az:// too, where the analyzer was built with --features object-storage
    #[arg(value_name = "LOGS", required = true)]
    pub(crate) logs: Vec<PathBuf>,

    /// Only the run of this name; give it again for several [default: all runs]
    #[arg(long = "run", value_name = "NAME")]
    pub(crate) runs: Vec<String>,

    /// Only the pass of this number; give it again for several [default: all passes]
    #[arg(long = "pass", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) passes: Vec<u32>,

    /// Compute the margins from the logits even where the log has a column of margins, as for a log
    /// whose margins are in doubt
    #[arg(long)]
    pub(crate) from_logits: bool,

    /// Take the true labels from this .csv or .parquet file, with the columns sample_id and true_label
    /// (class indices or class names), in place of all that the logs have: those of samples that are
    /// not in it, or have none there, are then unknown
    #[arg(long, value_name = "FILE")]
    pub(crate) true_labels: Option<PathBuf>,
}

impl LogArgs {
    pub(crate) fn margin_source(&self) -> MarginSource {
        if self.from_logits {
            MarginSource::Logits
        } else {
            MarginSource::Log
        }
    }

    pub(crate) fn selection(&self) -> Selection {
        Selection {
            runs: self.runs.clone(),
            passes: self.passes.clone(),
        }
    }
}

/// What is kept of the margins.
#[derive(Debug, Args)]
pub(crate) struct MemoryArgs {
    /// Never keep margins, only their sums, so that the memory does not grow with the epochs. Without
    /// it, margins are kept where rows do not come in the order of their epochs, which is refused
    /// here; the results are the same
    #[arg(long)]
    low_memory: bool,
}

impl MemoryArgs {
    /// What AUMs over these epochs need.
    pub(crate) fn keep(&self, epochs: Option<EpochRange>) -> Keep {
        if self.low_memory {
            Keep::OnlySums(epochs)
        } else {
            Keep::Sums(epochs)
        }
    }
}

/// Which epochs count.
#[derive(Debug, Args)]
pub(crate) struct WindowArgs {
    /// The epochs that count, both included, such as 2..20, 5.. or ..20; auto takes those from the
    /// second to the last before the learning rate first drops, as the log says
    #[arg(
        long,
        value_name = "A..B|auto",
        default_value = "auto",
        allow_hyphen_values = true
    )]
    epochs: EpochsWord,
}

impl WindowArgs {
    /// What was asked for; `None` for the default rule.
    pub(crate) fn epochs(&self) -> Option<EpochRange> {
        self.epochs.0
    }
}

#[derive(Debug, Clone, Copy)]
struct EpochsWord(Option<EpochRange>);

impl FromStr for EpochsWord {
    type Err = EpochRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self(None)),
            range => range.parse().map(Some).map(Self),
        }
    }
}

/// What makes a verdict.
#[derive(Debug, Args)]
pub(crate) struct VerdictArgs {
    #[command(flatten)]
    rule: Checked<ChosenRule>,

    #[command(flatten)]
    pub(crate) window: WindowArgs,

    #[command(flatten)]
    pub(crate) protocol: ProtocolArgs,
}

/// The rules on which the paper and the code of its authors differ.
#[derive(Debug, Args)]
#[command(next_help_heading = "Protocol")]
pub(crate) struct ProtocolArgs {
    /// The rules of the paper (Pleiss et al., NeurIPS 2020), or those of its authors' code
    #[arg(long, value_enum, default_value_t = Preset::AuthorsCode)]
    protocol: Preset,

    /// Whether an AUM is flagged below the percentile's rank, or at or below the interpolated
    /// percentile [default: as the protocol]
    #[arg(long, value_enum, value_name = "RULE")]
    cut: Option<CutWord>,

    /// Whether --epochs auto begins with the first epoch [default: as the protocol]
    #[arg(long, value_enum, value_name = "RULE")]
    first_epoch: Option<FirstEpochWord>,

    /// Whether every pass that judges a sample must flag it, or any one may [default: as the
    /// protocol]
    #[arg(long, value_enum, value_name = "RULE")]
    joined_by: Option<JoinWord>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Preset {
    /// At or below the percentile, first epoch counted, flagged by any pass
    Paper,
    /// Below the percentile's rank, first epoch left out, flagged by every judging pass
    AuthorsCode,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CutWord {
    /// Below the k-th largest of n threshold AUMs, k = floor(n (1 − P / 100)) + 1
    Rank,
    /// At or below the percentile, interpolated between ranks
    Percentile,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FirstEpochWord {
    /// From epoch 2: epoch 1 shows the random initialisation
    LeftOut,
    /// From epoch 1
    Counted,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum JoinWord {
    /// Every pass that judges the sample flags it
    Every,
    /// At least one pass flags it
    Any,
}

impl ProtocolArgs {
    pub(crate) fn protocol(&self) -> Protocol {
        let preset = match self.protocol {
            Preset::Paper => Protocol::PAPER,
            Preset::AuthorsCode => Protocol::AUTHORS_CODE,
        };
        Protocol {
            cut: self.cut.map_or(preset.cut, |cut| match cut {
                CutWord::Rank => Cut::BelowRank,
                CutWord::Percentile => Cut::AtOrBelowPercentile,
            }),
            first_epoch: self
                .first_epoch
                .map_or(preset.first_epoch, |first| match first {
                    FirstEpochWord::LeftOut => FirstEpoch::LeftOut,
                    FirstEpochWord::Counted => FirstEpoch::Counted,
                }),
            join: self.joined_by.map_or(preset.join, |join| match join {
                JoinWord::Every => Join::Every,
                JoinWord::Any => Join::Any,
            }),
        }
    }
}

impl VerdictArgs {
    pub(crate) fn settings(&self) -> AumSettings {
        AumSettings {
            threshold: self.rule.0.0,
            epochs: self.window.epochs(),
            protocol: self.protocol.protocol(),
        }
    }
}

/// Where the results go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
#[command(group(ArgGroup::new("written").args(["output"]).multiple(true)))]
pub(crate) struct OutputArgs {
    /// Write the table of results to this file; its suffix chooses .csv, .parquet or .json
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<TableFile>,

    /// Replace the file to write where it is there already
    #[arg(long, requires = "written")]
    pub(crate) overwrite: bool,

    /// How to print the results
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(crate) format: OutputFormat,

    /// Leave out warnings, and what is said beside the results
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

impl OutputArgs {
    /// For a command whose results are files of another kind.
    pub(crate) fn none(quiet: bool) -> Self {
        Self {
            output: None,
            overwrite: false,
            format: OutputFormat::Table,
            quiet,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    Table,
    /// For programs: an array with an object per run
    Json,
    /// For spreadsheets: the table of results alone, as -o writes it
    Csv,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{AumArgs, Cli, Command};

    fn aum(words: &[&str]) -> AumArgs {
        let words = [&["analyzer", "aum", "logs"], words].concat();
        let Command::Aum(args) = Cli::try_parse_from(words).unwrap().command else {
            panic!("the command is aum")
        };
        args
    }

    #[test]
    fn auto_asks_for_the_default_window() {
        assert_eq!(aum(&["--epochs", "auto"]).verdict.settings().epochs, None);
        assert_eq!(aum(&[]).verdict.settings().epochs, None);
        let range = aum(&["--epochs", "..9"]).verdict.settings().epochs;
        assert_eq!(range.map(|range| range.to_string()), Some("..9".to_owned()));
    }

    #[test]
    fn a_rule_given_alone_changes_the_protocol_at_that_place() {
        let protocol = |words: &[&str]| aum(words).verdict.settings().protocol;
        assert_eq!(protocol(&[]), Protocol::AUTHORS_CODE);
        assert_eq!(protocol(&["--protocol", "paper"]), Protocol::PAPER);
        let words = ["--protocol", "paper", "--joined-by", "every"];
        let expected = Protocol {
            join: Join::Every,
            ..Protocol::PAPER
        };
        assert_eq!(protocol(&words), expected);
        let words = [
            "--cut",
            "percentile",
            "--first-epoch",
            "counted",
            "--joined-by",
            "any",
        ];
        assert_eq!(protocol(&words), Protocol::PAPER);
    }

    #[test]
    fn runs_and_passes_can_be_given_several_times() {
        let words = ["--run", "a", "--run", "b", "--pass", "2"];
        let selection = aum(&words).logs.selection();
        assert_eq!(selection.runs, ["a", "b"]);
        assert_eq!(selection.passes, [2]);
    }
}
