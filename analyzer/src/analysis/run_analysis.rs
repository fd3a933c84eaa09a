//! The whole method on the log of one run: window, AUMs, thresholds, verdicts, and how good they are
//! where the truth is known. Each step has its definition in a module of its own.

use std::sync::OnceLock;

use crate::analysis::combined::{confident_learning, held_out_evidence};
use crate::analysis::judgement::{PassJudgement, judge};
use crate::analysis::pass_aums::pass_aums;
use crate::analysis::settings::AumSettings;
use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::rules::class_thresholds::{less_shifts, threshold_shifts};
use crate::rules::evaluation::{Evaluation, evaluate};
use crate::rules::ranking::lowest;
use crate::rules::threshold_rule::ThresholdRule;
use crate::rules::verdict::{PassAums, Verdicts};
use crate::rules::window::{EpochRange, Window, choose_window};

/// What was found in one run. Vectors over samples are in the order of the log.
#[derive(Debug, Clone)]
pub struct RunAnalysis {
    /// The epochs that count.
    pub window: Window,
    /// The AUMs of each pass over these epochs, ascending by the number of the pass.
    pub aums: Vec<PassAums>,
    /// What each pass says, in the same order.
    pub passes: Vec<PassJudgement>,
    /// What the passes say together.
    pub verdicts: Verdicts,
    /// Against the true labels, where any is known.
    pub evaluation: Evaluation,
    /// By how much the thresholds are moved for each sample; empty where they are not.
    shifts: Vec<f64>,
    /// What the rule ranks by where that is not the AUM alone: higher for more suspicious samples.
    suspicions: Option<Vec<Option<f64>>>,
    /// Ordering all samples takes longer than judging them, so it is done for those who ask.
    ranking: OnceLock<Vec<usize>>,
}

impl RunAnalysis {
    /// The judged samples (their positions), the most suspicious first: by AUM, or by what the rule combines with it;
    /// equal ones by sample id.
    pub fn ranking(&self) -> &[usize] {
        self.ranking.get_or_init(|| self.lowest(usize::MAX))
    }

    /// The first `count` of the [`ranking`](Self::ranking), which is not made for it.
    pub fn lowest(&self, count: usize) -> Vec<usize> {
        match &self.suspicions {
            Some(suspicions) => lowest(suspicions.iter().map(|s| s.map(|s| -s)), count),
            None => lowest(self.verdicts.aums(), count),
        }
    }

    /// By how much the thresholds of the passes are moved for a sample, in logit units; 0 where they are not.
    pub(crate) fn threshold_shift(&self, sample: usize) -> f64 {
        self.shifts.get(sample).copied().unwrap_or(0.0)
    }

    /// Whether the ranking is by the AUM alone.
    pub(crate) fn ranks_by_aum(&self) -> bool {
        self.suspicions.is_none()
    }
}

/// Analyzes one run.
///
/// # Errors
/// [`AnalyzerError::NoEpochInWindow`] where none of the epochs asked for was recorded; by
/// [`ThresholdRule::Combined`] and [`ThresholdRule::ConfidentLearning`], those of reading held-out logits.
pub fn analyze(log: &RunLog, settings: &AumSettings) -> Result<RunAnalysis, AnalyzerError> {
    let window = window_of(log, settings)?;
    let aums = aums_of_passes(log, window);
    let (mut passes, mut verdicts) = judge(&aums, settings.threshold, settings.protocol);
    let mut shifts = Vec::new();
    if settings.moves_thresholds() {
        shifts = threshold_shifts(&log.given_labels);
        let shifted = less_shifts(&aums, &shifts);
        let (of_classes, flagging) = judge(&shifted, settings.threshold, settings.protocol);
        passes = of_classes;
        verdicts = verdicts.flagging_as(&flagging);
    }
    let found = match settings.threshold {
        ThresholdRule::Percentile(_) | ThresholdRule::Given(_) | ThresholdRule::Posterior => None,
        ThresholdRule::Combined => Some(held_out_evidence(log, window, &verdicts)?.combined),
        ThresholdRule::ConfidentLearning(pruning) => {
            Some(confident_learning(log, window, &verdicts, pruning)?)
        }
    };
    let mut suspicions = None;
    if let Some(found) = found {
        verdicts = verdicts.flagging(found.flagged);
        suspicions = Some(found.suspicions);
    }
    Ok(RunAnalysis {
        evaluation: evaluate(&log.given_labels, &log.true_labels, verdicts.flagged()),
        window,
        aums,
        passes,
        verdicts,
        shifts,
        suspicions,
        ranking: OnceLock::new(),
    })
}

/// The AUMs of each pass over the epochs of `window`.
pub(crate) fn aums_of_passes(log: &RunLog, window: Window) -> Vec<PassAums> {
    let passes = log.passes.iter().map(|pass| PassAums {
        pass: pass.pass,
        aums: pass_aums(pass, window),
        is_threshold_sample: pass.is_threshold_sample.clone(),
    });
    passes.collect()
}

/// The epochs of a log that count.
///
/// # Errors
/// [`AnalyzerError::NoEpochInWindow`] where none of the epochs asked for was recorded,
/// [`AnalyzerError::NoHeldOutAccuracies`] where the best one cannot be told.
pub(crate) fn window_of(log: &RunLog, settings: &AumSettings) -> Result<Window, AnalyzerError> {
    if log.is_aum_table() {
        let best = settings.until_best.then(|| "best".to_owned());
        return match settings.epochs.map(|epochs| epochs.to_string()).or(best) {
            None => Ok(Window::OF_AUM_TABLE),
            Some(requested) => Err(AnalyzerError::TableHasNoEpochs {
                run: log.title().to_owned(),
                requested,
            }),
        };
    }
    let recorded = log.recorded_epochs();
    let first_epoch = settings.protocol.first_epoch;
    let drops = &log.learning_rate_drops;
    let window = choose_window(settings.epochs, &recorded, drops, first_epoch);
    let window = window.ok_or_else(|| {
        let everything = EpochRange::default();
        AnalyzerError::NoEpochInWindow {
            run: log.title().to_owned(),
            requested: settings.epochs.unwrap_or(everything).to_string(),
            first: recorded.first().copied().unwrap_or(0),
            last: recorded.last().copied().unwrap_or(0),
        }
    })?;
    if !settings.until_best {
        return Ok(window);
    }
    let best = window.until_best(&log.held_out_accuracies);
    best.ok_or_else(|| AnalyzerError::NoHeldOutAccuracies {
        run: log.title().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::run_log::EpochMargins;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn two_passes_are_analyzed_as_by_hand() {
        let analysis = analyze(&two_passes(), &AumSettings::default()).unwrap();
        assert_eq!((analysis.window.first, analysis.window.last), (2, 3));
        let [first, second] = &analysis.passes[..] else {
            panic!("two passes")
        };
        assert_eq!(
            analysis.aums[0].aums,
            [Some(3.0), Some(-2.5), Some(1.5), Some(-0.5)]
        );
        assert_eq!(
            analysis.aums[1].aums,
            [Some(1.5), Some(-1.5), Some(-0.5), Some(3.0)]
        );
        assert_eq!(
            (first.threshold_aum(), second.threshold_aum()),
            (Some(-0.5), Some(-0.5))
        );
        assert_eq!((first.judged, first.flagged), (3, Some(1)));
        let aums: Vec<Option<f64>> = analysis.verdicts.aums().collect();
        assert_eq!(aums, [2.25, -2.0, 1.5, 3.0].map(Some));
        assert_eq!(analysis.verdicts.flagged_count(), Some(1));
        assert_eq!(analysis.ranking(), [1, 2, 0, 3]);
        assert_eq!(analysis.evaluation.precision(), Some(1.0));
        assert_eq!(analysis.evaluation.without_true_label, 1);
    }

    #[test]
    fn a_given_threshold_holds_in_every_pass() {
        let settings = AumSettings {
            threshold: ThresholdRule::Given(2.0),
            ..AumSettings::default()
        };
        let analysis = analyze(&two_passes(), &settings).unwrap();
        let flagged: Vec<Option<bool>> = analysis.verdicts.flagged().collect();
        // Sample 0 has 3 and 1.5: one pass alone flags it.
        assert_eq!(flagged, [Some(false), Some(true), Some(true), Some(false)]);
    }

    #[test]
    fn by_class_the_threshold_of_a_rare_class_is_lower() {
        let mut log = two_passes();
        // Of class 0 there is sample 1, with the AUMs -2.5 and -1.5; of class 1 there are the three others.
        log.given_labels = vec![Some(1), Some(0), Some(1), Some(1)];
        let by_class = AumSettings {
            by_class: true,
            ..AumSettings::default()
        };
        let flagged = |settings: &AumSettings| {
            let analysis = analyze(&log, settings).unwrap();
            let flagged = analysis.verdicts.flagged_count();
            let of_passes = analysis.passes.iter().map(|pass| pass.flagged);
            (
                flagged,
                of_passes.collect::<Vec<_>>(),
                analysis.threshold_shift(1),
            )
        };
        // The thresholds are -0.5, and ln(1 / 2) lower for class 0: -1.19, above both of its AUMs.
        let lower = 0.5_f64.ln();
        assert_eq!(
            flagged(&AumSettings::default()),
            (Some(1), vec![Some(1); 2], 0.0)
        );
        assert_eq!(flagged(&by_class), (Some(1), vec![Some(1); 2], lower));
        for epoch in &mut log.passes[1].epochs {
            *epoch = EpochMargins::new(epoch.epoch, &[1.5, -1.0, -0.5, 3.0].map(Some));
        }
        let flagged =
            |settings: &AumSettings| analyze(&log, settings).unwrap().verdicts.flagged_count();
        assert_eq!(flagged(&AumSettings::default()), Some(1));
        assert_eq!(flagged(&by_class), Some(0));
        // An AUM as given holds for all classes.
        let given = AumSettings {
            threshold: ThresholdRule::Given(-0.5),
            ..by_class
        };
        assert_eq!(flagged(&given), Some(1));
    }

    #[test]
    fn equal_aums_are_ranked_by_sample_id_and_unjudged_samples_not_at_all() {
        let mut log = two_passes();
        log.passes.truncate(1);
        log.passes[0].epochs = vec![EpochMargins::new(2, &[Some(1.0); 4])];
        let analysis = analyze(&log, &AumSettings::default()).unwrap();
        assert_eq!(analysis.ranking(), [0, 1, 2]);
        assert_eq!(analysis.verdicts.judged_count(), 3);
        assert_eq!(
            analysis.verdicts.get(3),
            crate::rules::verdict::SampleVerdict::default()
        );
    }

    #[test]
    fn a_rule_that_combines_ranks_by_what_it_combines() {
        let mut analysis = analyze(&two_passes(), &AumSettings::default()).unwrap();
        assert!(analysis.ranks_by_aum());
        analysis.suspicions = Some(vec![Some(0.2), Some(0.1), None, Some(0.9)]);
        assert_eq!(
            (analysis.lowest(2), analysis.ranking()),
            (vec![3, 0], &[3, 0, 1][..])
        );
    }

    #[test]
    fn a_window_without_a_recorded_epoch_names_the_recorded_ones() {
        let settings = AumSettings {
            epochs: Some("4..9".parse().unwrap()),
            ..AumSettings::default()
        };
        let error = analyze(&two_passes(), &settings).unwrap_err();
        assert_eq!(
            error.to_string(),
            "run two-passes: no epoch within 4..9 was recorded; the log has epochs 1 to 3"
        );
    }
}
