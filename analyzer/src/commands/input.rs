//! From the words of a command line to the runs that they mean, and to their analyses. The same for
//! every command.

use std::path::{Path, PathBuf};

use analyzer::{
    AnalyzerError, AumSettings, Keep, Logs, MarginSource, ReadSettings, RunAnalysis, RunAums,
    RunLog, ThresholdRule, TrueLabels, analyze, is_aum_table, read_aum_tables, read_runs_as,
    warnings,
};

use crate::cli::LogArgs;

use super::output::Sink;

/// The selected runs of `files`, with the true labels that were asked for, and a warning for what is odd
/// about the files.
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
    let mut logs = match files.first() {
        Some(first) if is_aum_table(first) => tables(keep, args, files, first)?,
        _ => {
            let source = args.margin_source();
            read_runs_as(files, ReadSettings { source, keep })?
        }
    };
    sink.warn(std::mem::take(&mut logs.warnings));
    logs.select(&args.selection())?;
    if let Some(path) = &args.true_labels {
        sink.spare(path)?;
        let labels = TrueLabels::read(path)?;
        for log in &mut logs.runs {
            labels.replace_those_of(log)?;
        }
    }
    Ok(logs)
}

/// AUM tables, for a command that needs no more.
fn tables(
    keep: Keep,
    args: &LogArgs,
    files: &[PathBuf],
    first: &Path,
) -> Result<Logs, AnalyzerError> {
    let path = first.to_owned();
    match (keep, args.margin_source()) {
        (Keep::Margins, _) => Err(AnalyzerError::NoCurves { path }),
        (_, MarginSource::Logits) => Err(AnalyzerError::NoLogits { path }),
        _ => read_aum_tables(files),
    }
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
