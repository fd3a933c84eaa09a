//! The features as the models in closed form see them: standardised, those that are the same in every sample
//! left out.

use std::ops::Range;

use rayon::prelude::*;

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::Inputs;

/// Samples × features, standardised when they are asked for.
pub(crate) struct Features<'a> {
    values: &'a [f32],
    /// Stored features of a sample.
    stored: usize,
    /// Index, mean and deviation of each feature that varies.
    varying: Vec<(usize, f64, f64)>,
}

impl<'a> Features<'a> {
    /// Those of the training samples; `None` where they are images, or no feature varies.
    pub(crate) fn of(dataset: &'a Dataset) -> Option<Self> {
        let Inputs::Values(values) = &dataset.train.inputs else {
            return None;
        };
        let stored = dataset.sample_shape.iter().product();
        let scales = &dataset.standardisation;
        if scales.means.len() != stored {
            return None;
        }
        let first = values.get(..stored)?;
        let varies = |feature: &usize| {
            let mut rows = values.chunks_exact(stored);
            rows.any(|row| row[*feature] != first[*feature])
        };
        let scale = |feature| (feature, scales.means[feature], scales.deviations[feature]);
        let varying = (0..stored).into_par_iter().filter(varies).map(scale);
        let varying: Vec<_> = varying.collect();
        (!varying.is_empty()).then_some(Self {
            values,
            stored,
            varying,
        })
    }

    /// The number of features that vary.
    pub(crate) fn width(&self) -> usize {
        self.varying.len()
    }

    /// The number of samples.
    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.stored
    }

    /// The standardised features of a sample.
    pub(crate) fn row(&self, sample: usize) -> impl Iterator<Item = f64> {
        let stored = &self.values[sample * self.stored..][..self.stored];
        let standardised = |&(feature, mean, deviation): &(usize, f64, f64)| {
            (f64::from(stored[feature]) - mean) / deviation
        };
        self.varying.iter().map(standardised)
    }

    /// The directions of some samples: rows of length 1, or 0 where all features are at their means.
    pub(crate) fn directions(&self, samples: &[usize]) -> Vec<f32> {
        let direction = |&sample: &usize| {
            let length = self.row(sample).map(|value| value * value).sum::<f64>();
            let length = if length > 0.0 { length.sqrt() } else { 1.0 };
            let row = self.row(sample).map(move |value| (value / length) as f32);
            row.collect::<Vec<f32>>()
        };
        samples.par_iter().flat_map_iter(direction).collect()
    }
}

/// `0..count` in blocks of at most `size`.
pub(crate) fn blocks(count: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..count).step_by(size);
    starts.map(move |start| start..count.min(start + size))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::dataset::reading_report::ReadingReport;
    use crate::dataset::samples::origins::Origins;
    use crate::dataset::samples::sample_set::Samples;
    use crate::dataset::samples::standardisation::Standardisation;

    /// Samples of `width` features in two classes.
    pub(crate) fn dataset(values: Vec<f32>, width: usize) -> Dataset {
        let count = values.len() / width;
        let train = Samples {
            inputs: Inputs::Values(values),
            labels: vec![0; count],
            origins: Origins::rows_of("a.csv", count),
        };
        Dataset {
            name: "test".to_owned(),
            class_names: vec!["0".to_owned(), "1".to_owned()],
            sample_shape: [width, 1, 1],
            standardisation: Standardisation::measure(&train, width),
            feature_offsets: Vec::new(),
            reading: ReadingReport::default(),
            test: train.select(&[]),
            train,
            validation: None,
            unreadable: 0,
            notes: Vec::new(),
        }
    }

    /// Four features and a given label of three each, three of which are wrong.
    pub(crate) fn thirty_samples() -> (Vec<f32>, Vec<u32>) {
        let value = |place: i32| {
            let (sample, feature) = (place / 4, place % 4);
            let mixed = (7 * sample + 13 * feature + 5 * sample * feature) % 17;
            (mixed - 8 + 4 * ((sample + feature) % 3)) as f32
        };
        let given = |sample| match sample {
            4 | 11 | 20 => (sample + 1) % 3,
            _ => sample % 3,
        };
        ((0..120).map(value).collect(), (0..30).map(given).collect())
    }

    #[test]
    fn features_are_standardised_and_constant_ones_left_out() {
        let dataset = dataset(vec![1.0, 7.0, 5.0, 7.0], 2);
        let features = Features::of(&dataset).unwrap();
        assert_eq!((features.len(), features.width()), (2, 1));
        assert_eq!(features.row(0).collect::<Vec<_>>(), [-1.0]);
        assert_eq!(features.row(1).collect::<Vec<_>>(), [1.0]);
    }

    #[test]
    fn a_direction_has_the_length_one() {
        // Standardised: (−1, −1) and (1, 1).
        let dataset = dataset(vec![0.0, 10.0, 2.0, 20.0], 2);
        let half = 0.5_f32.sqrt();
        let directions = Features::of(&dataset).unwrap().directions(&[1, 0]);
        assert_eq!(directions, [half, half, -half, -half]);
    }

    #[test]
    fn features_that_never_vary_are_none() {
        assert!(Features::of(&dataset(vec![3.0, 3.0, 3.0], 1)).is_none());
    }
}
