//! The systematic mistakes as a report, and the suggested labels as a table.

use crate::analysis::notes::notes;
use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings::AumSettings;
use crate::analysis::settings_used::settings_used;
use crate::logs::run_log::RunLog;
use crate::questions::confusions::{Confusion, Suggestion, confusions};
use crate::results::findings::{Report, ReportTable, Subject};
use crate::results::tables::ResultTable;

/// The mistakes of a run, with at most so many `examples` of each.
pub fn confusions_report(
    log: &RunLog,
    analysis: &RunAnalysis,
    settings: &AumSettings,
    suggestions: &[Suggestion],
    examples: usize,
) -> Report {
    let confusions = confusions(log, analysis, suggestions);
    Report {
        subject: Subject::Run(log.run.clone()),
        settings: settings_used(log, analysis.window, Some(settings)),
        tables: vec![
            ReportTable::new(
                "confusions",
                "The flagged samples, by given label and the class that the network prefers:",
                confusion_table(log, &confusions, examples),
            ),
            ReportTable::new(
                "suggestions",
                "All suggestions together:",
                total_table(&confusions),
            ),
        ],
        notes: notes_on(log, analysis, suggestions),
        class_names: log.class_names.clone(),
    }
}

fn confusion_table(log: &RunLog, confusions: &[Confusion], examples: usize) -> ResultTable {
    let each = || confusions.iter();
    let mut table = ResultTable::new()
        .classes("given_label", "Given label", each().map(|c| c.given_label))
        .classes(
            "suggested_label",
            "Preferred",
            each().map(|c| c.suggested_label),
        )
        .counts("count", "Flagged", each().map(|c| c.count))
        .shares(
            "share_of_class",
            "Of the class",
            each().map(|c| c.share_of_class),
        );
    if each().any(|confusion| confusion.known > 0) {
        table = table
            .counts("known", "Truth known", each().map(|c| c.known))
            .counts("right", "Right", each().map(|c| c.right));
    }
    if examples > 0 {
        let lists = each().map(|found| &found.samples[..found.samples.len().min(examples)]);
        table = table.sample_lists(log, "Samples, the lowest AUM first", lists);
    }
    table
}

fn total_table(confusions: &[Confusion]) -> ResultTable {
    let suggested = || confusions.iter().filter(|c| c.suggested_label.is_some());
    let sum = |count: fn(&Confusion) -> usize| suggested().map(count).sum::<usize>();
    let (known, right) = (sum(|c| c.known), sum(|c| c.right));
    let table = ResultTable::new().counts("count", "Suggestions", [sum(|c| c.count)]);
    if known == 0 {
        return table;
    }
    table
        .counts("known", "Truth known", [known])
        .counts("right", "Right", [right])
        .shares("right_share", "Share", [right as f64 / known as f64])
}

/// A row per flagged sample, the most suspicious first.
pub fn suggestion_table(
    log: &RunLog,
    analysis: &RunAnalysis,
    suggestions: &[Suggestion],
) -> ResultTable {
    let each = || suggestions.iter();
    ResultTable::new()
        .samples(log, each().map(|suggestion| suggestion.sample))
        .classes(
            "given_label",
            "Given label",
            each().map(|s| log.given_labels[s.sample]),
        )
        .classes(
            "suggested_label",
            "Suggested label",
            each().map(|s| s.suggested_label),
        )
        .ratios("support", "Support", each().map(|s| s.support))
        .ratios(
            "given_support",
            "Support of the given label",
            each().map(|s| s.given_support),
        )
        .logits(
            "aum",
            "AUM",
            each().map(|s| analysis.verdicts.get(s.sample).aum),
        )
        .true_labels(
            &log.given_labels,
            &log.true_labels,
            each().map(|s| s.sample),
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
