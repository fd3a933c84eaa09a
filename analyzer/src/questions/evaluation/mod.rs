//! How good are verdicts and rankings, where the truth is known?

pub(crate) mod by_label;
pub(crate) mod compared_scores;
pub(crate) mod evaluated_score;
pub(crate) mod precision_recall_curve;
pub(crate) mod report;
pub(crate) mod score_metrics;
pub(crate) mod sweep_report;
pub(crate) mod threshold_sweep;
