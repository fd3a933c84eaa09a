//! The scores of a run as a report, and those of each sample as a table.

use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings_used::settings_used;
use crate::logs::run_log::RunLog;
use crate::logs::ways_out::TRUE_LABELS;
use crate::questions::comparison::correlation::spearman;
use crate::questions::judged_samples::judged_samples;
use crate::questions::scores::SCORES;
use crate::questions::scores::combined::{ScoreVector, auroc};
use crate::questions::scores::score::named;
use crate::results::findings::{Report, ReportTable, Subject};
use crate::results::tables::{ResultTable, Shown};
use crate::rules::evaluation::is_mislabeled;

/// How well each score tells mislabeled samples apart.
pub fn scores_report(log: &RunLog, analysis: &RunAnalysis, scores: &[ScoreVector]) -> Report {
    let mut notes: Vec<String> = missing_scores(log, scores).into_iter().collect();
    if log.true_labels.iter().all(Option::is_none) {
        notes.push(format!(
            "AUROC needs known labels, and the log has none (column true_label): give {TRUE_LABELS}"
        ));
    }
    Report {
        subject: Subject::Run(log.run.clone()),
        settings: settings_used(log, analysis.window, None),
        tables: vec![ReportTable::new(
            "scores",
            "Each score, with the side on which mislabeled samples lie:",
            score_table(log, scores),
        )],
        notes,
        class_names: log.class_names.clone(),
    }
}

/// Which of the scores the log does not give, and why.
pub(crate) fn missing_scores(log: &RunLog, scores: &[ScoreVector]) -> Option<String> {
    if log.is_aum_table() {
        let note = "an AUM table has the AUM alone: the other scores need the margins and logits of every epoch, so give the logs that it was computed from";
        return Some(note.to_owned());
    }
    if scores.iter().any(|vector| vector.score.needs_logits()) {
        return None;
    }
    let lacking = named(SCORES.iter().filter(|score| score.needs_logits()));
    Some(format!(
        "{lacking} need logits, and not every file of the log has them"
    ))
}

fn score_table(log: &RunLog, scores: &[ScoreVector]) -> ResultTable {
    let labels = log.given_labels.iter().zip(&log.true_labels);
    let mislabeled: Vec<Option<bool>> = labels
        .map(|(given, truth)| is_mislabeled(*given, *truth))
        .collect();
    let side = scores.iter().map(|vector| {
        if vector.score.is_low_for_mislabeled {
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
        .texts(
            "score",
            "Score",
            scores.iter().map(|vector| vector.score.title),
        )
        .texts("mislabeled_side", "Mislabeled", side)
        .ratios(
            "auroc",
            "AUROC",
            suspicions.iter().map(|values| auroc(values, &mislabeled)),
        )
        .ratios(
            "spearman_with_aum",
            "Spearman with AUM",
            suspicions.iter().map(with_aum),
        )
}

/// A row per judged sample, the lowest AUM first.
pub fn scores_table(log: &RunLog, analysis: &RunAnalysis, scores: &[ScoreVector]) -> ResultTable {
    let samples = || analysis.ranking().iter().copied();
    let mut table = judged_samples(log, analysis);
    for vector in scores {
        let values = samples().map(|sample| vector.values[sample]);
        table = table.floats(vector.score.name, vector.score.title, values, Shown::Plain);
    }
    table
}
