//! `analyzer confusions`: the systematic mistakes, and a corrected label for each flagged sample.

use std::path::{PathBuf, absolute};

use analyzer::{
    AumSettings, Cells, Confusion, Report, ReportTable, ResultTable, RunAnalysis, RunLog, Subject,
    Suggestion, TableFile, confusions, log_files, notes, settings_used, suggestions,
};
use anyhow::bail;

use crate::cli::ConfusionsArgs;

use super::input;
use super::output::Sink;

pub(crate) fn run(args: &ConfusionsArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs.logs)?;
    let sink = Sink::open(&args.output, &files)?;
    if let Some(file) = &args.suggest {
        let read: Vec<PathBuf> = files
            .iter()
            .chain(&args.logs.true_labels)
            .cloned()
            .collect();
        file.check(&read, args.output.overwrite)?;
        check_apart(file, args.output.output.as_ref())?;
    }
    let logs = input::read(&args.logs, &files, &sink)?;
    let settings = args.verdict.settings();
    let analyses = input::analyzed(&logs, &settings, &sink)?;
    let runs: Vec<(&RunLog, &RunAnalysis)> =
        analyses.iter().map(|(log, found)| (*log, found)).collect();
    let found = suggestions(&files, &runs)?;
    if let Some(file) = &args.suggest {
        let tables: Vec<ResultTable> = runs
            .iter()
            .zip(&found)
            .map(|((log, analysis), found)| suggestion_table(log, analysis, found))
            .collect();
        let names = runs.iter().map(|(log, _)| log.run.as_deref());
        sink.write_to(file, &ResultTable::of_runs(names.zip(&tables)))?;
    }
    let reports: Vec<Report> = runs
        .iter()
        .zip(&found)
        .map(|((log, analysis), found)| report(log, analysis, &settings, found, args.examples))
        .collect();
    sink.reports(&reports)
}

/// Two tables in one file would leave only the later one.
fn check_apart(suggestions: &TableFile, confusions: Option<&TableFile>) -> anyhow::Result<()> {
    let path = suggestions.path();
    let place = absolute(path)?;
    if let Some(other) = confusions
        && absolute(other.path())? == place
    {
        bail!(
            "{}: is the file of both --suggest and -o; give one of them another name",
            path.display()
        );
    }
    Ok(())
}

fn report(
    log: &RunLog,
    analysis: &RunAnalysis,
    settings: &AumSettings,
    suggestions: &[Suggestion],
    examples: usize,
) -> Report {
    let confusions = confusions(log, analysis, suggestions);
    let table = confusion_table(log, &confusions, examples);
    Report {
        subject: Subject::Run(log.run.clone()),
        settings: settings_used(log, analysis.window, Some(settings)),
        tables: vec![
            ReportTable {
                name: "confusions",
                caption:
                    "The flagged samples, by given label and the class that the network prefers:"
                        .to_owned(),
                table,
            },
            ReportTable {
                name: "suggestions",
                caption: "All suggestions together:".to_owned(),
                table: total_table(&confusions),
            },
        ],
        notes: notes_on(log, analysis, suggestions),
        class_names: log.class_names.clone(),
    }
}

fn confusion_table(log: &RunLog, confusions: &[Confusion], examples: usize) -> ResultTable {
    let each = || confusions.iter();
    let mut table = ResultTable::new()
        .with(
            "given_label",
            "Given label",
            Cells::classes(each().map(|c| c.given_label)),
        )
        .with(
            "suggested_label",
            "Preferred",
            Cells::classes(each().map(|c| c.suggested_label)),
        )
        .with(
            "count",
            "Flagged",
            Cells::counts(each().map(|c| Some(c.count))),
        )
        .with(
            "share_of_class",
            "Of the class",
            Cells::shares(each().map(|c| Some(c.share_of_class))),
        );
    if each().any(|confusion| confusion.known > 0) {
        table = table
            .with(
                "known",
                "Truth known",
                Cells::counts(each().map(|c| Some(c.known))),
            )
            .with(
                "right",
                "Right",
                Cells::counts(each().map(|c| Some(c.right))),
            );
    }
    let ids = |confusion: &Confusion| {
        let samples = confusion.samples.iter().take(examples);
        let ids = samples.filter_map(|&sample| log.sample_ids.get(sample));
        ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
    };
    if examples > 0 {
        table = table.with(
            "examples",
            "Samples, the lowest AUM first",
            Cells::texts(each().map(ids)),
        );
    }
    table
}

fn total_table(confusions: &[Confusion]) -> ResultTable {
    let suggested = || confusions.iter().filter(|c| c.suggested_label.is_some());
    let sum = |count: fn(&Confusion) -> usize| suggested().map(count).sum::<usize>();
    let (known, right) = (sum(|c| c.known), sum(|c| c.right));
    let table = ResultTable::new().with(
        "count",
        "Suggestions",
        Cells::counts([Some(sum(|c| c.count))]),
    );
    if known == 0 {
        return table;
    }
    table
        .with("known", "Truth known", Cells::counts([Some(known)]))
        .with("right", "Right", Cells::counts([Some(right)]))
        .with(
            "right_share",
            "Share",
            Cells::shares([Some(right as f64 / known as f64)]),
        )
}

/// A row per flagged sample, the most suspicious first.
fn suggestion_table(
    log: &RunLog,
    analysis: &RunAnalysis,
    suggestions: &[Suggestion],
) -> ResultTable {
    let each = || suggestions.iter();
    let ids = each().filter_map(|suggestion| log.sample_ids.get(suggestion.sample));
    ResultTable::new()
        .with("sample_id", "Sample", Cells::ids(ids))
        .with(
            "given_label",
            "Given label",
            Cells::classes(each().map(|s| log.given_labels[s.sample])),
        )
        .with(
            "suggested_label",
            "Suggested label",
            Cells::classes(each().map(|s| s.suggested_label)),
        )
        .with(
            "support",
            "Support",
            Cells::ratios(each().map(|s| Some(s.support))),
        )
        .with(
            "given_support",
            "Support of the given label",
            Cells::ratios(each().map(|s| Some(s.given_support))),
        )
        .with(
            "aum",
            "AUM",
            Cells::logits(each().map(|s| analysis.verdicts.aums().get(s.sample))),
        )
        .with(
            "true_label",
            "True label",
            Cells::classes(each().map(|s| log.true_labels[s.sample])),
        )
}

fn notes_on(log: &RunLog, analysis: &RunAnalysis, suggestions: &[Suggestion]) -> Vec<String> {
    let without = suggestions.iter().filter(|s| s.suggested_label.is_none());
    let mut notes = notes(log, analysis);
    let without = without.count();
    if without > 0 {
        notes.push(format!(
            "{without} of the flagged samples have no suggestion: in no epoch does the network prefer another class"
        ));
    }
    notes
}
