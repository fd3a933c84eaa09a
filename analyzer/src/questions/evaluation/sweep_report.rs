//! What each percentile of the threshold samples says, as a report: what each flags (with the thresholds of all
//! passes and their intervals, which the text for people has in the second table), and how sure each
//! threshold is.

use crate::analysis::run_aums::RunAums;
use crate::analysis::settings_used::protocol_setting;
use crate::questions::evaluation::threshold_sweep::{SweepRow, best_f1, threshold_sweep};
use crate::results::findings::{Report, ReportTable, Subject};
use crate::results::tables::{ResultTable, Shown};
use crate::rules::percentile::Percentile;
use crate::rules::protocol::Protocol;

/// What these percentiles say of a run.
pub fn sweep_report(run: RunAums, percentiles: &[Percentile], protocol: Protocol) -> Report {
    let rows = threshold_sweep(&run, percentiles, protocol);
    let (sweep, stability) = (sweep_table(&run, &rows), stability_table(&run, &rows));
    let mut used = run.settings;
    used.push(protocol_setting(protocol));
    let mut notes = Vec::new();
    if rows.iter().all(|row| row.flagged.is_none()) {
        notes.push("there are no threshold samples, so no percentile of them: record with threshold samples".to_owned());
    }
    if let Some(best) = best_f1(&rows) {
        notes.push(format!(
            "the best F1 is that of percentile {}, which the true labels picked: that is for analysis, not for choosing a percentile",
            rows[best].percentile
        ));
    }
    Report {
        subject: Subject::Run(run.run),
        settings: used,
        tables: vec![
            ReportTable::new("percentiles", "What each percentile flags:", sweep),
            ReportTable::new(
                "stability",
                "How sure each threshold is (95 % bootstrap interval; how far passes lie apart):",
                stability,
            ),
        ],
        notes,
        class_names: run.class_names,
    }
}
pub(crate) fn sweep_table(run: &RunAums, all: &[SweepRow]) -> ResultTable {
    let rows = || all.iter();
    let percents = rows().map(|row| row.percentile.percent());
    let mut table = ResultTable::new().floats("percentile", "Percentile", percents, Shown::Plain);
    for (at, pass) in run.passes.iter().enumerate() {
        let name = format!("threshold_p{}", pass.pass);
        let heading = format!("AUM threshold {}", pass.pass);
        table = table
            .logits(&name, &heading, rows().map(|row| row.thresholds[at]))
            .interval(
                &name,
                "",
                Shown::Logits,
                rows().map(|row| row.intervals[at]),
            );
    }
    table = table
        .logits("threshold_spread", "", rows().map(SweepRow::spread))
        .counts("flagged", "Flagged", rows().map(|row| row.flagged))
        .shares(
            "flagged_share",
            "Share",
            rows().map(SweepRow::flagged_share),
        );
    let best = best_f1(all);
    if best.is_none() {
        return table;
    }
    table
        .ratios(
            "precision",
            "Precision",
            rows().map(|row| row.evaluation.precision()),
        )
        .ratios(
            "recall",
            "Recall",
            rows().map(|row| row.evaluation.recall()),
        )
        .ratios("f1", "F1", rows().map(|row| row.evaluation.f1()))
        .marks("best_f1", "Best", (0..all.len()).map(|at| Some(at) == best))
}

fn stability_table(run: &RunAums, rows: &[SweepRow]) -> ResultTable {
    let cells = || {
        rows.iter()
            .flat_map(|row| (0..run.passes.len()).map(move |pass| (row, pass)))
    };
    let percents = cells().map(|(row, _)| row.percentile.percent());
    let thresholds = cells().map(|(row, pass)| row.thresholds[pass]);
    let intervals = cells().map(|(row, pass)| row.intervals[pass]);
    ResultTable::new()
        .floats("percentile", "Percentile", percents, Shown::Plain)
        .numbers(
            "pass",
            "Pass",
            cells().map(|(_, pass)| run.passes[pass].pass),
        )
        .logits("threshold", "AUM threshold", thresholds)
        .interval("", "95 % from", Shown::Logits, intervals)
        .logits(
            "spread",
            "Between passes",
            cells().map(|(row, _)| row.spread()),
        )
}
