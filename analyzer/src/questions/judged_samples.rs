//! The table of a run's judged samples as it begins for every question that has one: which sample, the
//! label that it carries, and the true one.

use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::run_log::RunLog;
use crate::results::tables::ResultTable;

/// A row per judged sample, the lowest AUM first.
pub(crate) fn judged_samples(log: &RunLog, analysis: &RunAnalysis) -> ResultTable {
    let samples = || analysis.ranking().iter().copied();
    ResultTable::new()
        .samples(log, samples())
        .classes(
            "given_label",
            "Given label",
            samples().map(|sample| log.given_labels[sample]),
        )
        .true_labels(&log.given_labels, &log.true_labels, samples())
}
