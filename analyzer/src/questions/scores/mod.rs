//! The statistics that others use to find mislabeled samples, from the same logs as the AUM: what
//! each is, and in which direction it signals a mislabeled sample.
//!
//! All are taken over the epochs of the window, in each pass that judges the sample (where it is
//! ordinary), and averaged over these passes, as the AUM is. Probabilities are the softmax over all
//! outputs, the extra class of the threshold samples included, because that is what the network is
//! trained with and what the margin is taken over. Sums are f64, added up in the order of the epochs.

pub(crate) mod combined;
pub(crate) mod from_logits;
pub(crate) mod from_margins;

/// One of the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Score {
    /// The mean margin: Pleiss et al., NeurIPS 2020. Low for mislabeled samples.
    Aum,
    /// The margin in the last epoch of the window. Low for mislabeled samples.
    LastMargin,
    /// The share of the epochs in which the given label has the largest logit, 0 to 1: Swayamdipta et
    /// al., *Dataset Cartography*, EMNLP 2020. Low for mislabeled samples.
    Correctness,
    /// How many times a sample goes from right in one epoch to wrong in the next; one that is never
    /// right counts as forgotten in every epoch: Toneva et al., ICLR 2019. High for mislabeled
    /// samples.
    ForgettingEvents,
    /// The mean probability of the given label, 0 to 1: Swayamdipta et al. 2020. Low for mislabeled
    /// samples.
    Confidence,
    /// The standard deviation of this probability over the epochs, 0 to 0.5: Swayamdipta et al. 2020.
    /// Mislabeled samples lie where it is low and confidence is low too; clean easy ones have a low
    /// one as well, so that alone it is a weak sign.
    Variability,
    /// The mean distance between the probabilities and the given label as a vector of 0 and one 1,
    /// 0 to √2: Paul et al., NeurIPS 2021 (there at one early epoch, over several networks). High for
    /// mislabeled samples.
    El2n,
    /// The mean cross-entropy of the given label, in nats. High for mislabeled samples.
    MeanLoss,
}

impl Score {
    /// Its name in files and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Score::Aum => "aum",
            Score::LastMargin => "last_margin",
            Score::Correctness => "correctness",
            Score::ForgettingEvents => "forgetting_events",
            Score::Confidence => "confidence",
            Score::Variability => "variability",
            Score::El2n => "el2n",
            Score::MeanLoss => "mean_loss",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Score::Aum => "AUM",
            Score::LastMargin => "Last margin",
            Score::Correctness => "Correctness",
            Score::ForgettingEvents => "Forgetting events",
            Score::Confidence => "Confidence",
            Score::Variability => "Variability",
            Score::El2n => "EL2N",
            Score::MeanLoss => "Mean loss",
        }
    }

    /// Whether a low value is the sign of a mislabeled sample, rather than a high one.
    pub fn is_low_for_mislabeled(self) -> bool {
        match self {
            Score::Aum | Score::LastMargin | Score::Correctness => true,
            Score::Confidence | Score::Variability => true,
            Score::ForgettingEvents | Score::El2n | Score::MeanLoss => false,
        }
    }
}
