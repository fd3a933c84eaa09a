//! What was found in a run, in one screen.

pub(crate) mod run_summary;
pub(crate) mod text;
