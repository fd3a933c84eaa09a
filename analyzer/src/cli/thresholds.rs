//! The words of `analyzer thresholds`.

use analyzer::Percentile;
use clap::Args;

use super::shared::{LogArgs, MemoryArgs, OutputArgs, ProtocolArgs, WindowArgs};

const EXAMPLES: &str = "\
Examples:
  See what every percentile from 90 to 100 would flag, in every run in logs/:
    analyzer thresholds logs

  A finer look at one run, for a spreadsheet:
    analyzer thresholds logs --run my-run --percentiles 97,98,99,99.5,99.9 -o sweep.csv";

/// Compare percentiles: thresholds, flagged shares and, with known labels, precision and recall.
///
/// For each percentile of the threshold samples' AUMs: the AUM threshold of each pass, how many
/// samples are flagged and, where true labels are known, precision, recall and F1, with the best F1
/// marked. How sure a threshold is, two things tell: how far it moves between passes, and its 95 %
/// interval (bootstrap over the threshold samples, up to 1,000 resamples of a fixed stream).
///
/// A percentile that was picked by its F1 was picked by looking at the truth: that is for analysis,
/// and says nothing about how well it would do elsewhere.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ThresholdsArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    /// Percentiles to compare, in percent, with commas between them
    #[arg(
        long,
        value_name = "P,P,…",
        value_delimiter = ',',
        default_value = "90,91,92,93,94,95,96,97,98,99,100"
    )]
    pub(crate) percentiles: Vec<Percentile>,

    #[command(flatten)]
    pub(crate) window: WindowArgs,

    #[command(flatten)]
    pub(crate) memory: MemoryArgs,

    #[command(flatten)]
    pub(crate) protocol: ProtocolArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
