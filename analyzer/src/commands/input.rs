//! From the words of a command line to the runs that they mean, and to their analyses. The same for
//! every command.

use std::path::PathBuf;

use analyzer::{
    AumSettings, Keep, Logs, ReadSettings, RunAnalysis, RunAums, RunLog, ThresholdRule, analyze,
    read_runs_as, warnings,
};

use super::output::Sink;
use crate::cli::LogArgs;

/// The selected runs of `files`, with a warning for what is odd about them.
pub(crate) fn read(args: &LogArgs, files: &[PathBuf], sink: &Sink<'_>) -> anyhow::Result<Logs> {
    read_keeping(Keep::Margins, args, files, sink)
}

/// Likewise, for a command that may need less than all margins.
pub(crate) fn read_keeping(
    keep: Keep,
    args: &LogArgs,
    files: &[PathBuf],
    sink: &Sink<'_>,
) -> anyhow::Result<Logs> {
    let source = args.margin_source();
    let mut logs = read_runs_as(files, ReadSettings { source, keep })?;
    sink.warn(std::mem::take(&mut logs.warnings));
    logs.select(&args.selection())?;
    Ok(logs)
}

/// Each run with its analysis, and a warning for what makes it doubtful.
pub(crate) fn analyzed<'a>(
    logs: &'a Logs,
    settings: &AumSettings,
    sink: &Sink<'_>,
) -> anyhow::Result<Vec<(&'a RunLog, RunAnalysis)>> {
    sink.warn(percentile_warning(settings));
    let mut analyses = Vec::new();
    for log in &logs.runs {
        let analysis = analyze(log, settings)?;
        sink.warn(warnings(log, &analysis, settings));
        analyses.push((log, analysis));
    }
    Ok(analyses)
}

/// The AUMs of each run, and a warning for what makes verdicts on them doubtful.
pub(crate) fn aums(
    logs: &Logs,
    settings: &AumSettings,
    sink: &Sink<'_>,
) -> anyhow::Result<Vec<RunAums>> {
    let analyses = analyzed(logs, settings, sink)?;
    let runs = analyses
        .iter()
        .map(|(log, _)| RunAums::of_log(log, settings));
    Ok(runs.collect::<Result<_, _>>()?)
}

fn percentile_warning(settings: &AumSettings) -> Option<String> {
    match settings.threshold {
        ThresholdRule::Percentile(percentile) if percentile.looks_like_a_share() => Some(format!(
            "--percentile {percentile} is in percent, so nearly nothing is flagged; did you mean {}?",
            // Exact enough for a question: 0.99 becomes 99, not 99.00000000000001.
            (percentile.percent() * 1e4).round() / 100.0
        )),
        _ => None,
    }
}
