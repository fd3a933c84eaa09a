//! `analyzer aum`: find the logs, read them, analyze run by run, say what was found.

use analyzer::{
    AumTable, ResultTable, RunAnalysis, RunLog, RunSummary, log_files, render_summaries,
};

use super::input;
use super::output::Sink;
use crate::cli::AumArgs;

pub(crate) fn run(args: &AumArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs.logs)?;
    let sink = Sink::open(&args.output, &files)?;
    let logs = input::read(&args.logs, &files, &sink)?;
    let settings = args.verdict.settings();
    let analyses = input::analyzed(&logs, &settings, &sink)?;
    let summaries: Vec<RunSummary> = analyses
        .iter()
        .map(|(log, analysis)| RunSummary::new(log, analysis, &settings, args.bottom))
        .collect();
    let text = || render_summaries(&summaries);
    sink.results(text, &summaries, || table(&analyses))
}

fn table(analyses: &[(&RunLog, RunAnalysis)]) -> ResultTable {
    let analyses: Vec<(&RunLog, &RunAnalysis)> =
        analyses.iter().map(|(log, found)| (*log, found)).collect();
    AumTable::new(&analyses).into_results()
}
