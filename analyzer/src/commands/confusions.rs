//! `analyzer confusions`: the systematic mistakes, and a corrected label for each flagged sample.

use std::path::{PathBuf, absolute};

use analyzer::{
    AumSettings, Cells, Confusion, Keep, Report, ReportTable, ResultTable, RunAnalysis, RunLog,
    Subject, Suggestion, TableFile, confusions, notes, settings_used, suggestions,
};
use anyhow::bail;
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::{LogArgs, RIVAL_LABELS};
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::{VerdictArgs, analyzed, borrowed};

const EXAMPLES: &str = "\
Examples:
  Which classes are taken for which, with three samples of each to look at:
    analyzer confusions logs --examples 3

  Write a corrected label for each flagged sample of one run, for people to check:
    analyzer confusions logs --run my-run --suggest corrections.csv";

/// Count the systematic mistakes: flagged samples by given class and the class the network prefers.
///
/// In each epoch of the window in which a flagged sample's margin is negative, the network prefers
/// another class (the log's column rival_label, or from the logits). The class preferred most often,
/// over all passes that judge the sample, is suggested instead of the given label; its support is
/// the share of these epochs that prefer it. With known true labels, it is told how often the
/// suggestion is right.
///
/// The table of -o, and of --format csv, has a row per pair of classes; that of --suggest a row per
/// flagged sample.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ConfusionsArgs {
    #[command(flatten)]
    logs: LogArgs,

    /// How many samples to name for each pair of classes, the lowest AUM first
    #[arg(long, value_name = "N", default_value_t = 5)]
    examples: usize,

    /// Write the flagged samples with the suggested label and its support to this .csv, .parquet
    /// or .json file
    #[arg(long, value_name = "FILE", group = "written")]
    suggest: Option<TableFile>,

    #[command(flatten)]
    verdict: VerdictArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ConfusionsArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        if let Some(file) = &self.suggest {
            let read: Vec<PathBuf> = sink
                .files
                .iter()
                .chain(&self.logs.true_labels)
                .cloned()
                .collect();
            file.check(&read, self.output.overwrite)?;
            check_apart(file, self.output.output.as_ref())?;
        }
        let logs = self.logs.read(Keep::Margins, &sink)?;
        let settings = self.verdict.settings();
        let analyses = analyzed(&logs, &settings, &sink)?;
        let runs = borrowed(&analyses);
        let found = suggestions(&sink.files, &runs)?;
        if let Some(file) = &self.suggest {
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
            .map(|((log, analysis), found)| report(log, analysis, &settings, found, self.examples))
            .collect();
        sink.reports(&reports)
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(self.logs.needing(RIVAL_LABELS))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
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
            Cells::logits(each().map(|s| analysis.verdicts.get(s.sample).aum)),
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
