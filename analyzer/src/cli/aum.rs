//! The words of `analyzer aum`.

use clap::Args;

use super::shared::{LogArgs, MemoryArgs, OutputArgs, VerdictArgs};

const EXAMPLES: &str = "\
Examples:
  Flag the suspicious samples of every run in logs/, and see the 20 worst:
    analyzer aum logs --bottom 20

  Write all AUMs and verdicts of one run to a table, flagging fewer samples and leaving out the
  last epochs:
    analyzer aum logs --run my-run --percentile 98 --epochs 2..15 -o aum.csv";

/// Compute every sample's AUM, the AUM threshold and the flagged samples.
///
/// A sample's AUM is the mean, over the epochs, of the logit of its label minus the largest other
/// logit. A low one says that the network, led by similar samples, keeps preferring another class.
/// The threshold is a high percentile of the AUMs of the threshold samples, which were given a
/// label that does not exist; samples below it are flagged. With known true labels, precision,
/// recall and F1 of the flagged samples are shown.
///
/// The table of -o, and of --format csv, has a row per sample.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AumArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    /// How many of the samples with the lowest AUMs to list
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) bottom: usize,

    /// Add a table with a row for each given class
    #[arg(long)]
    pub(crate) per_class: bool,

    #[command(flatten)]
    pub(crate) memory: MemoryArgs,

    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
