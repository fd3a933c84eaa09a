//! What a user may give to get further, as notes and warnings call it. The library knows no command line: the
//! program says by which of its options each of them is given.

/// In place of the true labels of the log, or where it has none.
pub(crate) const TRUE_LABELS: &str = "a file of true labels";
/// In place of one that is taken from threshold samples.
pub(crate) const A_THRESHOLD: &str = "an AUM as the threshold";
/// In place of all passes.
pub(crate) const OTHER_PASSES: &str = "the other passes";
/// In place of the default window.
pub(crate) const EPOCHS: &str = "a range of epochs";
