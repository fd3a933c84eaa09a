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
    pub smallest: f64,
    /// The largest value of all.
    pub largest: f64,
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
        let offset = |column: usize| dataset.feature_offsets.get(column).copied().unwrap_or(0.0);
        let low = columns
            .clone()
            .map(|(column, range)| as_written(range.0, offset(column)));
        let high = columns
            .clone()
            .map(|(column, range)| as_written(range.1, offset(column)));
        Some(Self {
            dimension,
            smallest: low.fold(f64::INFINITY, f64::min),
            largest: high.fold(f64::NEG_INFINITY, f64::max),
            constant_columns: columns
                .filter(|(_, (low, high))| low == high)
                .map(|(column, _)| column)
                .collect(),
        })
    }
}

/// A value of a feature that lies at `offset`, without digits that 32 bits do not have.
fn as_written(value: f32, offset: f64) -> f64 {
    let value: f64 = value.to_string().parse().unwrap_or_else(|_| value.into());
    value + offset
}
