//! What is read of logs, and what is kept of it.

use logformat::Repeats;

use crate::rules::window::EpochRange;

/// How logs are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadSettings {
    /// Where margins come from.
    pub source: MarginSource,
    /// What is kept of them.
    pub keep: Keep,
    /// What counts of a sample that is there several times in an epoch. Of a mean of logits, the rival label
    /// is that of the first row.
    pub repeats: Repeats,
}

/// What is kept of the margins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// All: the curves of every sample.
    #[default]
    Margins,
    /// Sums, which are all that AUMs need: over the epochs asked for, else over the default windows of
    /// all protocols. Where the rows do not come in the order of their epochs, the margins are kept
    /// after all.
    Sums(Option<EpochRange>),
    /// Like `Sums`, but refusing where the margins would have to be kept.
    OnlySums(Option<EpochRange>),
}

impl Keep {
    /// The epochs asked for, where sums are kept.
    pub(crate) fn epochs(self) -> Option<EpochRange> {
        match self {
            Keep::Margins => None,
            Keep::Sums(epochs) | Keep::OnlySums(epochs) => epochs,
        }
    }
}

/// Where margins come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MarginSource {
    /// From the column of margins where there is one, else from the logits.
    #[default]
    Log,
    /// From the logits where there are any, even beside a column of margins.
    Logits,
}
