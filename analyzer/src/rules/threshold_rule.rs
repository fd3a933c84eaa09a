//! Which rule sets the AUM threshold of a pass.

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
    /// Not by the AUM alone: see [`CombinedVerdict`](crate::rules::held_out::combined::CombinedVerdict).
    Combined,
}

impl ThresholdRule {
    /// Its name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Percentile(_) => "percentile",
            Self::Given(_) => "given",
            Self::Posterior => "posterior",
            Self::Combined => "combined",
        }
    }
}

impl Default for ThresholdRule {
    fn default() -> Self {
        ThresholdRule::Percentile(Percentile::default())
    }
}
