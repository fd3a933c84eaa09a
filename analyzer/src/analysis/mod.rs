//! The rules on a log: from a run and settings to its AUMs, thresholds and verdicts.

pub(crate) mod aum_table;
pub(crate) mod combined;
pub(crate) mod judgement;
pub(crate) mod notes;
pub(crate) mod pass_aums;
pub(crate) mod protocol_difference;
pub(crate) mod run_analysis;
pub(crate) mod run_aums;
pub(crate) mod settings;
pub(crate) mod settings_used;
