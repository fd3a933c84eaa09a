//! How a run is analyzed: what a user chooses.

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
    /// The rules on which the paper and its authors' code differ.
    pub protocol: Protocol,
}

impl AumSettings {
    /// Whether thresholds are by class.
    pub(crate) fn moves_thresholds(&self) -> bool {
        self.by_class && matches!(self.threshold, ThresholdRule::Percentile(_))
    }
}
