//! What makes a result doubtful, and what to do about it: warnings that save a day of looking for the
//! reason.

pub(crate) mod classes;
pub(crate) mod flagged;
pub(crate) mod flagged_classes;
pub(crate) mod learning;
pub(crate) mod passes;
pub(crate) mod warnings;
