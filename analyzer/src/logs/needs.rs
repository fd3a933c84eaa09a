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
