//! How sure a measured share or score is: intervals for what was counted once.

pub(crate) mod bootstrap;
pub(crate) mod interval;
