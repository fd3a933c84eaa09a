//! `analyzer thresholds`: what each percentile would flag, and how sure its threshold is.

use analyzer::{
    AumSettings, Report, ReportTable, RunAums, Subject, best_f1, log_files, protocol_setting,
    sweep_tables, threshold_sweep,
};

use crate::cli::ThresholdsArgs;

use super::input;
use super::output::Sink;

pub(crate) fn run(args: &ThresholdsArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs.logs)?;
    let sink = Sink::open(&args.output, &files)?;
    let keep = args.memory.keep(args.window.epochs());
    let logs = input::read_keeping(keep, &args.logs, &files, &sink)?;
    let settings = AumSettings {
        epochs: args.window.epochs(),
        protocol: args.protocol.protocol(),
        ..AumSettings::default()
    };
    let mut reports = Vec::new();
    for run in input::aums(&logs, &settings, &sink)? {
        reports.push(report(run, args, &settings));
    }
    sink.reports(&reports)
}

fn report(run: RunAums, args: &ThresholdsArgs, settings: &AumSettings) -> Report {
    let rows = threshold_sweep(&run, &args.percentiles, settings.protocol);
    let [sweep, stability] = sweep_tables(&run, &rows);
    let mut used = run.settings;
    used.push(protocol_setting(settings.protocol));
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
            ReportTable {
                name: "percentiles",
                caption: "What each percentile flags:".to_owned(),
                table: sweep,
            },
            ReportTable {
                name: "stability",
                caption: "How sure each threshold is (95 % bootstrap interval; how far passes lie apart):"
                    .to_owned(),
                table: stability,
            },
        ],
        notes,
        class_names: run.class_names,
    }
}
