//! The sizes of image files, and the ranges of features.

use serde::Serialize;

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};

/// Sizes of images, each as width and height in pixels, ordered by their area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// How many different ones there are.
    pub different: usize,
    /// The one with the fewest pixels.
    pub smallest: [usize; 2],
    /// The one in the middle.
    pub median: [usize; 2],
    /// The one with the most pixels.
    pub largest: [usize; 2],
}

impl Sizes {
    /// Of both parts; `None` for features.
    pub(crate) fn of(dataset: &Dataset) -> Option<Self> {
        let mut sizes: Vec<[usize; 2]> = Vec::new();
        for samples in [&dataset.train, &dataset.test] {
            match &samples.inputs {
                Inputs::Values(_) => return None,
                Inputs::Images(images) => sizes.extend(images.original_sizes()),
                Inputs::Pixels(_) => {
                    let [_, height, width] = dataset.sample_shape;
                    sizes.extend(std::iter::repeat_n([width, height], samples.len()));
                }
            }
        }
        sizes.sort_by_key(|&[width, height]| (width * height, width));
        let (first, last) = (*sizes.first()?, *sizes.last()?);
        let median = sizes[(sizes.len() - 1) / 2];
        sizes.dedup();
        Some(Self {
            different: sizes.len(),
            smallest: first,
            median,
            largest: last,
        })
    }
}

/// Ranges of features over the training samples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Values {
    /// How many values a sample has.
    pub dimension: usize,
    /// The smallest value of all.
    pub smallest: f32,
    /// The largest value of all.
    pub largest: f32,
    /// The columns, from 0, that have one value in all samples, and so tell nothing.
    pub constant_columns: Vec<usize>,
}

impl Values {
    /// `None` for images.
    pub(crate) fn of(dataset: &Dataset) -> Option<Self> {
        let Samples { inputs, .. } = &dataset.train;
        let Inputs::Values(values) = inputs else {
            return None;
        };
        let dimension: usize = dataset.sample_shape.iter().product();
        let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); dimension];
        for row in values.chunks_exact(dimension.max(1)) {
            for ((low, high), value) in ranges.iter_mut().zip(row) {
                *low = low.min(*value);
                *high = high.max(*value);
            }
        }
        let columns = ranges.iter().enumerate();
        Some(Self {
            dimension,
            smallest: ranges
                .iter()
                .fold(f32::INFINITY, |low, range| low.min(range.0)),
            largest: ranges
                .iter()
                .fold(f32::NEG_INFINITY, |high, range| high.max(range.1)),
            constant_columns: columns
                .filter(|(_, (low, high))| low == high)
                .map(|(column, _)| column)
                .collect(),
        })
    }
}
