//! Logs of one run in a few samples, whose margins and rivals are written out.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, Int32Array, StringArray};
use serde_json::Value;
use tempfile::TempDir;
use tests::parquet_file::write_parquet;

use crate::setup::json_of;

/// A sample in all epochs of a pass.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) given: i32,
    truth: i32,
    is_threshold_sample: bool,
    /// One margin and one rival label per epoch, from epoch 2 on; epoch 1, which does not count, is as the
    /// first of them.
    pub(crate) epochs: Vec<(f32, i32)>,
}

pub(crate) fn sample(given: i32, truth: i32, epochs: &[(f32, i32)]) -> Sample {
    Sample {
        given,
        truth,
        is_threshold_sample: false,
        epochs: epochs.to_vec(),
    }
}

pub(crate) fn threshold_sample(given: i32, epochs: &[(f32, i32)]) -> Sample {
    Sample {
        is_threshold_sample: true,
        ..sample(given, given, epochs)
    }
}

/// Sample id, epoch, sample, margin, rival label.
type Row<'a> = (i32, i32, &'a Sample, f32, i32);

/// The extra class where it is a threshold sample.
fn assigned(sample: &Sample) -> i32 {
    if sample.is_threshold_sample {
        3
    } else {
        sample.given
    }
}

/// Writes a pass of a run with three classes to a file of its own, with all columns but logits.
pub(crate) fn write(folder: &Path, run: &str, pass: i32, samples: &[Sample]) {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (id, sample) in (0..).zip(samples) {
        let epochs = sample.epochs.iter().take(1).chain(&sample.epochs);
        for (epoch, &(margin, rival)) in (1..).zip(epochs) {
            rows.push((id, epoch, sample, margin, rival));
        }
    }
    let ints = |value: fn(&Row<'_>) -> i32| -> ArrayRef {
        Arc::new(Int32Array::from_iter_values(rows.iter().map(value)))
    };
    let marks = rows.iter().map(|row| Some(row.2.is_threshold_sample));
    let margins = rows.iter().map(|row| row.3);
    let path = folder.join(format!("{run}.p{pass}.parquet"));
    write_parquet(
        &path,
        vec![
            ("run", Arc::new(StringArray::from(vec![run; rows.len()]))),
            ("pass", Arc::new(Int32Array::from(vec![pass; rows.len()]))),
            ("epoch", ints(|row| row.1)),
            ("sample_id", ints(|row| row.0)),
            ("assigned_label", ints(|row| assigned(row.2))),
            ("given_label", ints(|row| row.2.given)),
            ("true_label", ints(|row| row.2.truth)),
            (
                "is_threshold_sample",
                Arc::new(BooleanArray::from_iter(marks)),
            ),
            ("margin", Arc::new(Float32Array::from_iter_values(margins))),
            ("rival_label", ints(|row| row.4)),
        ],
    );
}

pub(crate) fn folder() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let word = folder.path().to_str().unwrap().to_owned();
    (folder, word)
}

/// 100 threshold samples with AUMs from -2 to -1, 100 mislabeled samples just below each of them, and
/// 300 clean ones from `clean_from` to one more. 100 of the 400 ordinary samples are mislabeled: 25 %.
pub(crate) fn mixture(clean_from: f32) -> Vec<Sample> {
    let spread =
        |count: u8, from: f32| (0..count).map(move |at| from + f32::from(at) / f32::from(count));
    let threshold = spread(100, -2.0).map(|aum| threshold_sample(0, &[(aum, 1)]));
    let mislabeled = spread(100, -2.001).map(|aum| sample(0, 1, &[(aum, 1)]));
    let clean = spread(150, clean_from).chain(spread(150, clean_from + 0.001));
    let clean = clean.map(|aum| sample(0, 0, &[(aum, 1)]));
    threshold.chain(mislabeled).chain(clean).collect()
}

/// The threshold sample's AUM is 0, so samples 0 and 1 are flagged: class 1 is preferred to the given
/// label of sample 0 in all epochs, class 2 to that of sample 1 in two of three.
pub(crate) fn confused() -> Vec<Sample> {
    vec![
        sample(0, 1, &[(-1.0, 1), (-2.0, 1), (-3.0, 1)]),
        sample(0, 0, &[(-1.0, 2), (-1.0, 2), (-1.0, 1)]),
        sample(1, 1, &[(3.0, 0), (3.0, 0), (3.0, 0)]),
        sample(0, 0, &[(2.0, 1), (2.0, 1), (2.0, 1)]),
        threshold_sample(2, &[(0.0, 0), (0.0, 0), (0.0, 0)]),
    ]
}

/// The first report of a command.
pub(crate) fn report(words: &[&str]) -> Value {
    json_of(words)[0].take()
}
