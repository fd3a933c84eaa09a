//! All that makes a result doubtful, a line each.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::analysis::judgement::PassJudgement;
use crate::analysis::notes::counted;
use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings::AumSettings;
use crate::logs::configuration::{is_by_symmetric_cross_entropy, logged_noise};
use crate::logs::margin_sums::{MarginSums, largest_margin};
use crate::logs::run_log::{PassLog, RunLog};
use crate::questions::doubts::{classes, flagged, flagged_classes, learning, passes};
use crate::questions::estimate::bias::posterior_doubts;
use crate::rules::evaluation::known_class;
use crate::rules::threshold::FEW_THRESHOLD_SAMPLES;
use crate::rules::threshold_rule::ThresholdRule;

/// From here on the wrong label of a flipped class is nearly as frequent as the right one, and the
/// network learns it as such (Pleiss et al. 2020, section 5.1, report flip noise up to 40 %).
const MUCH_FLIP_NOISE: f64 = 0.4;

/// A network of this accuracy, 0 to 1, on samples that it was not trained on has learned its data: what lies below 0 by
/// symmetric cross-entropy is wrong rather than hard. A choice: networks on digits and MNIST come to it in some epoch, one on
/// few images of CIFAR-10 to 0.6.
const LEARNED: f64 = 0.9;

/// What makes the result doubtful: a line each.
pub fn warnings(log: &RunLog, analysis: &RunAnalysis, settings: &AumSettings) -> Vec<String> {
    let by_threshold_samples = !matches!(
        settings.threshold,
        ThresholdRule::Given(_) | ThresholdRule::Combined | ThresholdRule::ConfidentLearning(_)
    );
    let passes = log.passes.iter().zip(&analysis.passes);
    let passes = passes.filter(|_| by_threshold_samples);
    let mut warnings: Vec<String> = passes
        .flat_map(|(pass, found)| {
            let few = few_threshold_samples(pass, found, analysis, settings);
            let doubts = few.into_iter().chain(of_pass(log, pass, found, analysis));
            doubts
                .map(|doubt| in_pass(log, pass, &doubt))
                .collect::<Vec<_>>()
        })
        .collect();
    let mut doubts = of_run(log, analysis);
    let unlearnt = unlearnt_threshold_samples(log).filter(|_| by_threshold_samples);
    doubts.extend(unlearnt.map(str::to_owned));
    doubts.extend(much_flip_noise(&log.configuration));
    doubts.extend(passes::disagreement(log, analysis));
    doubts.extend(flagged::doubt(log, analysis, settings));
    doubts.extend(flagged_classes::doubts(log, analysis, settings));
    if settings.threshold == ThresholdRule::Posterior {
        doubts.extend(posterior_doubts(log, analysis));
    }
    warnings.extend(doubts.iter().map(|doubt| in_run(log, doubt)));
    warnings
}

/// What of this lies in the log, whichever samples are flagged: a line each.
pub fn log_doubts(log: &RunLog, analysis: &RunAnalysis) -> Vec<String> {
    let passes = log.passes.iter().zip(&analysis.passes);
    let of_passes = passes.flat_map(|(pass, found)| {
        let doubts = of_pass(log, pass, found, analysis).into_iter();
        doubts
            .map(|doubt| in_pass(log, pass, &doubt))
            .collect::<Vec<_>>()
    });
    let of_run = of_run(log, analysis);
    let of_run = of_run.iter().map(|doubt| in_run(log, doubt));
    of_passes.chain(of_run).collect()
}

fn in_pass(log: &RunLog, pass: &PassLog, doubt: &str) -> String {
    format!("run {}, pass {}: {doubt}", log.title(), pass.pass)
}

fn in_run(log: &RunLog, doubt: &str) -> String {
    format!("run {}: {doubt}", log.title())
}

fn of_pass(
    log: &RunLog,
    pass: &PassLog,
    found: &PassJudgement,
    analysis: &RunAnalysis,
) -> Vec<String> {
    let one_class = one_class_of_threshold_samples(log, pass);
    let others = passes::threshold_samples(log, pass, found, analysis);
    one_class.into_iter().chain(others).collect()
}

fn of_run(log: &RunLog, analysis: &RunAnalysis) -> Vec<String> {
    let mut doubts: Vec<String> = probabilities(log).into_iter().collect();
    doubts.extend(classes::doubts(log, analysis));
    doubts.extend(learning::doubt(log, analysis));
    doubts
}

fn few_threshold_samples(
    logged: &PassLog,
    pass: &PassJudgement,
    analysis: &RunAnalysis,
    settings: &AumSettings,
) -> Option<String> {
    let what_for = match settings.threshold {
        ThresholdRule::Percentile(percentile) => format!("take percentile {percentile} of"),
        ThresholdRule::Posterior => "compare the others with".to_owned(),
        ThresholdRule::Given(_) | ThresholdRule::Combined | ThresholdRule::ConfidentLearning(_) => {
            return None;
        }
    };
    match pass.threshold_samples {
        0 if logged.is_threshold_sample.contains(&true) => None, // said by `passes`
        0 if analysis.verdicts.flagged_count().is_some() => Some(
            "no threshold samples, so this pass flags nothing and the others decide alone"
                .to_owned(),
        ),
        0 => None,
        count if count < FEW_THRESHOLD_SAMPLES => Some(format!(
            "only {} to {what_for}, so the threshold is a rough one; record with {FEW_THRESHOLD_SAMPLES} or more",
            counted(count, "threshold sample")
        )),
        _ => None,
    }
}

/// Threshold samples stand for mistakes of all kinds only when they come from all classes.
fn one_class_of_threshold_samples(log: &RunLog, pass: &PassLog) -> Option<String> {
    let samples = || (0..log.sample_count()).filter(|&sample| pass.is_threshold_sample[sample]);
    let label = |sample: usize| known_class(log.true_labels[sample]).or(log.given_labels[sample]);
    let classes: BTreeSet<u32> = samples().filter_map(label).collect();
    let mut given = log.given_labels.iter().flatten();
    let several_classes = given
        .next()
        .is_some_and(|first| given.any(|label| label != first));
    let (Some(class), 1, true) = (classes.first(), classes.len(), several_classes) else {
        return None;
    };
    let count = samples().filter(|&sample| label(sample).is_some()).count();
    (count > 1).then(|| {
        let name = log.class_names.get(*class as usize);
        let name = name.map_or_else(String::new, |name| format!(" ({name})"));
        format!(
            "all {count} threshold samples are of class {class}{name}, so the threshold tells of that class alone; draw them at random from all classes"
        )
    })
}

/// Probabilities lie between 0 and 1, so their margins between −1 and 1, where logits of a trained
/// network do not stay.
fn probabilities(log: &RunLog) -> Option<String> {
    let sums = log.passes.iter().filter_map(|pass| pass.sums.as_ref());
    let mut largest = sums.map(MarginSums::largest_margin).fold(0.0, f32::max);
    for epoch in log.passes.iter().flat_map(|pass| &pass.epochs) {
        if largest > MarginSums::LARGEST_OF_PROBABILITIES {
            return None;
        }
        largest = largest_margin(&epoch.margins).max(largest);
    }
    let are_like_probabilities = largest > 0.0 && largest <= MarginSums::LARGEST_OF_PROBABILITIES;
    are_like_probabilities.then(|| {
        "all margins lie between -1 and 1, as if probabilities had been logged; AUM needs raw logits, before the softmax".to_owned()
    })
}

/// Nothing where the log has held-out evidence, as of features, which says more.
fn unlearnt_threshold_samples(log: &RunLog) -> Option<&'static str> {
    let is_learnt = |pass: &PassLog| {
        let mut accuracies = pass.held_out_accuracies.iter();
        accuracies.any(|&accuracy| accuracy >= LEARNED)
    };
    let is_such = log.held_out.is_empty()
        && is_by_symmetric_cross_entropy(&log.configuration)
        && log.passes.iter().all(is_learnt);
    is_such.then_some(
        "its network was trained by symmetric cross-entropy, which leaves threshold samples even less learnt than wrong labels, so that thresholds by them lie too low; what it learned lies above 0: flag AUMs below 0 instead",
    )
}

fn much_flip_noise(configuration: &Value) -> Option<String> {
    let (kind, rate) = logged_noise(configuration)?;
    let suffers =
        kind == "flip" && rate >= MUCH_FLIP_NOISE && !is_by_symmetric_cross_entropy(configuration);
    suffers.then(|| {
        format!(
            "the log has flip noise of {} %, where AUM is known to suffer: the wrong class of a flipped label is nearly as frequent as the right one; a network trained by symmetric cross-entropy learns it less",
            (rate * 1000.0).round() / 10.0
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::logs::run_log::EpochMargins;
    use crate::logs::two_passes::two_passes;

    fn warnings_of(log: &RunLog, settings: &AumSettings) -> Vec<String> {
        warnings(log, &analyze(log, settings).unwrap(), settings)
    }

    fn given_threshold() -> AumSettings {
        AumSettings {
            threshold: ThresholdRule::Given(0.0),
            ..AumSettings::default()
        }
    }

    #[test]
    fn few_threshold_samples_are_a_warning_unless_the_threshold_is_given() {
        let log = two_passes();
        let warned = warnings_of(&log, &AumSettings::default());
        assert_eq!(warned.len(), 2);
        assert!(warned[0].starts_with("run two-passes, pass 1: only 1 threshold sample to"));
        assert!(warnings_of(&log, &given_threshold()).is_empty());
    }

    #[test]
    fn threshold_samples_of_one_class_are_a_warning() {
        let mut log = two_passes();
        log.passes.truncate(1);
        log.passes[0].is_threshold_sample = vec![false, false, true, true];
        log.passes[0].assigned_labels[2] = Some(2);
        log.true_labels = vec![Some(0), Some(1), Some(0), Some(0)];
        log.given_labels = vec![Some(0), Some(1), Some(1), Some(0)];
        let warned = warnings_of(&log, &AumSettings::default());
        assert!(
            warned[1].contains("all 2 threshold samples are of class 0, so"),
            "{warned:?}"
        );
        log.true_labels[2] = Some(1);
        assert_eq!(warnings_of(&log, &AumSettings::default()).len(), 1);
    }

    #[test]
    fn margins_between_minus_1_and_1_look_like_probabilities() {
        let mut log = two_passes();
        let margins = |margin| EpochMargins::new(2, &[Some(margin), Some(-1.0), None, Some(0.2)]);
        log.passes[1].epochs = vec![margins(0.9)];
        log.passes[0].epochs = vec![margins(1.0)];
        let warned = warnings_of(&log, &given_threshold());
        assert!(warned[0].contains("before the softmax"), "{warned:?}");
        log.passes[0].epochs = vec![margins(1.5)];
        assert!(warnings_of(&log, &given_threshold()).is_empty());
    }

    #[test]
    fn threshold_samples_are_no_measure_where_symmetric_cross_entropy_has_learned() {
        let mut log = two_passes();
        log.configuration = json!({"loss": "sce"});
        let doubt = |log: &RunLog, settings: &AumSettings| {
            let warned = warnings_of(log, settings);
            warned.iter().any(|line| line.contains("below 0 instead"))
        };
        let mut learned = |accuracy: f64| {
            for pass in &mut log.passes {
                pass.held_out_accuracies = vec![accuracy, 0.5];
            }
            log.clone()
        };
        assert!(doubt(&learned(0.97), &AumSettings::default()));
        assert!(!doubt(&learned(0.97), &given_threshold()));
        assert!(!doubt(&learned(0.6), &AumSettings::default()));
        let mut other = learned(0.97);
        other.configuration = json!({});
        assert!(!doubt(&other, &AumSettings::default()));
    }

    #[test]
    fn much_flip_noise_is_a_warning_and_uniform_noise_is_none() {
        let mut log = two_passes();
        let mut warned = |kind: &str, rate: f64| {
            log.configuration = json!({"noise": {"noise_type": kind, "noise_rate": rate}});
            warnings_of(&log, &given_threshold())
        };
        assert!(warned("flip", 0.45)[0].contains("flip noise of 45 %"));
        assert!(warned("flip", 0.39).is_empty());
        assert!(warned("uniform", 0.45).is_empty());
        log.configuration =
            json!({"loss": "sce", "noise": {"noise_type": "flip", "noise_rate": 0.45}});
        assert!(warnings_of(&log, &given_threshold()).is_empty());
    }
}
