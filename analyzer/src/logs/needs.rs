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

/// What a command needs of what lies beside a log, in the folder of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BesideNeeds {
    /// Of the table of its samples.
    pub sample_table: TableNeeds,
    /// Whether it needs held-out logits; where not, they are only seen to be there.
    pub held_out: bool,
}

impl BesideNeeds {
    /// Every byte of it.
    pub const EVERYTHING: Self = Self {
        sample_table: TableNeeds::Everything,
        held_out: true,
    };
}

/// What is needed of a sample table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TableNeeds {
    /// Nothing.
    #[default]
    Nothing,
    /// Where each sample came from, without its picture.
    Origins,
    /// All of it.
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
