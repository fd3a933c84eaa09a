//! How a run is analyzed: what a user chooses.

use crate::logs::read_settings::Keep;
use crate::rules::protocol::Protocol;
use crate::rules::threshold_rule::ThresholdRule;
use crate::rules::window::EpochRange;

/// How a run is analyzed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AumSettings {
    /// Where the AUM threshold comes from.
    pub threshold: ThresholdRule,
    /// Whether the threshold of a pass is lower for rare given classes, by ln(n / mean n) for one of n samples, fewer
    /// than classes have on average; of [`ThresholdRule::Percentile`] alone.
    pub by_class: bool,
    /// The epochs that count; `None` for the default window.
    pub epochs: Option<EpochRange>,
    /// Whether the window ends, before that of `epochs` does, with the epoch after which most held-out samples had
    /// their given labels: from there on a network memorises. Needs a run that held out folds.
    pub until_best: bool,
    /// The rules on which the paper and its authors' code differ.
    pub protocol: Protocol,
}

impl AumSettings {
    /// Whether thresholds are by class.
    pub(crate) fn moves_thresholds(&self) -> bool {
        self.by_class && matches!(self.threshold, ThresholdRule::Percentile(_))
    }

    /// The least that must be kept of the margins.
    pub fn kept(&self) -> Keep {
        match self.until_best {
            // Which epochs count is known once all are read.
            true => Keep::Margins,
            false => Keep::Sums(self.epochs),
        }
    }
}
