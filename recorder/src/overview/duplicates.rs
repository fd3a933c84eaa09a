//! Equal samples. Where two of them have different labels, one label is wrong at least; where a test
//! sample is one of training too, the test says too much.
//!
//! Samples are equal where all values that the network sees are. They are told apart by 64-bit hashes:
//! among a million samples two others would share one with a probability of 3 in 10⁸.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Serialize;

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::error::dataset::DatasetError;
use crate::seeds::fnv1a;

/// A training sample, and where to find it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its index, as in logs.
    pub sample_id: usize,
    /// The name of its given label.
    pub given_label: String,
    /// Its file, as it was given.
    pub file: String,
    /// Its row there, from 0.
    pub row: u64,
}

/// Two classes, and how often samples are equal under both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PairCount {
    /// The names of the classes, in the order of their indices.
    pub classes: [String; 2],
    /// Groups of equal samples that have both labels.
    pub groups: usize,
}

/// The equal samples of a data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicates {
    /// Training samples that are there before, whatever their label.
    pub repeated: usize,
    /// Groups of equal training samples under different labels, in the order of their first sample.
    pub conflicts: Vec<Vec<Place>>,
    /// The pairs of classes in them, the most frequent first.
    pub pairs: Vec<PairCount>,
    /// Test samples that are training samples, too.
    pub test_in_training: usize,
    /// Those of them whose label no equal training sample has.
    pub test_under_other_label: usize,
}

impl Duplicates {
    pub(crate) fn find(dataset: &Dataset, given: &[u32]) -> Result<Self, DatasetError> {
        let size = dataset.sample_shape.iter().product();
        let mut groups: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (sample, hash) in hashes(&dataset.train, size)?.into_iter().enumerate() {
            groups.entry(hash).or_default().push(sample);
        }
        let labels = |group: &[usize]| -> BTreeSet<u32> {
            group.iter().map(|&sample| given[sample]).collect()
        };
        let mut conflicts: Vec<&Vec<usize>> = groups
            .values()
            .filter(|group| labels(group).len() > 1)
            .collect();
        conflicts.sort();
        let (mut test_in_training, mut test_under_other_label) = (0, 0);
        let tests = hashes(&dataset.test, size)?;
        for (hash, label) in tests.iter().zip(&dataset.test.labels) {
            if let Some(group) = groups.get(hash) {
                test_in_training += 1;
                test_under_other_label += usize::from(!labels(group).contains(label));
            }
        }
        Ok(Self {
            repeated: groups.values().map(|group| group.len() - 1).sum(),
            pairs: pairs(
                conflicts.iter().map(|group| labels(group)),
                &dataset.class_names,
            ),
            conflicts: conflicts
                .into_iter()
                .map(|group| places(dataset, given, group))
                .collect(),
            test_in_training,
            test_under_other_label,
        })
    }
}

fn places(dataset: &Dataset, given: &[u32], group: &[usize]) -> Vec<Place> {
    let place = |&sample: &usize| {
        let (file, row) = dataset.train.origins.place(sample);
        Place {
            sample_id: dataset.train.origins.sample_id(sample),
            given_label: dataset.class_names[given[sample] as usize].clone(),
            file: file.display().to_string(),
            row,
        }
    };
    group.iter().map(place).collect()
}

fn pairs(groups: impl Iterator<Item = BTreeSet<u32>>, names: &[String]) -> Vec<PairCount> {
    let mut counts: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for labels in groups {
        for &first in &labels {
            for &second in labels.range(first + 1..) {
                *counts.entry((first, second)).or_default() += 1;
            }
        }
    }
    let mut pairs: Vec<_> = counts.into_iter().collect();
    pairs.sort_by_key(|&(pair, groups)| (std::cmp::Reverse(groups), pair));
    let name = |class: u32| names[class as usize].clone();
    pairs
        .into_iter()
        .map(|((first, second), groups)| PairCount {
            classes: [name(first), name(second)],
            groups,
        })
        .collect()
}

/// Read together from where images are not in memory.
const SAMPLES_PER_BATCH: usize = 4096;

fn hashes(samples: &Samples, size: usize) -> Result<Vec<u64>, DatasetError> {
    let hash = |sample: usize, encoded: Option<&[u8]>| match &samples.inputs {
        Inputs::Values(values) => {
            let row = &values[sample * size..(sample + 1) * size];
            Ok(fnv1a(row.iter().flat_map(|value| value.to_le_bytes())))
        }
        _ => {
            let pixels = samples.pixels_of(sample, encoded, size)?;
            Ok(fnv1a(pixels.unwrap_or_default()))
        }
    };
    let all: Vec<usize> = (0..samples.len()).collect();
    let mut hashes = Vec::with_capacity(all.len());
    for batch in all.chunks(SAMPLES_PER_BATCH) {
        let encoded = samples.read_together(batch)?;
        let file = |at: usize| encoded.as_ref().map(|files| files[at].as_slice());
        let batch = batch.par_iter().enumerate();
        let batch: Result<Vec<u64>, DatasetError> =
            batch.map(|(at, &sample)| hash(sample, file(at))).collect();
        hashes.extend(batch?);
    }
    Ok(hashes)
}
