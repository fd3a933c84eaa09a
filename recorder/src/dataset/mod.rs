//! Data sets: inputs and labels in memory, split into training and test samples.

mod digits;

use rand::seq::SliceRandom;

use crate::RecorderError;
use crate::seeds::stream;

/// The data sets that the recorder knows by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DatasetName {
    /// 1,797 handwritten digits of 8×8 pixels (UCI, as in scikit-learn); in the program itself.
    Digits,
}

impl DatasetName {
    /// The name as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            DatasetName::Digits => "digits",
        }
    }
}

/// Samples with their labels as the data set has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// Row-major, samples × the elements of one sample.
    pub inputs: Vec<f32>,
    /// One class index a sample.
    pub labels: Vec<u32>,
}

impl Samples {
    /// The number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    fn select(&self, indices: &[usize]) -> Self {
        let size = self.inputs.len() / self.len().max(1);
        let input = |&sample: &usize| &self.inputs[sample * size..(sample + 1) * size];
        Self {
            inputs: indices.iter().flat_map(input).copied().collect(),
            labels: indices.iter().map(|&sample| self.labels[sample]).collect(),
        }
    }
}

/// A data set that was split.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name as on the command line.
    pub name: &'static str,
    /// The name of each class by its index.
    pub class_names: Vec<String>,
    /// The shape of one sample: channels, height, width.
    pub sample_shape: [usize; 3],
    /// The samples to train on; a sample's index here is its id.
    pub train: Samples,
    /// The samples to test on, with their true labels: noise never touches them.
    pub test: Samples,
}

impl Dataset {
    /// Loads and splits a data set; the split comes from the data seed.
    ///
    /// # Errors
    /// [`RecorderError::Dataset`] where the data are not what they should be.
    pub fn load(name: DatasetName, data_seed: u64) -> Result<Self, RecorderError> {
        let mut dataset = match name {
            DatasetName::Digits => digits::load(data_seed),
        }?;
        dataset.standardise();
        Ok(dataset)
    }

    /// The number of classes.
    pub fn class_count(&self) -> usize {
        self.class_names.len()
    }

    /// Shifts and scales all inputs so that the training samples have mean 0 and variance 1 over
    /// all their elements.
    fn standardise(&mut self) {
        let count = self.train.inputs.len() as f64;
        let values = || self.train.inputs.iter().map(|&value| f64::from(value));
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let scale = if variance > 0.0 {
            variance.sqrt().recip()
        } else {
            1.0
        };
        for value in self.train.inputs.iter_mut().chain(&mut self.test.inputs) {
            *value = ((f64::from(*value) - mean) * scale) as f32;
        }
    }
}

/// Splits into training and test samples by one permutation from the data seed.
fn split(samples: &Samples, test_share: f64, data_seed: u64) -> (Samples, Samples) {
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.shuffle(&mut stream(data_seed, "split"));
    let test_count = (samples.len() as f64 * test_share).round() as usize;
    let (test, train) = order.split_at(test_count);
    (samples.select(train), samples.select(test))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_has_every_sample_once() {
        let samples = Samples {
            inputs: (0..20).map(|value| value as f32).collect(),
            labels: (0..10).collect(),
        };
        let (train, test) = split(&samples, 0.3, 7);
        assert_eq!((train.len(), test.len()), (7, 3));
        let mut labels = [train.labels.clone(), test.labels].concat();
        labels.sort_unstable();
        assert_eq!(labels, samples.labels);
        let first = train.labels[0] as f32;
        assert_eq!(train.inputs[..2], [2.0 * first, 2.0 * first + 1.0]);
    }

    #[test]
    fn training_inputs_have_mean_zero_and_variance_one() {
        let dataset = Dataset::load(DatasetName::Digits, 0).unwrap();
        let count = dataset.train.inputs.len() as f64;
        let values = || dataset.train.inputs.iter().map(|&value| f64::from(value));
        assert!((values().sum::<f64>() / count).abs() < 1e-6);
        assert!((values().map(|value| value * value).sum::<f64>() / count - 1.0).abs() < 1e-6);
    }
}
