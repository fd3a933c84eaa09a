//! `analyzer evaluate`: how well AUM finds the mislabeled samples.

use std::path::PathBuf;

use analyzer::{
    AnalyzerError, AumSettings, EvaluatedSamples, EvaluatedScore, Keep, Report, ReportTable,
    ResultTable, RunAnalysis, RunAums, RunLog, Score, ScoreVector, Subject, compared_scores_table,
    is_aum_table, log_files, metrics_table, results_by_class, results_by_noise_pair, sample_scores,
    verdict_settings,
};

use crate::cli::{EvaluateArgs, EvaluationTable};

use super::input;
use super::output::Sink;
use super::scores::missing_scores;

pub(crate) fn run(args: &EvaluateArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs.logs)?;
    let sink = Sink::open(&args.output, &files)?;
    let logs = input::read_keeping(keep(args, &files), &args.logs, &files, &sink)?;
    let settings = args.verdict.settings();
    let analyses = input::analyzed(&logs, &settings, &sink)?;
    let runs: Vec<(&RunLog, &RunAnalysis)> =
        analyses.iter().map(|(log, found)| (*log, found)).collect();
    let mut scores = match args.scores {
        true => scores(&files, &runs)?.into_iter(),
        false => Vec::new().into_iter(),
    };
    let reports: Vec<Report> = runs
        .iter()
        .map(|(log, analysis)| report(log, analysis, scores.next(), args, &settings))
        .collect();
    sink.reports(&reports)
}

/// Scores need the margins of every epoch; AUM tables have none.
fn keep(args: &EvaluateArgs, files: &[PathBuf]) -> Keep {
    let are_tables = || files.first().is_some_and(|first| is_aum_table(first));
    if args.scores && !are_tables() {
        return Keep::Margins;
    }
    args.memory.keep(args.verdict.settings().epochs)
}

/// The scores that the log of each run gives, the AUM first.
fn scores(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> Result<Vec<Vec<ScoreVector>>, AnalyzerError> {
    if !runs.iter().all(|(log, _)| log.is_aum_table()) {
        return sample_scores(files, runs);
    }
    let aums = runs.iter().map(|(_, analysis)| {
        vec![ScoreVector {
            score: Score::Aum,
            values: analysis.verdicts.aums().iter().collect(),
        }]
    });
    Ok(aums.collect())
}

fn report(
    log: &RunLog,
    analysis: &RunAnalysis,
    scores: Option<Vec<ScoreVector>>,
    args: &EvaluateArgs,
    settings: &AumSettings,
) -> Report {
    let run = RunAums::of_analysis(log, analysis);
    let samples = EvaluatedSamples::new(&run, &analysis.verdicts);
    let mut notes = samples.notes();
    let mut tables = tables(log, analysis, &samples, args);
    if let Some(scores) = scores {
        tables.push((
            EvaluationTable::Scores,
            ReportTable {
                name: "scores",
                caption: "The AUM beside the scores of others, with precision among as many samples as are mislabeled:".to_owned(),
                table: compared_scores_table(&samples, &scores),
            },
        ));
        notes.extend(missing_scores(log, &scores));
    }
    tables.sort_by_key(|(which, _)| *which != args.table); // stable: the others in their order
    let mut used = run.settings;
    used.extend(verdict_settings(settings));
    used.extend(samples.settings());
    Report {
        subject: Subject::Run(run.run),
        settings: used,
        tables: tables.into_iter().map(|(_, table)| table).collect(),
        notes,
        class_names: run.class_names,
    }
}

/// What is always measured.
fn tables(
    log: &RunLog,
    analysis: &RunAnalysis,
    samples: &EvaluatedSamples,
    args: &EvaluateArgs,
) -> Vec<(EvaluationTable, ReportTable)> {
    let (given, truth) = (&log.given_labels, &log.true_labels);
    let verdicts = &analysis.verdicts;
    let mut at = args.at.clone();
    at.sort_unstable();
    at.dedup();
    let aum = [EvaluatedScore::aum(samples, verdicts)];
    let table = |which, name, caption: &str, table: ResultTable| {
        let caption = caption.to_owned();
        (
            which,
            ReportTable {
                name,
                caption,
                table,
            },
        )
    };
    vec![
        table(
            EvaluationTable::Metrics,
            "metrics",
            "",
            metrics_table(samples, &aum, &at),
        ),
        table(
            EvaluationTable::Classes,
            "classes",
            "By given class:",
            results_by_class(given, truth, verdicts),
        ),
        table(
            EvaluationTable::Pairs,
            "pairs",
            "The most frequent mistakes, and how many of them are flagged:",
            results_by_noise_pair(given, truth, verdicts, args.pairs),
        ),
    ]
}
