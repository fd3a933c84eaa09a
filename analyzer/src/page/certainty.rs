//! How sure a report is: where true labels are known, precision and recall with their intervals;
//! where they are not, what `estimate` expects.

use crate::plots::run_view::RunView;
use crate::questions::confusions::Suggestion;
use crate::questions::estimate::bias::estimate_doubts;
use crate::questions::estimate::estimated::Estimated;
use crate::questions::estimate::label_counts::LabelCounts;
use crate::questions::estimate::{Estimate, EstimateSettings, estimate};
use crate::questions::uncertainty::interval::{Interval, wilson_interval};
use crate::results::text::{NONE, grouped, percent, ratio};
use crate::rules::threshold_rule::ThresholdRule;

/// Draws for the intervals of estimates, as `analyzer estimate` has by default.
const RESAMPLES: u32 = 200;

/// How sure the verdicts of a run are.
pub(crate) struct Certainty {
    pub(crate) rows: Vec<Sure>,
    /// What the rows rest on, and what makes them doubtful.
    pub(crate) notes: Vec<String>,
    /// How probably each sample is mislabeled, where that had to be estimated.
    pub(crate) probabilities: Option<Vec<Option<f64>>>,
}

/// A number with its interval.
pub(crate) struct Sure {
    pub(crate) what: &'static str,
    pub(crate) value: String,
    pub(crate) interval: String,
}

/// `flagged` are the flagged samples with what the network prefers to their labels, `counts` what labels that were not
/// trained on tell, where the log has them.
pub(crate) fn certainty(
    view: RunView<'_>,
    flagged: &[Suggestion],
    counts: Option<LabelCounts>,
) -> Certainty {
    let evaluation = view.analysis.evaluation;
    let mut found = Certainty {
        rows: Vec::new(),
        notes: Vec::new(),
        probabilities: None,
    };
    if evaluation.evaluated > 0 {
        found.measure(view);
    }
    if evaluation.without_true_label > 0
        && let Some(estimate) = expected(view, counts)
    {
        found.expect(view, estimate, flagged);
    }
    found
}

fn expected(view: RunView<'_>, counts: Option<LabelCounts>) -> Option<Estimate> {
    let percentiles = match view.settings.threshold {
        ThresholdRule::Percentile(percentile) => vec![percentile],
        ThresholdRule::Given(_)
        | ThresholdRule::Posterior
        | ThresholdRule::Combined
        | ThresholdRule::ConfidentLearning(_) => Vec::new(),
    };
    let settings = EstimateSettings {
        percentiles,
        resamples: RESAMPLES,
        seed: 0,
    };
    estimate(view.log, view.analysis, &settings, counts)
}

impl Certainty {
    fn measure(&mut self, view: RunView<'_>) {
        let found = view.analysis.evaluation;
        let both = found.flagged_mislabeled;
        let measured = [
            (
                "Mislabeled, of the samples with a known true label",
                percent(found.mislabeled_share()),
                shares(wilson_interval(found.mislabeled, found.evaluated)),
            ),
            (
                "Precision: of the flagged samples, mislabeled",
                ratio(found.precision()),
                ratios(wilson_interval(both, found.flagged)),
            ),
            (
                "Recall: of the mislabeled samples, flagged",
                ratio(found.recall()),
                ratios(wilson_interval(both, found.mislabeled)),
            ),
        ];
        self.extend(measured);
        self.notes.push(format!(
            "Measured on the {} samples whose true labels are known; Wilson's intervals",
            grouped(found.evaluated)
        ));
    }

    fn expect(&mut self, view: RunView<'_>, found: Estimate, flagged: &[Suggestion]) {
        self.extend([(
            "Mislabeled, of all samples: an estimate",
            percent(found.noise_rate.estimate),
            shares(found.noise_rate.interval),
        )]);
        // The estimate judges by the authors' rules; with others it says nothing of these verdicts.
        let percentile = match view.settings.threshold {
            ThresholdRule::Percentile(percentile) => Some(Some(percentile)),
            ThresholdRule::Posterior => Some(None),
            ThresholdRule::Given(_)
            | ThresholdRule::Combined
            | ThresholdRule::ConfidentLearning(_) => None,
        };
        let mut rules = found.rules.iter();
        let rule = percentile.and_then(|which| rules.find(|rule| rule.percentile == which));
        let rule = rule.filter(|rule| Some(rule.flagged) == view.analysis.verdicts.flagged_count());
        if let Some(rule) = rule {
            let value = |found: Estimated| ratio(found.estimate);
            self.extend([
                (
                    "Precision to expect: of the flagged samples, mislabeled",
                    value(rule.precision),
                    ratios(rule.precision.interval),
                ),
                (
                    "Recall to expect: of the mislabeled samples, flagged",
                    value(rule.recall),
                    ratios(rule.recall.interval),
                ),
            ]);
        }
        self.notes.push(match found.counts {
            Some(_) => "Estimated without true labels, from labels that models were not trained on (analyzer estimate): the range of the mislabeled goes from the labels that are wrong at random to all that the models disagree with. Precision and recall rest on the threshold samples: right where mislabeled samples behave as they do".to_owned(),
            None => "Estimated without true labels, from how the threshold samples behave (analyzer estimate): right where mislabeled samples behave as they do. The intervals tell of chance alone".to_owned(),
        });
        let doubts = estimate_doubts(view.log, view.analysis, &found, Some(flagged));
        self.notes
            .extend(doubts.into_iter().map(|doubt| format!("Doubtful: {doubt}")));
        self.probabilities = Some(found.probabilities);
    }

    fn extend<const N: usize>(&mut self, rows: [(&'static str, String, String); N]) {
        let rows = rows.into_iter().map(|(what, value, interval)| Sure {
            what,
            value,
            interval,
        });
        self.rows.extend(rows);
    }
}

fn ratios(interval: Option<Interval>) -> String {
    ends(interval, |end| ratio(Some(end)))
}

fn shares(interval: Option<Interval>) -> String {
    ends(interval, |end| percent(Some(end)))
}

fn ends(interval: Option<Interval>, text: impl Fn(f64) -> String) -> String {
    interval.map_or_else(
        || NONE.to_owned(),
        |interval| format!("{} to {}", text(interval.low), text(interval.high)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::run_log::RunLog;
    use crate::logs::two_passes::two_passes;
    use crate::plots::run_view::tests::with_view;

    fn rows(log: &RunLog) -> Vec<(&'static str, String, String)> {
        let found = with_view(log, |view| certainty(view, &[], None));
        let rows = found.rows.into_iter();
        rows.map(|row| (row.what, row.value, row.interval))
            .collect()
    }

    #[test]
    fn known_labels_give_precision_and_recall_with_wilsons_intervals() {
        let mut log = two_passes();
        log.true_labels[3] = Some(0);
        let rows = rows(&log);
        assert_eq!(rows.len(), 3);
        // One of four: the Wilson interval of 1/4. One of one: z² = 3.8415, 1 / (1 + z²).
        assert_eq!(rows[0].1, "25.0 %");
        assert_eq!(rows[0].2, "4.6 % to 69.9 %");
        assert_eq!((&*rows[1].1, &*rows[1].2), ("1.000", "0.207 to 1.000"));
        assert_eq!((&*rows[2].1, &*rows[2].2), ("1.000", "0.207 to 1.000"));
    }

    #[test]
    fn without_any_truth_what_to_expect_is_estimated() {
        let mut log = two_passes();
        log.true_labels = vec![None; 4];
        let found = with_view(&log, |view| certainty(view, &[], None));
        assert_eq!(
            found.rows[0].what,
            "Mislabeled, of all samples: an estimate"
        );
        assert!(found.notes[0].contains("without true labels"));
        assert_eq!(found.probabilities.map(|all| all.len()), Some(4));
    }

    #[test]
    fn the_rule_by_probability_is_expected_to_find_what_it_flags() {
        let mut log = two_passes();
        log.true_labels = vec![None; 4];
        let rows_under = |threshold| {
            let settings = AumSettings {
                threshold,
                ..AumSettings::default()
            };
            let analysis = analyze(&log, &settings).unwrap();
            let view = RunView {
                log: &log,
                analysis: &analysis,
                settings: &settings,
            };
            let rows = certainty(view, &[], None).rows.into_iter();
            rows.map(|row| row.value).collect::<Vec<_>>()
        };
        // In each pass one of the three ordinary samples is as low as the threshold sample: all that
        // is flagged, and all that is to be found.
        let by_probability = rows_under(ThresholdRule::Posterior);
        assert_eq!(by_probability, ["33.3 %", "1.000", "1.000"]);
        // Of an AUM as given nothing is expected.
        assert_eq!(rows_under(ThresholdRule::Given(0.0)), ["33.3 %"]);
    }

    #[test]
    fn with_neither_truth_nor_threshold_samples_nothing_is_said() {
        let mut log = two_passes();
        log.true_labels = vec![None; 4];
        for pass in &mut log.passes {
            pass.is_threshold_sample = vec![false; 4];
        }
        assert!(rows(&log).is_empty());
    }
}
