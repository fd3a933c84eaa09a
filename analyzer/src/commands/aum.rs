//! `analyzer aum`: find the logs, read them, analyze run by run, say what was found.

use analyzer::{
    AumTable, ResultTable, RunAnalysis, RunLog, RunSummary, log_files, protocol_differences,
    render_summaries, results_by_class,
};

use crate::cli::AumArgs;

use super::input;
use super::output::Sink;

pub(crate) fn run(args: &AumArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs.logs)?;
    let sink = Sink::open(&args.output, &files)?;
    let keep = args.memory.keep(args.verdict.settings().epochs);
    let logs = input::read_keeping(keep, &args.logs, &files, &sink)?;
    let settings = args.verdict.settings();
    let analyses = input::analyzed(&logs, &settings, &sink)?;
    let mut summaries = Vec::new();
    for (log, analysis) in &analyses {
        let mut summary = RunSummary::new(log, analysis, &settings, args.bottom);
        summary.other_protocols = protocol_differences(log, &analysis.verdicts, &settings)?;
        summary.by_class = args
            .per_class
            .then(|| results_by_class(&log.given_labels, &log.true_labels, &analysis.verdicts));
        summaries.push(summary);
    }
    let text = || render_summaries(&summaries);
    sink.results(text, &summaries, || table(&analyses))
}

fn table(analyses: &[(&RunLog, RunAnalysis)]) -> ResultTable {
    let analyses: Vec<(&RunLog, &RunAnalysis)> =
        analyses.iter().map(|(log, found)| (*log, found)).collect();
    AumTable::new(&analyses).into_results()
}
