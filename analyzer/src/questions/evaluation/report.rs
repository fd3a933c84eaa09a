//! How well the AUM finds the mislabeled samples of a run, as a report.

use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::run_aums::RunAums;
use crate::analysis::settings::AumSettings;
use crate::analysis::settings_used::verdict_settings;
use crate::logs::run_log::RunLog;
use crate::questions::evaluation::by_label::{results_by_class, results_by_noise_pair};
use crate::questions::evaluation::compared_scores::compared_scores_table;
use crate::questions::evaluation::evaluated_score::{
    EvaluatedSamples, EvaluatedScore, metrics_table,
};
use crate::questions::scores::combined::ScoreVector;
use crate::questions::scores::report::missing_scores;
use crate::results::findings::{Report, ReportTable, Subject};

/// What is measured beside AUROC and average precision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationSettings {
    /// The numbers of samples for precision at k.
    pub at: Vec<usize>,
    /// How many pairs of true and given class are listed, the most frequent first.
    pub pairs: usize,
}

/// How good the verdicts of a run are: `metrics`, by given class (`classes`), by pair of a true and another
/// given class (`pairs`), and beside those of others (`scores`) where these are given.
pub fn evaluation_report(
    log: &RunLog,
    analysis: &RunAnalysis,
    scores: Option<&[ScoreVector]>,
    verdict: &AumSettings,
    settings: &EvaluationSettings,
) -> Report {
    let run = RunAums::of_analysis(log, analysis);
    let verdicts = &analysis.verdicts;
    let samples = EvaluatedSamples::new(&run, verdicts);
    let mut notes = samples.notes();
    let (given, truth) = (&log.given_labels, &log.true_labels);
    let mut at = settings.at.clone();
    at.sort_unstable();
    at.dedup();
    let aum = [EvaluatedScore::aum(&samples, verdicts)];
    let mut tables = vec![
        ReportTable::new("metrics", "", metrics_table(&samples, &aum, &at)),
        ReportTable::new(
            "classes",
            "By given class:",
            results_by_class(given, truth, verdicts),
        ),
        ReportTable::new(
            "pairs",
            "The most frequent mistakes, and how many of them are flagged:",
            results_by_noise_pair(given, truth, verdicts, settings.pairs),
        ),
    ];
    if let Some(scores) = scores {
        tables.push(ReportTable::new(
            "scores",
            "The AUM beside the scores of others, with precision among as many samples as are mislabeled:",
            compared_scores_table(&samples, scores),
        ));
        notes.extend(missing_scores(log, scores));
    }
    let mut used = run.settings;
    used.extend(verdict_settings(verdict));
    used.extend(samples.settings());
    Report {
        subject: Subject::Run(run.run),
        settings: used,
        tables,
        notes,
        class_names: run.class_names,
    }
}
