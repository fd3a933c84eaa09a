//! Shifts and scales the inputs of a network, so that each channel has mean 0 and variance 1 over the
//! training samples.

use rayon::prelude::*;

use crate::dataset::samples::sample_set::{Inputs, Samples};

/// Mean and standard deviation of each channel, in the units of the stored inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardisation {
    /// One a channel.
    pub means: Vec<f64>,
    /// One a channel, above 0.
    pub deviations: Vec<f64>,
}

impl Standardisation {
    /// Measures it on `samples` of `channels` channels. A constant channel keeps its scale.
    pub fn measure(samples: &Samples, channels: usize) -> Self {
        if let Inputs::Values(values) = &samples.inputs
            && values.len() == samples.len() * channels
        {
            return Self::of_features(values, channels);
        }
        let per_channel: Vec<(f64, f64)> = (0..channels)
            .into_par_iter()
            .map(|channel| match &samples.inputs {
                Inputs::Pixels(pixels) => {
                    byte_moments(&byte_counts(pixels, samples.len(), channels, channel))
                }
                Inputs::Values(values) => moments(values, samples.len(), channels, channel),
                Inputs::Images(images) => {
                    let (mean, variance) = images.moments(channel);
                    (mean, deviation(variance))
                }
            })
            .collect();
        let (means, deviations) = per_channel.into_iter().unzip();
        Self { means, deviations }
    }

    /// Measures each of the `width` features of samples × features, a row at a time: column by column, each
    /// value would be fetched from memory with all its neighbours.
    fn of_features(values: &[f32], width: usize) -> Self {
        let count = (values.len() / width.max(1)) as f64;
        let means = feature_sums(values, width, |_, value| value);
        let means: Vec<f64> = means.iter().map(|sum| sum / count).collect();
        let squares = |feature: usize, value: f64| (value - means[feature]).powi(2);
        let squares = feature_sums(values, width, squares);
        let deviations = squares.iter().map(|sum| deviation(sum / count)).collect();
        Self { means, deviations }
    }

    /// The standardised value of every byte, for each channel.
    pub(crate) fn tables(&self) -> Vec<[f32; 256]> {
        let table = |(mean, deviation): (&f64, &f64)| {
            std::array::from_fn(|byte| ((byte as f64 - mean) * deviation.recip()) as f32)
        };
        self.means.iter().zip(&self.deviations).map(table).collect()
    }
}

/// The planes of one channel of samples × channels × elements.
fn planes<T>(
    inputs: &[T],
    samples: usize,
    channels: usize,
    channel: usize,
) -> impl Iterator<Item = &[T]> {
    let plane = inputs.len() / (samples * channels).max(1);
    let planes = inputs.chunks_exact(plane.max(1));
    planes.skip(channel).step_by(channels)
}

/// How often each byte occurs in one channel.
fn byte_counts(pixels: &[u8], samples: usize, channels: usize, channel: usize) -> [u64; 256] {
    let mut counts = [0; 256];
    for plane in planes(pixels, samples, channels, channel) {
        plane
            .iter()
            .for_each(|&byte| counts[usize::from(byte)] += 1);
    }
    counts
}

/// Mean and standard deviation of bytes that occur so often.
fn byte_moments(counts: &[u64; 256]) -> (f64, f64) {
    let total = |value: &dyn Fn(f64) -> f64| -> f64 {
        let bytes = counts.iter().enumerate();
        bytes
            .map(|(byte, &count)| count as f64 * value(byte as f64))
            .sum()
    };
    let count = total(&|_| 1.0);
    let mean = total(&|byte| byte) / count;
    let variance = total(&|byte| (byte - mean).powi(2)) / count;
    (mean, deviation(variance))
}

/// Mean and standard deviation of one channel.
fn moments(values: &[f32], samples: usize, channels: usize, channel: usize) -> (f64, f64) {
    let count = (values.len() / channels.max(1)) as f64;
    let values = || {
        let planes = planes(values, samples, channels, channel);
        planes.flatten().map(|&value| f64::from(value))
    };
    let mean = values().sum::<f64>() / count;
    let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, deviation(variance))
}

/// For each feature the sum over all samples. Blocks of samples are summed in parallel and added in their
/// order, so that the sums are the same on any number of threads.
fn feature_sums(values: &[f32], width: usize, of: impl Fn(usize, f64) -> f64 + Sync) -> Vec<f64> {
    const ROWS_PER_BLOCK: usize = 1024;
    let width = width.max(1);
    let blocks: Vec<Vec<f64>> = values
        .par_chunks(ROWS_PER_BLOCK * width)
        .map(|block| {
            let mut sums = vec![0.0; width];
            for row in block.chunks_exact(width) {
                for (feature, (sum, &value)) in sums.iter_mut().zip(row).enumerate() {
                    *sum += of(feature, f64::from(value));
                }
            }
            sums
        })
        .collect();
    let mut sums = vec![0.0; width];
    for block in blocks {
        for (sum, part) in sums.iter_mut().zip(block) {
            *sum += part;
        }
    }
    sums
}

fn deviation(variance: f64) -> f64 {
    if variance > 0.0 { variance.sqrt() } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::samples::origins::Origins;

    #[test]
    fn every_feature_is_measured_by_itself_over_all_blocks() {
        // Feature 0 is 0, 1, 0, 1, …: mean 1/2, deviation 1/2. Feature 1 is always 3.
        let samples = Samples {
            inputs: Inputs::Values((0..5000).flat_map(|row| [(row % 2) as f32, 3.0]).collect()),
            labels: vec![0; 5000],
            origins: Origins::rows_of("test", 5000),
        };
        let measured = Standardisation::measure(&samples, 2);
        assert_eq!(measured.means, [0.5, 3.0]);
        assert_eq!(measured.deviations, [0.5, 1.0]);
    }

    #[test]
    fn every_channel_is_measured_by_itself() {
        // Two samples of two channels with two pixels: 1 2 | 7 7 and 3 2 | 7 7.
        let samples = Samples {
            inputs: Inputs::Pixels(vec![1, 2, 7, 7, 3, 2, 7, 7]),
            labels: vec![0, 1],
            origins: Origins::rows_of("test", 2),
        };
        let measured = Standardisation::measure(&samples, 2);
        assert_eq!(measured.means, [2.0, 7.0]);
        assert_eq!(measured.deviations, [0.5f64.sqrt(), 1.0]);
        assert_eq!(measured.tables()[1][8], 1.0);
    }
}
