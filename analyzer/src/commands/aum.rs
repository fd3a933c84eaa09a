//! `analyzer aum`: find the logs, read them, analyze run by run, write the table, print the summary.

use std::io::Write;
use std::path::PathBuf;

use analyzer::{
    AumSettings, AumTable, RunAnalysis, RunLog, RunSummary, TableFile, ThresholdRule, analyze,
    log_files, read_runs, render_summaries, warnings,
};

use crate::cli::{AumArgs, SummaryFormat};

pub(crate) fn run(args: &AumArgs) -> anyhow::Result<()> {
    let settings = args.verdict.settings();
    let say = Say {
        quiet: args.output.quiet,
    };
    say.warnings(percentile_warning(&settings));
    let files = log_files(&args.logs.logs)?;
    if let Some(table) = &args.output.output {
        table.check(&files, args.output.overwrite)?;
    }
    let logs = read_runs(&files)?;
    say.warnings(logs.warnings);
    let mut analyses = Vec::new();
    for log in &logs.runs {
        let analysis = analyze(log, &settings)?;
        say.warnings(warnings(log, &analysis, &settings));
        analyses.push((log, analysis));
    }
    if let Some(table) = &args.output.output {
        write_table(table, args.output.overwrite, &analyses, &files, &say)?;
    }
    let summaries: Vec<RunSummary> = analyses
        .iter()
        .map(|(log, analysis)| RunSummary::new(log, analysis, &settings, args.bottom))
        .collect();
    print_summaries(&summaries, args.output.format)
}

/// Says what goes to stderr, unless asked to be quiet.
struct Say {
    quiet: bool,
}

impl Say {
    fn warnings(&self, warnings: impl IntoIterator<Item = String>) {
        if !self.quiet {
            for warning in warnings {
                program::warning(&warning);
            }
        }
    }
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

fn write_table(
    file: &TableFile,
    overwrite: bool,
    analyses: &[(&RunLog, RunAnalysis)],
    logs: &[PathBuf],
    say: &Say,
) -> anyhow::Result<()> {
    let analyses: Vec<(&RunLog, &RunAnalysis)> =
        analyses.iter().map(|(log, found)| (*log, found)).collect();
    let table = AumTable::new(&analyses);
    file.write(&table, overwrite)?;
    let path = file.path().display();
    if file.lies_among(logs) {
        say.warnings([format!(
            "{path}: lies among the logs, where the next look at the whole folder will refuse it; keep tables elsewhere"
        )]);
    }
    if !say.quiet {
        program::note(&format!("wrote {path} ({} rows)", table.len()));
    }
    Ok(())
}

fn print_summaries(summaries: &[RunSummary], format: SummaryFormat) -> anyhow::Result<()> {
    let text = match format {
        SummaryFormat::Table => render_summaries(summaries),
        SummaryFormat::Json => serde_json::to_string_pretty(summaries)? + "\n",
    };
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}
