//! Which rule sets the AUM threshold of a pass.

use crate::rules::held_out::confident_learning::Pruning;
use crate::rules::percentile::Percentile;

/// Where the AUM threshold comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ThresholdRule {
    /// In each pass, this percentile of the threshold samples' AUMs.
    Percentile(Percentile),
    /// This AUM, in logit units, in every pass.
    Given(f64),
    /// In each pass, the AUM below which a sample is mislabeled with a probability of
    /// [`FLAGGED_FROM`](crate::rules::mixture::FLAGGED_FROM) or more, as [`estimate`](crate::questions::estimate::estimate()) has it.
    Posterior,
    /// Not by the AUM alone: see [`HeldOutVerdict`](crate::rules::held_out::verdict::HeldOutVerdict).
    Combined,
    /// Not by the AUM at all, but by confident learning on held-out probabilities.
    ConfidentLearning(Pruning),
}

impl ThresholdRule {
    /// Its name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Percentile(_) => "percentile",
            Self::Given(_) => "given",
            Self::Posterior => "posterior",
            Self::Combined => "combined",
            Self::ConfidentLearning(Pruning::ByNoiseRate) => "prune_by_noise_rate",
            Self::ConfidentLearning(Pruning::ByClass) => "prune_by_class",
            Self::ConfidentLearning(Pruning::ByBoth) => "prune_by_both",
        }
    }

    /// Whether it rests on the held-out logits beside the log.
    pub fn needs_held_out(self) -> bool {
        self.ranks_by().is_some()
    }

    /// What samples are ranked by under it, where that is not the AUM alone.
    pub fn ranks_by(self) -> Option<&'static str> {
        match self {
            Self::Percentile(_) | Self::Given(_) | Self::Posterior => None,
            Self::Combined => Some("AUM and held-out evidence together"),
            Self::ConfidentLearning(_) => Some("held-out margin"),
        }
    }
}

impl Default for ThresholdRule {
    fn default() -> Self {
        ThresholdRule::Percentile(Percentile::default())
    }
}
