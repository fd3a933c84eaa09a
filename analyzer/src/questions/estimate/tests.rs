use logformat::SampleIds;

use crate::analysis::run_analysis::analyze;
use crate::analysis::settings::AumSettings;
use crate::logs::origins::Origins;
use crate::logs::repeats::RepeatedRows;
use crate::logs::run_log::{EpochMargins, PassLog};
use crate::questions::estimate::passes::SMALLEST_SOUND_GAP;
use crate::questions::estimate::*;

/// One pass, one epoch: `mislabeled` ordinary and as many threshold samples with AUMs from −2 to
/// −1, and `clean` ordinary samples from `clean_from` to one more.
pub(crate) fn log(mislabeled: u32, clean: u32, clean_from: f32) -> RunLog {
    let spread = |count: u32, from: f32| (0..count).map(move |at| from + at as f32 / count as f32);
    let threshold = mislabeled.max(40);
    let margins: Vec<Option<f32>> = spread(threshold, -2.0)
        .chain(spread(mislabeled, -2.001))
        .chain(spread(clean, clean_from))
        .map(Some)
        .collect();
    let samples = margins.len();
    let is_threshold_sample: Vec<bool> = (0..samples).map(|s| s < threshold as usize).collect();
    RunLog {
        run: None,
        sample_ids: SampleIds::Integers((0..).take(samples).collect()),
        given_labels: vec![Some(0); samples],
        true_labels: vec![None; samples],
        passes: vec![PassLog {
            pass: 1,
            assigned_labels: vec![Some(0); samples],
            is_threshold_sample,
            epochs: vec![EpochMargins::new(2, &margins)],
            sums: None,
            held_out_accuracies: Vec::new(),
        }],
        class_names: Vec::new(),
        learning_rate_drops: Vec::new(),
        configuration: serde_json::Value::Null,
        file_count: 1,
        true_labels_from: None,
        held_out: Vec::new(),
        held_out_accuracies: Vec::new(),
        repeats: RepeatedRows::default(),
        origins: Origins::default(),
    }
}

pub(crate) fn estimated(log: &RunLog) -> Option<Estimate> {
    let settings = EstimateSettings {
        percentiles: vec![Percentile::new(50.0).unwrap(), Percentile::default()],
        resamples: 50,
        seed: 0,
    };
    estimate(
        log,
        &analyze(log, &AumSettings::default()).unwrap(),
        &settings,
        None,
    )
}

#[test]
fn a_clear_mixture_is_taken_apart() {
    // 100 of 400 ordinary samples are mislabeled, and there is a gap before the clean ones.
    let log = log(100, 300, 1.0);
    let found = estimated(&log).unwrap();
    assert_eq!(found.noise_rate.estimate, Some(0.25));
    let interval = found.noise_rate.interval.unwrap();
    assert!(interval.low < 0.25 && interval.high > 0.25);
    assert_eq!(found.probabilities[..100], [None; 100]);
    assert_eq!(found.probabilities[100..200], [Some(1.0); 100]);
    assert_eq!(found.probabilities[200..], [Some(0.0); 300]);
    // Clean: 1.1 is at a tenth. Threshold samples: -1.01, and quartiles -1.75 and -1.25.
    assert!((found.passes[0].gap.unwrap() - 2.11 / 0.5).abs() < 1e-5);
}

#[test]
fn half_the_percentile_finds_half_of_them_and_the_posterior_all() {
    let found = estimated(&log(100, 300, 1.0)).unwrap();
    let [half, nearly_all, posterior] = &found.rules[..] else {
        panic!("two percentiles and the posterior")
    };
    // The 51st largest of 100 threshold AUMs is the threshold: 50 ordinary samples are below.
    assert_eq!(half.flagged, 50);
    assert_eq!(
        (half.precision.estimate, half.recall.estimate),
        (Some(1.0), Some(0.5))
    );
    assert_eq!(nearly_all.flagged, 99);
    assert_eq!((posterior.percentile, posterior.flagged), (None, 100));
    assert_eq!(posterior.recall.estimate, Some(1.0));
}

#[test]
fn without_noise_nothing_is_found() {
    let found = estimated(&log(0, 200, 1.0)).unwrap();
    assert_eq!(found.noise_rate.estimate, Some(0.0));
    assert_eq!(found.rules[1].precision.estimate, None);
    assert_eq!(found.rules[1].recall.estimate, None);
}

#[test]
fn clean_samples_among_the_threshold_samples_leave_no_gap() {
    let gap = estimated(&log(100, 300, -1.6)).unwrap().passes[0].gap;
    assert!(gap.unwrap() < SMALLEST_SOUND_GAP, "{gap:?}");
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let log = log(30, 90, 0.0);
    assert_eq!(estimated(&log), estimated(&log));
}

#[test]
fn without_threshold_samples_there_is_nothing_to_compare_with() {
    let mut log = log(10, 20, 1.0);
    log.passes[0].is_threshold_sample.fill(false);
    assert_eq!(estimated(&log), None);
}
