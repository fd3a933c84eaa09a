//! Which samples an export has, and what it is written to.

/// What a format is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// One file, whose name ends so.
    File(&'static str),
    /// Files with names of their own, in a folder.
    Folder,
}

/// Some of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that are flagged, the lowest AUM first.
    Flagged,
    /// Those that are not, in the order of the log.
    Unflagged,
}
