//! Whether one network is better than another on the same samples: the mean of paired differences and its 95 %
//! interval, by the normal approximation.

use std::collections::BTreeMap;

/// The quantile of the normal distribution that leaves 2.5 % above it.
const QUANTILE: f64 = 1.96;

/// A mean difference of errors, as shares of samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Difference {
    /// How many samples.
    pub(crate) samples: usize,
    pub(crate) mean: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// What to do about the flagged samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advice {
    Remove,
    DoNotRemove,
    CannotTell,
}

impl Difference {
    /// From pairs of a sample and how much more often (1, 0 or −1) the first network is wrong about it than the
    /// second. A sample that comes several times counts once, with its mean: its differences are not independent.
    /// `None` for fewer than two samples.
    pub(crate) fn of(pairs: impl IntoIterator<Item = (i64, f64)>) -> Option<Self> {
        let mut of_sample: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        for (sample, difference) in pairs {
            let (sum, count) = of_sample.entry(sample).or_default();
            *sum += difference;
            *count += 1.0;
        }
        let values: Vec<f64> = of_sample.values().map(|(sum, count)| sum / count).collect();
        let samples = values.len();
        if samples < 2 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / samples as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let error = (squares / (samples - 1) as f64 / samples as f64).sqrt();
        Some(Self {
            samples,
            mean,
            low: mean - QUANTILE * error,
            high: mean + QUANTILE * error,
        })
    }

    /// Only a difference that the interval keeps from zero is one.
    pub(crate) fn advice(&self) -> Advice {
        match (self.low > 0.0, self.high < 0.0) {
            (true, _) => Advice::Remove,
            (_, true) => Advice::DoNotRemove,
            _ => Advice::CannotTell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_the_mean_and_twice_its_standard_error() {
        // 25 of 100 samples are better by one: mean 0.25, variance 0.25 · 0.75 · 100 / 99.
        let pairs = (0..100).map(|sample| (sample, f64::from(u8::from(sample % 4 == 0))));
        let difference = Difference::of(pairs).unwrap();
        assert_eq!((difference.samples, difference.mean), (100, 0.25));
        let error = (0.1875_f64 / 99.0).sqrt();
        assert!((difference.high - difference.low - 2.0 * 1.96 * error).abs() < 1e-12);
        assert_eq!(difference.advice(), Advice::Remove);
    }

    #[test]
    fn a_sample_that_was_held_out_twice_counts_once() {
        let difference = Difference::of([(1, 1.0), (1, 0.0), (2, -1.0), (2, 0.0)]).unwrap();
        assert_eq!((difference.samples, difference.mean), (2, 0.0));
        assert_eq!(difference.advice(), Advice::CannotTell);
        assert_eq!(Difference::of([(1, 1.0), (1, 1.0)]), None);
    }

    #[test]
    fn a_network_that_is_worse_every_time_is_not_to_be_preferred() {
        let difference = Difference::of((0..50).map(|sample| (sample, -1.0))).unwrap();
        assert_eq!(difference.advice(), Advice::DoNotRemove);
    }
}
