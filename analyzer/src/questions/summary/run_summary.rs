//! What is said about one run: the settings, what each pass found, how good the verdicts are, and
//! the samples with the lowest AUMs. This is the machine-readable form; `summary_text` prints it for
//! people.

use serde::{Serialize, Serializer};

use crate::analysis::judgement::PassJudgement;
use crate::analysis::notes::notes;
use crate::analysis::protocol_difference::ProtocolDifference;
use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings::AumSettings;
use crate::analysis::settings_used::settings_used;
use crate::logs::run_log::RunLog;
use crate::results::findings::{Setting, serialize_settings};
use crate::results::tables::ResultTable;
use crate::rules::evaluation::{Evaluation, known_class};
use crate::rules::window::WindowRule;

/// The summary of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// The name of the run; `None` for the unnamed one.
    pub run: Option<String>,
    /// The settings that were used.
    #[serde(serialize_with = "serialize_all")]
    pub settings: Vec<Setting>,
    /// Their names by index; empty where unknown.
    pub class_names: Vec<String>,
    /// The epochs that count.
    pub window: WindowSummary,
    /// What samples are ranked by, where that is not the AUM alone.
    #[serde(skip)]
    pub ranked_by: Option<&'static str>,
    /// What each pass found.
    pub passes: Vec<PassJudgement>,
    /// How many samples at least one pass judges.
    pub judged: usize,
    /// How many samples no pass judges.
    pub not_judged: usize,
    /// How many samples are flagged; `None` without a threshold.
    pub flagged: Option<usize>,
    /// The flagged share of the judged samples, 0 to 1.
    pub flagged_share: Option<f64>,
    /// How good the verdicts are; `None` without known labels or without verdicts.
    pub evaluation: Option<EvaluationSummary>,
    /// The samples with the lowest AUMs, the lowest first.
    pub lowest: ResultTable,
    /// What one has to know beside the numbers.
    pub notes: Vec<String>,
    /// How many verdicts other presets would change, where that was asked for.
    pub other_protocols: Vec<ProtocolDifference>,
    /// A row per given class, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_class: Option<ResultTable>,
}

/// The epochs that count, and why these.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WindowSummary {
    /// As the log numbers them.
    pub first: u32,
    /// Included.
    pub last: u32,
    /// Why these.
    #[serde(serialize_with = "serialize_rule")]
    pub rule: WindowRule,
}

/// How good the verdicts are, against the known true labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EvaluationSummary {
    /// Samples with a verdict and a known true label.
    pub evaluated: usize,
    /// Samples with a verdict but without a known true label: left out.
    pub without_true_label: usize,
    /// Of the evaluated ones, the flagged.
    pub flagged: usize,
    /// Of the evaluated ones, the mislabeled.
    pub mislabeled: usize,
    /// Of the evaluated ones, those that are both.
    pub flagged_mislabeled: usize,
    /// The realised noise rate: mislabeled of evaluated, 0 to 1.
    pub mislabeled_share: Option<f64>,
    /// 0 to 1; `None` where nothing is flagged.
    pub precision: Option<f64>,
    /// 0 to 1; `None` where nothing is mislabeled.
    pub recall: Option<f64>,
    /// 0 to 1; `None` where nothing is flagged and nothing mislabeled.
    pub f1: Option<f64>,
}

impl RunSummary {
    /// Summarizes the analysis of a run; `bottom` is how many of the lowest AUMs to list.
    pub fn new(
        log: &RunLog,
        analysis: &RunAnalysis,
        settings: &AumSettings,
        bottom: usize,
    ) -> Self {
        let judged = analysis.verdicts.judged_count();
        let flagged = analysis.verdicts.flagged_count();
        let share = |count: usize| (judged > 0).then(|| count as f64 / judged as f64);
        Self {
            run: log.run.clone(),
            class_names: log.class_names.clone(),
            window: WindowSummary {
                first: analysis.window.first,
                last: analysis.window.last,
                rule: analysis.window.rule,
            },
            ranked_by: settings.threshold.ranks_by(),
            passes: analysis.passes.clone(),
            judged,
            not_judged: log.sample_count() - judged,
            flagged,
            flagged_share: flagged.and_then(share),
            evaluation: (analysis.evaluation.evaluated > 0)
                .then(|| EvaluationSummary::new(&analysis.evaluation)),
            lowest: lowest(log, analysis, bottom),
            notes: notes(log, analysis),
            other_protocols: Vec::new(),
            by_class: None,
            settings: settings_used(log, analysis.window, Some(settings)),
        }
    }
}

impl EvaluationSummary {
    fn new(evaluation: &Evaluation) -> Self {
        Self {
            evaluated: evaluation.evaluated,
            without_true_label: evaluation.without_true_label,
            flagged: evaluation.flagged,
            mislabeled: evaluation.mislabeled,
            flagged_mislabeled: evaluation.flagged_mislabeled,
            mislabeled_share: evaluation.mislabeled_share(),
            precision: evaluation.precision(),
            recall: evaluation.recall(),
            f1: evaluation.f1(),
        }
    }
}

fn lowest(log: &RunLog, analysis: &RunAnalysis, bottom: usize) -> ResultTable {
    let lowest = analysis.lowest(bottom);
    let samples = || lowest.iter().copied();
    let verdicts = || samples().map(|sample| analysis.verdicts.get(sample));
    let truth = || samples().map(|sample| log.true_labels[sample]);
    // People are told no truth where none is known.
    let of_truth = if truth().any(|label| label.is_some()) {
        "True label"
    } else {
        ""
    };
    let given = samples().map(|sample| log.given_labels[sample]);
    ResultTable::new()
        .samples(log, samples())
        .logits("aum", "AUM", verdicts().map(|verdict| verdict.aum))
        .flags(
            "flagged",
            "Flagged",
            verdicts().map(|verdict| verdict.flagged),
        )
        .classes("given_label", "Given label", given)
        .classes("true_label", of_truth, truth().map(known_class))
        .mislabeled(&log.given_labels, &log.true_labels, samples())
        .with_class_names(&log.class_names)
}

fn serialize_all<S: Serializer>(settings: &[Setting], serializer: S) -> Result<S::Ok, S::Error> {
    serialize_settings(settings, serializer)
}

fn serialize_rule<S: Serializer>(rule: &WindowRule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn the_json_of_a_summary_has_plain_names_and_null_for_the_undefined() {
        let mut log = two_passes();
        log.true_labels = vec![None; 4];
        let settings = AumSettings::default();
        let analysis = analyze(&log, &settings).unwrap();
        let summary = RunSummary::new(&log, &analysis, &settings, 1);
        let json = serde_json::to_value(&summary).unwrap();
        assert_eq!(json["run"], "two-passes");
        assert_eq!(json["evaluation"], serde_json::Value::Null);
        assert_eq!(json["window"]["rule"], "from_second_epoch");
        assert_eq!(json["lowest"][0]["sample_id"], 1);
        assert_eq!(json["lowest"][0]["aum"], -2.0);
        assert_eq!(json["lowest"].as_array().unwrap().len(), 1);
        assert_eq!(json["flagged_share"], 0.25);
    }
}
