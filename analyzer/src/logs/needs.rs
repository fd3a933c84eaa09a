//! How much of a log a command needs, so that no more is copied.

use logformat::WantedColumns;

/// What a command needs of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogNeeds {
    /// Labels, margins and these.
    Columns(WantedColumns),
    /// Every byte of them.
    Everything,
}

/// What is needed of each row beside its labels; each has what stands before it, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum RowParts {
    /// The margin.
    #[default]
    Margins,
    /// The class that the network prefers.
    RivalLabels,
    /// The logits.
    Logits,
}

impl RowParts {
    /// The columns, with the margins by the logits where asked for.
    pub fn columns(self, margins_from_logits: bool) -> WantedColumns {
        WantedColumns {
            rival_labels: self >= Self::RivalLabels,
            logits: self == Self::Logits,
            margins_from_logits,
        }
    }
}
