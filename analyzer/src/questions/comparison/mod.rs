//! Do runs, or the passes of a run, agree?

pub(crate) mod agreement;
pub(crate) mod correlation;
pub(crate) mod report;
