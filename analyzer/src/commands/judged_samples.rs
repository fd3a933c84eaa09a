//! The table of a run's judged samples as it begins in every command that writes one: which sample, the
//! label that it carries, and the true one.

use analyzer::{Cells, ResultTable, RunAnalysis, RunLog};

/// A row per judged sample, the lowest AUM first.
pub(crate) fn judged_samples(log: &RunLog, analysis: &RunAnalysis) -> ResultTable {
    let samples = || analysis.ranking().iter().copied();
    let ids = samples().filter_map(|sample| log.sample_ids.get(sample));
    ResultTable::new()
        .with("sample_id", "Sample", Cells::ids(ids))
        .with(
            "given_label",
            "Given label",
            Cells::classes(samples().map(|sample| log.given_labels[sample])),
        )
        .with(
            "true_label",
            "True label",
            Cells::classes(samples().map(|sample| log.true_labels[sample])),
        )
}
