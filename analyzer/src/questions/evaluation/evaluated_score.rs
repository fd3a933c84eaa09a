//! Scores side by side, each measured on the same samples: those with a verdict or a rank, and a known
//! true label. AUM is one of them; whatever gives each sample a number can be another.

use serde_json::json;

use crate::analysis::run_aums::RunAums;
use crate::logs::ways_out::TRUE_LABELS;
use crate::questions::evaluation::score_metrics::{ScoreMetric, score_metrics};
use crate::results::findings::Setting;
use crate::results::tables::{ResultTable, Shown};
use crate::results::text::grouped;
use crate::rules::verdict::Verdicts;

/// The samples that scores are measured on.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluatedSamples {
    /// Their positions in the run, ascending.
    pub samples: Vec<usize>,
    /// Whether each of them is mislabeled.
    pub mislabeled: Vec<bool>,
    /// How many judged samples have no known true label, and are left out.
    pub without_true_label: usize,
    /// How many samples no pass judges, which are left out too.
    pub not_judged: usize,
}

impl EvaluatedSamples {
    /// The samples of a run that some pass judges and whose true label is known.
    pub fn new(run: &RunAums, verdicts: &Verdicts) -> Self {
        let mut found = Self {
            samples: Vec::new(),
            mislabeled: Vec::new(),
            without_true_label: 0,
            not_judged: 0,
        };
        for (sample, verdict) in verdicts.iter().enumerate() {
            if verdict.aum.is_none() {
                found.not_judged += 1;
            } else if let Some(mislabeled) = run.is_mislabeled(sample) {
                found.samples.push(sample);
                found.mislabeled.push(mislabeled);
            } else {
                found.without_true_label += 1;
            }
        }
        found
    }

    /// What was evaluated, for the settings of a report.
    pub fn settings(&self) -> Option<Setting> {
        let mislabeled = self.mislabeled.iter().filter(|&&is| is).count();
        let left_out = match self.without_true_label {
            0 => String::new(),
            count => format!(" ({} without a true label are left out)", grouped(count)),
        };
        Some(Setting {
            key: "evaluated",
            value: json!({
                "samples": self.samples.len(),
                "mislabeled": mislabeled,
                "without_true_label": self.without_true_label,
                "not_judged": self.not_judged,
            }),
            label: "Evaluated",
            text: format!(
                "{} samples, of which {} are mislabeled{left_out}",
                grouped(self.samples.len()),
                grouped(mislabeled)
            ),
        })
    }

    /// What one has to know beside the numbers.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.samples.is_empty() {
            notes.push(format!("there is nothing to compare with, since no true labels of judged samples are known (column true_label of the log): record with them, give {TRUE_LABELS}, or see what estimate says without"));
        } else if !self.mislabeled.contains(&true) {
            notes.push(
                "none of the evaluated samples is mislabeled, so there is nothing to find"
                    .to_owned(),
            );
        }
        if self.not_judged > 0 {
            notes.push(format!(
                "no pass judges {} of the samples (threshold samples, or without a margin)",
                grouped(self.not_judged)
            ));
        }
        notes
    }
}

/// A number per evaluated sample.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluatedScore {
    /// What it is, such as `aum`.
    pub name: String,
    /// Higher is more suspicious; in the order of the evaluated samples, all finite.
    pub scores: Vec<f64>,
    /// The verdicts that go with it, where it has a threshold.
    pub flagged: Option<Vec<bool>>,
}

impl EvaluatedScore {
    /// −AUM, with the verdicts of the passes.
    pub fn aum(samples: &EvaluatedSamples, verdicts: &Verdicts) -> Self {
        let of_samples = || samples.samples.iter().map(|&sample| verdicts.get(sample));
        let flagged: Option<Vec<bool>> = of_samples().map(|verdict| verdict.flagged).collect();
        Self {
            name: "aum".to_owned(),
            scores: of_samples()
                .filter_map(|verdict| verdict.aum.map(|aum| -aum))
                .collect(),
            flagged,
        }
    }
}

/// A row per score and metric, with the 95 % interval and how it was made.
pub fn metrics_table(
    samples: &EvaluatedSamples,
    scores: &[EvaluatedScore],
    at: &[usize],
) -> ResultTable {
    // Without a known label there is nothing to measure, and the table has its columns alone.
    let scores = match samples.samples.is_empty() {
        true => &[],
        false => scores,
    };
    let rows: Vec<(&str, ScoreMetric)> = scores
        .iter()
        .flat_map(|score| {
            let flagged = score.flagged.as_deref();
            let metrics = score_metrics(&score.scores, &samples.mislabeled, flagged, at);
            metrics
                .into_iter()
                .map(|metric| (score.name.as_str(), metric))
        })
        .collect();
    let metrics = || rows.iter().map(|(_, metric)| metric);
    // With one score its name says nothing.
    let score_heading = if scores.len() > 1 { "Score" } else { "" };
    ResultTable::new()
        .texts("score", score_heading, rows.iter().map(|(score, _)| *score))
        .texts("metric", "Metric", metrics().map(|metric| &metric.name))
        .ratios("value", "Value", metrics().map(|metric| metric.value))
        .interval(
            "",
            "95 % from",
            Shown::Ratio,
            metrics().map(|metric| metric.interval),
        )
        .texts(
            "interval",
            "Interval",
            metrics().map(|metric| metric.interval_by),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::judgement::judge;
    use crate::analysis::settings::AumSettings;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn without_a_known_label_the_table_has_no_row_but_its_columns() {
        let settings = AumSettings::default();
        let mut log = two_passes();
        log.true_labels.fill(None);
        let run = RunAums::of_log(&log, &settings).unwrap();
        let (_, verdicts) = judge(&run.passes, settings.threshold, settings.protocol);
        let samples = EvaluatedSamples::new(&run, &verdicts);
        let score = EvaluatedScore::aum(&samples, &verdicts);
        let table = metrics_table(&samples, &[score], &[1]);
        assert!(table.is_empty());
        let columns = table.frame().get_column_names();
        assert_eq!(
            columns,
            ["score", "metric", "value", "low", "high", "interval"]
        );
    }

    #[test]
    fn aum_is_measured_on_the_samples_with_a_known_label() {
        let settings = AumSettings::default();
        let run = RunAums::of_log(&two_passes(), &settings).unwrap();
        let (_, verdicts) = judge(&run.passes, settings.threshold, settings.protocol);
        let samples = EvaluatedSamples::new(&run, &verdicts);
        assert_eq!(samples.samples, [0, 1, 2]);
        assert_eq!(samples.mislabeled, [false, true, false]);
        assert_eq!(samples.without_true_label, 1);
        let score = EvaluatedScore::aum(&samples, &verdicts);
        assert_eq!(score.scores, [-2.25, 2.0, -1.5]);
        assert_eq!(score.flagged, Some(vec![false, true, false]));
        let table = metrics_table(&samples, &[score], &[1]);
        let rows = serde_json::to_value(&table).unwrap();
        let values = rows.as_array().unwrap().iter();
        assert!(values.clone().all(|row| row["value"] == 1.0), "{rows}");
        assert_eq!(values.len(), 6);
    }

    #[test]
    fn without_truth_there_is_no_table_and_the_way_to_one_is_said() {
        let settings = AumSettings::default();
        let mut run = RunAums::of_log(&two_passes(), &settings).unwrap();
        run.true_labels = vec![None; 4];
        let (_, verdicts) = judge(&run.passes, settings.threshold, settings.protocol);
        let samples = EvaluatedSamples::new(&run, &verdicts);
        assert!(metrics_table(&samples, &[], &[]).is_empty());
        assert!(samples.notes()[0].contains("no true labels"));
    }
}
