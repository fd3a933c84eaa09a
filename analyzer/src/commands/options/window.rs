//! Which epochs count.

use std::str::FromStr;

use analyzer::{EpochRange, EpochRangeError};
use clap::Args;

/// Which epochs count.
#[derive(Debug, Args)]
pub(crate) struct WindowArgs {
    /// The epochs that count, both included, such as 2..20, 5.. or ..20; auto takes those from the
    /// second to the last before the learning rate first drops, as the log says
    #[arg(
        long,
        value_name = "A..B|auto",
        default_value = "auto",
        allow_hyphen_values = true
    )]
    epochs: EpochsWord,
}

impl WindowArgs {
    /// What was asked for; `None` for the default rule.
    pub(crate) fn epochs(&self) -> Option<EpochRange> {
        self.epochs.0
    }
}

#[derive(Debug, Clone, Copy)]
struct EpochsWord(Option<EpochRange>);

impl FromStr for EpochsWord {
    type Err = EpochRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self(None)),
            range => range.parse().map(Some).map(Self),
        }
    }
}
