//! `analyzer evaluate`: how well AUM finds the mislabeled samples.

use analyzer::{
    AumSettings, EvaluatedSamples, EvaluatedScore, Report, ReportTable, ResultTable, RunAums,
    Subject, judge, log_files, metrics_table, results_by_class, results_by_noise_pair,
    verdict_settings,
};

use super::input;
use super::output::Sink;
use crate::cli::{EvaluateArgs, EvaluationTable};

pub(crate) fn run(args: &EvaluateArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs.logs)?;
    let sink = Sink::open(&args.output, &files)?;
    let keep = args.memory.keep(args.verdict.settings().epochs);
    let logs = input::read_keeping(keep, &args.logs, &files, &sink)?;
    let settings = args.verdict.settings();
    let runs = input::aums(&logs, &settings, &sink)?;
    let reports: Vec<Report> = runs
        .into_iter()
        .map(|run| report(run, args, &settings))
        .collect();
    sink.reports(&reports)
}

fn report(run: RunAums, args: &EvaluateArgs, settings: &AumSettings) -> Report {
    let judgement = judge(&run.passes, settings.threshold, settings.protocol);
    let verdicts = &judgement.verdicts;
    let samples = EvaluatedSamples::new(&run, verdicts);
    let scores = [EvaluatedScore::aum(&samples, verdicts)];
    let mut at = args.at.clone();
    at.sort_unstable();
    at.dedup();
    let metrics = metrics_table(&samples, &scores, &at);
    let (given, truth) = (&run.given_labels, &run.true_labels);
    let mut tables = vec![
        table(EvaluationTable::Metrics, "", metrics),
        table(
            EvaluationTable::Classes,
            "By given class:",
            results_by_class(given, truth, verdicts),
        ),
        table(
            EvaluationTable::Pairs,
            "The most frequent mistakes, and how many of them are flagged:",
            results_by_noise_pair(given, truth, verdicts, args.pairs),
        ),
    ];
    tables.sort_by_key(|(which, _)| *which != args.table); // stable: the others in their order
    let mut used = run.settings.clone();
    used.extend(verdict_settings(settings));
    used.extend(samples.settings());
    Report {
        subject: Subject::Run(run.run),
        settings: used,
        tables: tables.into_iter().map(|(_, table)| table).collect(),
        notes: samples.notes(),
        class_names: run.class_names,
    }
}

fn table(
    which: EvaluationTable,
    caption: &str,
    table: ResultTable,
) -> (EvaluationTable, ReportTable) {
    let name = match which {
        EvaluationTable::Metrics => "metrics",
        EvaluationTable::Classes => "classes",
        EvaluationTable::Pairs => "pairs",
    };
    let table = ReportTable {
        name,
        caption: caption.to_owned(),
        table,
    };
    (which, table)
}
