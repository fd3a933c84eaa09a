//! Which runs there are, as a report with a row per run: enough to choose one by its name.

use crate::logs::configuration::logged_dataset;
use crate::logs::run_list::ListedRun;
use crate::results::findings::{Report, ReportTable, Subject};
use crate::results::tables::ResultTable;
use crate::results::text::grouped;

/// A row per run: its data, samples, classes, passes, epochs, and for how many samples the truth is known.
pub fn run_list_report(runs: &[ListedRun]) -> Report {
    let rows = runs.iter().map(|run| (run.log.run.as_deref(), row(run)));
    let heading = match runs.len() {
        1 => "1 run".to_owned(),
        count => format!("{} runs", grouped(count)),
    };
    Report {
        subject: Subject::Other(heading),
        settings: Vec::new(),
        tables: vec![ReportTable::new("runs", "", ResultTable::of_named(rows))],
        notes: Vec::new(),
        class_names: Vec::new(),
    }
}

fn row(run: &ListedRun) -> ResultTable {
    let log = &run.log;
    let data = logged_dataset(&log.configuration).unwrap_or_default();
    let end = |epoch: Option<&u32>| [epoch.map(|&epoch| epoch as usize)];
    let known = log.true_labels.iter().flatten().count();
    ResultTable::new()
        .texts("data", "Data", [data])
        .counts("samples", "Samples", [log.sample_count()])
        .counts("classes", "Classes", [log.class_count()])
        .counts("passes", "Passes", [log.passes.len()])
        .counts("first_epoch", "First epoch", end(run.epochs.first()))
        .counts("last_epoch", "Last epoch", end(run.epochs.last()))
        .counts("true_labels", "True labels", [known])
        .counts("files", "Files", [run.files])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn a_run_is_a_row_and_what_its_log_does_not_tell_is_empty() {
        let mut table = two_passes();
        table.run = None;
        table.passes.iter_mut().for_each(|pass| pass.epochs.clear());
        let mut log = two_passes();
        log.configuration = json!({"data": {"dataset": "digits"}});
        let runs = [(table, vec![]), (log, vec![1, 2, 3])];
        let runs = runs.map(|(log, epochs)| ListedRun {
            epochs: BTreeSet::from_iter(epochs),
            files: log.file_count,
            log,
        });
        let report = run_list_report(&runs);
        let expected = json!([
            {"run": null, "data": "", "samples": 4, "classes": null, "passes": 2,
             "first_epoch": null, "last_epoch": null, "true_labels": 3, "files": 6},
            {"run": "two-passes", "data": "digits", "samples": 4, "classes": 2, "passes": 2,
             "first_epoch": 1, "last_epoch": 3, "true_labels": 3, "files": 6},
        ]);
        assert_eq!(serde_json::to_value(&report).unwrap()["runs"], expected);
        assert!(
            report.render().starts_with("2 runs\n"),
            "{}",
            report.render()
        );
    }
}
