//! The words of `analyzer confusions`.

use analyzer::TableFile;
use clap::Args;

use super::shared::{LogArgs, OutputArgs, VerdictArgs};

const EXAMPLES: &str = "\
Examples:
  Which classes are taken for which, with three samples of each to look at:
    analyzer confusions logs --examples 3

  Write a corrected label for each flagged sample of one run, for people to check:
    analyzer confusions logs --run my-run --suggest corrections.csv";

/// Count the systematic mistakes: flagged samples by given class and the class the network prefers.
///
/// In each epoch of the window in which a flagged sample's margin is negative, the network prefers
/// another class (the log's column rival_label, or from the logits). The class preferred most often,
/// over all passes that judge the sample, is suggested instead of the given label; its support is
/// the share of these epochs that prefer it. With known true labels, it is told how often the
/// suggestion is right.
///
/// The table of -o, and of --format csv, has a row per pair of classes; that of --suggest a row per
/// flagged sample.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ConfusionsArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    /// How many samples to name for each pair of classes, the lowest AUM first
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) examples: usize,

    /// Write the flagged samples with the suggested label and its support to this .csv, .parquet
    /// or .json file
    #[arg(long, value_name = "FILE", group = "written")]
    pub(crate) suggest: Option<TableFile>,

    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
