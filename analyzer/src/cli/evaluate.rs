//! The words of `analyzer evaluate`.

use clap::{Args, ValueEnum};

use super::shared::{LogArgs, MemoryArgs, OutputArgs, VerdictArgs};

const EXAMPLES: &str = "\
Examples:
  How good are the verdicts on a run whose true labels are in the log?
    analyzer evaluate logs --run my-run

  How good are they class by class, for a spreadsheet?
    analyzer evaluate logs --run my-run --table classes -o by-class.csv

  Does AUM rank better than the statistics that others use?
    analyzer evaluate logs --run my-run --scores

  How good are they on the samples that experts have labelled again since?
    analyzer evaluate logs --true-labels experts.csv";

/// Measure how well AUM finds the mislabeled samples, where true labels are known.
///
/// Precision, recall and F1 of the flagged samples; AUROC, average precision and precision among
/// the samples with the lowest AUMs, which depend on no threshold; each with a 95 % interval:
/// Wilson's for shares, a bootstrap over the samples (up to 1,000 resamples of a fixed stream) for
/// F1, AUROC and average precision. Ties count as in scikit-learn. Then the same by given class, and
/// the recall for each pair of a true and a given class.
///
/// True labels are those of the logs, or those of the file of --true-labels. Samples that no pass judges,
/// and those without a known true label, are left out and counted.
///
/// --scores adds how well the statistics that others use rank the same samples (analyzer scores --help says
/// what they are). It is no default, since it reads the logits of every epoch: of 50,000 samples with 100
/// logits in 150 epochs that takes 10 s on two cores, and the rest 0.2 s.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    /// Numbers of samples for precision at k, with commas between them
    #[arg(
        long,
        value_name = "K,K,…",
        value_delimiter = ',',
        default_value = "10,100,1000"
    )]
    pub(crate) at: Vec<usize>,

    /// How many pairs of true and given class to list, the most frequent first
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) pairs: usize,

    /// Rank by the statistics that others use, too: AUROC, average precision, and precision among as many
    /// samples as are mislabeled
    #[arg(long, conflicts_with = "low_memory")]
    pub(crate) scores: bool,

    /// Which table -o and --format csv have
    #[arg(
        long,
        value_enum,
        default_value_t = EvaluationTable::Metrics,
        requires_if("scores", "scores")
    )]
    pub(crate) table: EvaluationTable,

    #[command(flatten)]
    pub(crate) memory: MemoryArgs,

    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvaluationTable {
    /// The measures of all samples
    Metrics,
    /// A row per given class
    Classes,
    /// A row per pair of a true and another given class
    Pairs,
    /// A row per score, with --scores
    Scores,
}
