//! The rules on which the paper and the code of its authors differ: a preset, and each by itself.

use analyzer::{Cut, FirstEpoch, Join, Protocol};
use clap::Args;
use program::{Word, words};

const PRESETS: &[Word<Protocol>] = &[
    (
        "paper",
        Protocol::PAPER,
        "At or below the percentile, first epoch counted, flagged by any pass",
    ),
    (
        "authors-code",
        Protocol::AUTHORS_CODE,
        "Below the percentile's rank, first epoch left out, flagged by every judging pass",
    ),
];

const CUTS: &[Word<Cut>] = &[
    (
        "rank",
        Cut::BelowRank,
        "Below the k-th largest of n threshold AUMs, k = floor(n (1 − P / 100)) + 1",
    ),
    (
        "percentile",
        Cut::AtOrBelowPercentile,
        "At or below the percentile, interpolated between ranks",
    ),
];

const FIRST_EPOCHS: &[Word<FirstEpoch>] = &[
    (
        "left-out",
        FirstEpoch::LeftOut,
        "From epoch 2: epoch 1 shows the random initialisation",
    ),
    ("counted", FirstEpoch::Counted, "From epoch 1"),
];

const JOINS: &[Word<Join>] = &[
    (
        "every",
        Join::Every,
        "Every pass that judges the sample flags it",
    ),
    ("any", Join::Any, "At least one pass flags it"),
];

/// The rules on which the paper and the code of its authors differ.
#[derive(Debug, Args)]
#[command(next_help_heading = "Protocol")]
pub(crate) struct ProtocolArgs {
    /// The rules of the paper (Pleiss et al., NeurIPS 2020), or those of its authors' code
    #[arg(long, value_parser = words(PRESETS), default_value = "authors-code")]
    protocol: Protocol,

    /// Whether an AUM is flagged below the percentile's rank, or at or below the interpolated
    /// percentile [default: as the protocol]
    #[arg(long, value_parser = words(CUTS), value_name = "RULE")]
    cut: Option<Cut>,

    /// Whether --epochs auto begins with the first epoch [default: as the protocol]
    #[arg(long, value_parser = words(FIRST_EPOCHS), value_name = "RULE")]
    first_epoch: Option<FirstEpoch>,

    /// Whether every pass that judges a sample must flag it, or any one may [default: as the
    /// protocol]
    #[arg(long, value_parser = words(JOINS), value_name = "RULE")]
    joined_by: Option<Join>,
}

impl ProtocolArgs {
    pub(crate) fn protocol(&self) -> Protocol {
        let preset = self.protocol;
        Protocol {
            cut: self.cut.unwrap_or(preset.cut),
            first_epoch: self.first_epoch.unwrap_or(preset.first_epoch),
            join: self.joined_by.unwrap_or(preset.join),
        }
    }
}
