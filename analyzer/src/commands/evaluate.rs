//! `analyzer evaluate`: how well AUM finds the mislabeled samples.

use std::path::PathBuf;

use analyzer::{
    AnalyzerError, AumSettings, EvaluatedSamples, EvaluatedScore, Keep, Report, ReportTable,
    ResultTable, RunAnalysis, RunAums, RunLog, Score, ScoreVector, Subject, compared_scores_table,
    is_aum_table, metrics_table, results_by_class, results_by_noise_pair, sample_scores,
    verdict_settings,
};
use clap::{Args, ValueEnum};

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::{LOGITS, LogArgs, MARGINS};
use crate::commands::options::memory::MemoryArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::{VerdictArgs, analyzed, borrowed};
use crate::commands::scores::missing_scores;

const EXAMPLES: &str = "\
Examples:
  How good are the verdicts on a run whose true labels are in the log?
    analyzer evaluate logs --run my-run

  How good are they class by class, for a spreadsheet?
    analyzer evaluate logs --run my-run --table classes -o by-class.csv

  Does AUM rank better than the statistics that others use?
    analyzer evaluate logs --run my-run --scores

  How good are they on the samples that experts have labelled again since?
    analyzer evaluate logs --true-labels experts.csv";

/// Measure how well AUM finds the mislabeled samples, where true labels are known.
///
/// Precision, recall and F1 of the flagged samples; AUROC, average precision and precision among
/// the samples with the lowest AUMs, which depend on no threshold; each with a 95 % interval:
/// Wilson's for shares, a bootstrap over the samples (up to 1,000 resamples of a fixed stream) for
/// F1, AUROC and average precision. Ties count as in scikit-learn. Then the same by given class, and
/// the recall for each pair of a true and a given class.
///
/// True labels are those of the logs, or those of the file of --true-labels. Samples that no pass judges,
/// and those without a known true label, are left out and counted.
///
/// --scores adds how well the statistics that others use rank the same samples (analyzer scores --help says
/// what they are). It is no default, since it reads the logits of every epoch: of 50,000 samples with 100
/// logits in 150 epochs that takes 10 s on two cores, and the rest 0.2 s.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    logs: LogArgs,

    /// Numbers of samples for precision at k, with commas between them
    #[arg(
        long,
        value_name = "K,K,…",
        value_delimiter = ',',
        default_value = "10,100,1000"
    )]
    at: Vec<usize>,

    /// How many pairs of true and given class to list, the most frequent first
    #[arg(long, value_name = "N", default_value_t = 10)]
    pairs: usize,

    /// Rank by the statistics that others use, too: AUROC, average precision, and precision among as many
    /// samples as are mislabeled
    #[arg(long, conflicts_with = "low_memory")]
    scores: bool,

    /// Which table -o and --format csv have
    #[arg(
        long,
        value_enum,
        default_value_t = EvaluationTable::Metrics,
        requires_if("scores", "scores")
    )]
    table: EvaluationTable,

    #[command(flatten)]
    memory: MemoryArgs,

    #[command(flatten)]
    verdict: VerdictArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvaluationTable {
    /// The measures of all samples
    Metrics,
    /// A row per given class
    Classes,
    /// A row per pair of a true and another given class
    Pairs,
    /// A row per score, with --scores
    Scores,
}

impl Command for EvaluateArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        let logs = self.logs.read(keep(self, &sink.files), &sink)?;
        let settings = self.verdict.settings();
        let analyses = analyzed(&logs, &settings, &sink)?;
        let runs = borrowed(&analyses);
        let mut scores = match self.scores {
            true => scores(&sink.files, &runs)?.into_iter(),
            false => Vec::new().into_iter(),
        };
        let reports: Vec<Report> = runs
            .iter()
            .map(|(log, analysis)| report(log, analysis, scores.next(), self, &settings))
            .collect();
        sink.reports(&reports)
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(
            self.logs
                .needing(if self.scores { LOGITS } else { MARGINS }),
        )
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
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
            values: analysis.verdicts.aums().collect(),
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
