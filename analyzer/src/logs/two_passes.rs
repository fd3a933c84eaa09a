//! A log that can be analyzed by hand, for tests.

use logformat::SampleIds;

use crate::logs::origins::Origins;
use crate::logs::repeats::RepeatedRows;
use crate::logs::run_log::{EpochMargins, PassLog, RunLog};

/// Two passes over four samples in epochs 1 to 3; sample 3 is the threshold sample of pass 1,
/// sample 2 that of pass 2. Sample 1 is mislabeled. Epoch 1 would turn everything round.
pub(crate) fn two_passes() -> RunLog {
    let pass = |pass: u32, threshold_sample: usize, epochs: [[f32; 4]; 3]| PassLog {
        pass,
        assigned_labels: (0..4)
            .map(|sample| Some(if sample == threshold_sample { 2 } else { 0 }))
            .collect(),
        is_threshold_sample: (0..4).map(|sample| sample == threshold_sample).collect(),
        epochs: (1..)
            .zip(epochs)
            .map(|(epoch, margins)| EpochMargins::new(epoch, &margins.map(Some)))
            .collect(),
        sums: None,
        held_out_accuracies: Vec::new(),
    };
    RunLog {
        run: Some("two-passes".to_owned()),
        sample_ids: SampleIds::Integers(vec![0, 1, 2, 3]),
        given_labels: vec![Some(0); 4],
        true_labels: vec![Some(0), Some(1), Some(0), None],
        passes: vec![
            pass(
                1,
                3,
                [
                    [-90.0, 90.0, -90.0, -90.0],
                    [2.0, -3.0, 1.0, 0.0],
                    [4.0, -2.0, 2.0, -1.0],
                ],
            ),
            pass(
                2,
                2,
                [
                    [-90.0, 90.0, -90.0, -90.0],
                    [1.0, -1.0, -1.0, 3.0],
                    [2.0, -2.0, 0.0, 3.0],
                ],
            ),
        ],
        class_names: Vec::new(),
        learning_rate_drops: Vec::new(),
        configuration: serde_json::Value::Null,
        file_count: 6,
        true_labels_from: None,
        held_out: Vec::new(),
        held_out_accuracies: Vec::new(),
        repeats: RepeatedRows::default(),
        origins: Origins::default(),
    }
}

/// One pass of one epoch: ordinary samples with these margins, then threshold samples with these.
pub(crate) fn one_pass(ordinary: &[f32], threshold: &[f32]) -> RunLog {
    let count = ordinary.len() + threshold.len();
    let is_threshold_sample: Vec<bool> = (0..count).map(|s| s >= ordinary.len()).collect();
    let label = |&is: &bool| Some(if is { 2 } else { 0 });
    let margins: Vec<Option<f32>> = ordinary
        .iter()
        .chain(threshold)
        .copied()
        .map(Some)
        .collect();
    RunLog {
        sample_ids: SampleIds::Integers((0..).take(count).collect()),
        given_labels: vec![Some(0); count],
        true_labels: vec![None; count],
        passes: vec![PassLog {
            pass: 1,
            assigned_labels: is_threshold_sample.iter().map(label).collect(),
            epochs: vec![EpochMargins::new(2, &margins)],
            is_threshold_sample,
            sums: None,
            held_out_accuracies: Vec::new(),
        }],
        ..two_passes()
    }
}
