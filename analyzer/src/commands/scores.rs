//! `analyzer scores`: the statistics that others use, beside the AUM.

use analyzer::{
    AumSettings, Cells, Keep, Quantity, Report, ReportTable, ResultTable, RunAnalysis, RunLog,
    Score, ScoreVector, Subject, auroc, sample_scores, settings_used, spearman,
};
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::judged_samples::judged_samples;
use crate::commands::options::logs::{LOGITS, LogArgs};
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::borrowed;
use crate::commands::options::window::WindowArgs;

const EXAMPLES: &str = "\
Examples:
  How well the AUM and other statistics tell mislabeled samples apart, where the truth is known:
    analyzer scores logs

  Write all scores of all samples, over every recorded epoch:
    analyzer scores logs --epochs .. -o scores.parquet";

/// Compute the statistics that others use to find mislabeled samples, beside the AUM.
///
/// From the margins: the last margin; correctness, the share of epochs in which the given label has
/// the largest logit (data maps, Swayamdipta et al. 2020); forgetting events, how often a sample goes
/// from right to wrong, with one that is never right counted in every epoch (Toneva et al. 2019).
/// From the logits: confidence and variability, mean and standard deviation of the given label's
/// probability (Swayamdipta et al. 2020); EL2N, the mean length of the error vector (Paul et al.
/// 2021, there at one early epoch); the mean loss. All over the epochs that count and the passes in
/// which a sample is no threshold sample; probabilities are over all outputs, the extra class
/// included, as in training.
///
/// AUROC is the probability that a mislabeled sample is more suspicious than one that is not.
///
/// The table of -o, and of --format csv, has a row per sample.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ScoresArgs {
    #[command(flatten)]
    logs: LogArgs,

    #[command(flatten)]
    window: WindowArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ScoresArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        let logs = self.logs.read(Keep::Margins, &sink)?;
        let settings = AumSettings {
            epochs: self.window.epochs(),
            ..AumSettings::default()
        };
        let mut analyses = Vec::new();
        for log in &logs.runs {
            analyses.push((log, analyzer::analyze(log, &settings)?));
        }
        let runs = borrowed(&analyses);
        let scores = sample_scores(&sink.files, &runs)?;
        let reports: Vec<Report> = runs
            .iter()
            .zip(&scores)
            .map(|((log, analysis), scores)| report(log, analysis, scores))
            .collect();
        let text = || {
            let texts: Vec<String> = reports.iter().map(Report::render).collect();
            texts.join("\n")
        };
        sink.results(text, &reports, || {
            let tables = runs.iter().zip(&scores);
            let tables: Vec<ResultTable> = tables
                .map(|((log, analysis), scores)| sample_table(log, analysis, scores))
                .collect();
            let names = runs.iter().map(|(log, _)| log.run.as_deref());
            ResultTable::of_runs(names.zip(&tables))
        })
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(self.logs.needing(LOGITS))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}

fn report(log: &RunLog, analysis: &RunAnalysis, scores: &[ScoreVector]) -> Report {
    let mut notes: Vec<String> = missing_scores(log, scores).into_iter().collect();
    if log.true_labels.iter().all(Option::is_none) {
        notes.push("AUROC needs known labels, and the log has none (column true_label): give them with --true-labels FILE".to_owned());
    }
    Report {
        subject: Subject::Run(log.run.clone()),
        settings: settings_used(log, analysis.window, None),
        tables: vec![ReportTable {
            name: "scores",
            caption: "Each score, with the side on which mislabeled samples lie:".to_owned(),
            table: score_table(log, scores),
        }],
        notes,
        class_names: log.class_names.clone(),
    }
}

/// Which of the scores the log does not give, and why.
pub(super) fn missing_scores(log: &RunLog, scores: &[ScoreVector]) -> Option<String> {
    let has = |score| scores.iter().any(|vector| vector.score == score);
    if log.is_aum_table() {
        let note = "an AUM table has the AUM alone: the other scores need the margins and logits of every epoch, so give the logs that it was computed from";
        return Some(note.to_owned());
    }
    let note = "confidence, variability, EL2N and mean loss need logits, and not every file of the log has them";
    (!has(Score::El2n)).then(|| note.to_owned())
}

fn score_table(log: &RunLog, scores: &[ScoreVector]) -> ResultTable {
    let labels = log.given_labels.iter().zip(&log.true_labels);
    let mislabeled: Vec<Option<bool>> = labels
        .map(|(given, truth)| Some((*given)? != (*truth)?))
        .collect();
    let side = scores.iter().map(|vector| {
        if vector.score.is_low_for_mislabeled() {
            "low"
        } else {
            "high"
        }
    });
    let suspicions: Vec<Vec<Option<f64>>> = scores.iter().map(ScoreVector::suspicions).collect();
    let with_aum = |others: &Vec<Option<f64>>| {
        let pairs = suspicions.first()?.iter().zip(others);
        let (aums, others): (Vec<f64>, Vec<f64>) = pairs
            .filter_map(|(aum, other)| Some(((*aum)?, (*other)?)))
            .unzip();
        spearman(&aums, &others)
    };
    ResultTable::new()
        .with(
            "score",
            "Score",
            Cells::texts(scores.iter().map(|vector| vector.score.title())),
        )
        .with("mislabeled_side", "Mislabeled", Cells::texts(side))
        .with(
            "auroc",
            "AUROC",
            Cells::ratios(suspicions.iter().map(|values| auroc(values, &mislabeled))),
        )
        .with(
            "spearman_with_aum",
            "Spearman with AUM",
            Cells::ratios(suspicions.iter().map(with_aum)),
        )
}

/// A row per judged sample, the lowest AUM first.
fn sample_table(log: &RunLog, analysis: &RunAnalysis, scores: &[ScoreVector]) -> ResultTable {
    let samples = || analysis.ranking().iter().copied();
    let mut table = judged_samples(log, analysis);
    for vector in scores {
        let values = samples().map(|sample| vector.values[sample]).collect();
        let cells = Cells::Floats(values, Quantity::Plain);
        table = table.with(vector.score.name(), vector.score.title(), cells);
    }
    table
}
