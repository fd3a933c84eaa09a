use serde_json::json;

use crate::analysis::run_analysis::analyze;
use crate::analysis::settings::AumSettings;
use crate::logs::run_log::RunLog;
use crate::questions::confusions::Suggestion;
use crate::questions::estimate::bias::{estimate_doubts, posterior_doubts};
use crate::questions::estimate::tests::{estimated, log};

/// 100 mislabeled samples (100 to 199) and 300 clean ones, as in the other tests, of `classes` classes,
/// all AUMs higher by `shift`.
fn of_classes(classes: u32, clean_from: f32, shift: f32) -> RunLog {
    let mut log = log(100, 300, clean_from);
    log.given_labels = (0..classes).cycle().take(500).map(Some).collect();
    for margin in &mut log.passes[0].epochs[0].margins {
        *margin += shift;
    }
    log
}

fn rival(log: &RunLog, other: impl Fn(usize, u32) -> u32) -> Vec<Suggestion> {
    let suggestion = |sample: usize| Suggestion {
        sample,
        suggested_label: Some(other(sample, log.given_labels[sample].unwrap())),
        support: 1.0,
        given_support: 0.0,
    };
    (100..200).map(suggestion).collect()
}

fn doubts(log: &RunLog, flagged: Option<&[Suggestion]>) -> Vec<String> {
    let analysis = analyze(log, &AumSettings::default()).unwrap();
    estimate_doubts(log, &analysis, &estimated(log).unwrap(), flagged)
}

/// Each class has the other three as rivals, in turn.
fn at_random(sample: usize, given: u32) -> u32 {
    (given + 1 + (sample as u32 / 4) % 3) % 4
}

#[test]
fn one_rival_for_each_class_is_a_pattern_and_the_estimate_a_lower_bound() {
    let log = of_classes(4, 1.0, 0.0);
    let next = rival(&log, |_, given| (given + 1) % 4);
    let [pattern] = &doubts(&log, Some(&next))[..] else {
        panic!("one doubt")
    };
    assert!(
        pattern.contains("the same in 100.0 % of cases"),
        "{pattern}"
    );
    assert!(pattern.contains("lower bounds"), "{pattern}");
    // 25 samples of each class have three rivals 8 or 9 times: (9·8 + 2·8·7) / (25·24) is 0.31.
    assert!(doubts(&log, Some(&rival(&log, at_random))).is_empty());
    assert!(doubts(&log, None).is_empty());
}

#[test]
fn of_two_classes_or_of_few_samples_no_pattern_can_be_told() {
    let log = of_classes(2, 1.0, 0.0);
    let other = rival(&log, |_, given| 1 - given);
    assert!(doubts(&log, Some(&other)).is_empty());
    let log = of_classes(4, 1.0, 0.0);
    let next = rival(&log, |_, given| (given + 1) % 4);
    assert!(doubts(&log, Some(&next[..49])).is_empty());
}

#[test]
fn the_noise_that_the_log_names_needs_no_look_at_rivals() {
    let mut log = of_classes(4, 1.0, 0.0);
    log.configuration = json!({"noise_type": "flip", "noise_rate": 0.4});
    let found = doubts(&log, None);
    assert!(found[0].contains("flip noise of 40.0 %"), "{found:?}");
    log.configuration = json!({"noise_type": "uniform", "noise_rate": 0.4});
    assert!(doubts(&log, None).is_empty());
}

#[test]
fn an_overlap_is_told_with_its_direction_as_far_as_that_is_known() {
    // The clean samples reach from 0.4 to 1.4, the threshold samples from 0 to 1.
    let log = of_classes(4, -1.6, 2.0);
    let unknown = &doubts(&log, None)[0];
    assert!(unknown.contains("too high where") && unknown.contains("too low where"));
    let high = &doubts(&log, Some(&rival(&log, at_random)))[0];
    assert!(high.contains("which is likely here") && !high.contains("too low"));
    let next = rival(&log, |_, given| (given + 1) % 4);
    let low = doubts(&log, Some(&next));
    assert!(low[0].contains("too low") && !low[0].contains("too high"));
    assert!(low[1].contains("lower bounds"));
}

#[test]
fn a_pass_that_learned_nothing_is_told_instead_of_its_gap() {
    // No AUM is above 0, and the commonest of four classes has a quarter of the samples.
    let log = of_classes(4, -1.6, 0.0);
    let [nothing] = &doubts(&log, None)[..] else {
        panic!("one doubt")
    };
    assert!(nothing.starts_with("pass 1 learned nothing"), "{nothing}");
    assert!(nothing.contains("0.0 % of the samples") && nothing.contains("the other passes"));
}

#[test]
fn few_threshold_samples_make_a_rough_estimate() {
    let found = doubts(&log(10, 300, 1.0), None);
    assert!(found[0].contains("only 40 threshold samples"), "{found:?}");
}

#[test]
fn verdicts_by_probability_are_doubted_like_the_estimate() {
    let log = of_classes(4, -1.6, 2.0);
    let analysis = analyze(&log, &AumSettings::default()).unwrap();
    assert_eq!(posterior_doubts(&log, &analysis), doubts(&log, None));
}
