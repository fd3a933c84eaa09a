//! The words of `analyzer scores`.

use clap::Args;

use super::shared::{LogArgs, OutputArgs, WindowArgs};

const EXAMPLES: &str = "\
Examples:
  How well the AUM and other statistics tell mislabeled samples apart, where the truth is known:
    analyzer scores logs

  Write all scores of all samples, over every recorded epoch:
    analyzer scores logs --epochs .. -o scores.parquet";

/// Compute the statistics that others use to find mislabeled samples, beside the AUM.
///
/// From the margins: the last margin; correctness, the share of epochs in which the given label has
/// the largest logit (data maps, Swayamdipta et al. 2020); forgetting events, how often a sample goes
/// from right to wrong, with one that is never right counted in every epoch (Toneva et al. 2019).
/// From the logits: confidence and variability, mean and standard deviation of the given label's
/// probability (Swayamdipta et al. 2020); EL2N, the mean length of the error vector (Paul et al.
/// 2021, there at one early epoch); the mean loss. All over the epochs that count and the passes in
/// which a sample is no threshold sample; probabilities are over all outputs, the extra class
/// included, as in training.
///
/// AUROC is the probability that a mislabeled sample is more suspicious than one that is not.
///
/// The table of -o, and of --format csv, has a row per sample.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ScoresArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    #[command(flatten)]
    pub(crate) window: WindowArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
