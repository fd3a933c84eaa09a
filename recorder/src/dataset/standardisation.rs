//! Shifts and scales the inputs of a network, so that each channel has mean 0 and variance 1 over the
//! training samples.

use super::{Inputs, Samples};

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
        let per_channel: Vec<(f64, f64)> = (0..channels)
            .map(|channel| match &samples.inputs {
                Inputs::Pixels(pixels) => moments(pixels, samples.len(), channels, channel),
                Inputs::Values(values) => moments(values, samples.len(), channels, channel),
            })
            .collect();
        let (means, deviations) = per_channel.into_iter().unzip();
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

/// Mean and standard deviation of one channel of samples × channels × elements.
fn moments<T: Copy + Into<f64>>(
    inputs: &[T],
    samples: usize,
    channels: usize,
    channel: usize,
) -> (f64, f64) {
    let plane = inputs.len() / (samples * channels).max(1);
    let values = || {
        let planes = inputs.chunks_exact(plane.max(1)).skip(channel);
        planes
            .step_by(channels)
            .flatten()
            .map(|&value| value.into())
    };
    let count = (samples * plane) as f64;
    let mean = values().sum::<f64>() / count;
    let variance = values()
        .map(|value: f64| (value - mean).powi(2))
        .sum::<f64>()
        / count;
    let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    (mean, deviation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Origins;

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
