//! The words of `analyzer compare`.

use clap::Args;

use super::shared::{LogArgs, MemoryArgs, OutputArgs, VerdictArgs};

const EXAMPLES: &str = "\
Examples:
  How far three seeds agree on which samples are suspicious:
    analyzer compare logs --run seed0 --run seed1 --run seed2

  Compare the passes of one run, and write the correlations to a file:
    analyzer compare logs --run my-run --by pass -o agreement.csv";

/// Compare the AUM rankings of runs (networks, seeds) or of the passes of a run.
///
/// For each pair: Spearman's and Kendall's (τ-b) correlation of the AUMs, how many samples each
/// flags and both flag, the overlap of the flagged sets (both of either: Jaccard), and the samples
/// whose ranks differ most. Compared are samples that both judge and that carry the same given
/// label in both; the others are counted. Runs that find the same samples with other weights and
/// other threshold samples are a sign that the result does not hang on chance.
///
/// The table of -o, and of --format csv, has a row per pair.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    /// What to compare [default: the runs, or the passes where there is one run]
    #[arg(long, value_enum)]
    pub(crate) by: Option<CompareBy>,

    /// How many of the samples with the largest difference of ranks to list for each pair
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) disagreements: usize,

    #[command(flatten)]
    pub(crate) memory: MemoryArgs,

    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CompareBy {
    /// The runs, each over all its passes
    Run,
    /// The passes of all runs, each by itself
    Pass,
}
