//! How a run is analyzed: what a user chooses.

use crate::rules::protocol::Protocol;
use crate::rules::threshold_rule::ThresholdRule;
use crate::rules::window::EpochRange;

/// How a run is analyzed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AumSettings {
    /// Where the AUM threshold comes from.
    pub threshold: ThresholdRule,
    /// The epochs that count; `None` for the default window.
    pub epochs: Option<EpochRange>,
    /// The rules on which the paper and its authors' code differ.
    pub protocol: Protocol,
}
