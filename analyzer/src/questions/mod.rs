//! What somebody asks of an analyzed run, one question each; the tables that answer are built here.

pub(crate) mod comparison;
pub(crate) mod confusions;
pub(crate) mod doubts;
pub(crate) mod estimate;
pub(crate) mod evaluation;
pub(crate) mod judged_samples;
pub(crate) mod query;
pub(crate) mod run_list_report;
pub(crate) mod scores;
pub(crate) mod soundness_report;
pub(crate) mod summary;
pub(crate) mod uncertainty;
