//! How the epochs of a sample become one number.

use std::fmt::Debug;

/// What the epochs of one sample add up to, in their order.
pub(crate) trait OverEpochs: Debug + Clone + Default {
    /// The next epoch.
    fn add(&mut self, value: f64);

    /// The number after one epoch at least.
    fn value(&self) -> f64;
}

/// A number for each sample of a pass, added up epoch by epoch.
pub(crate) trait EachSample: Debug {
    /// The next epoch of a sample.
    fn add(&mut self, sample: usize, value: f64);

    /// `None` for a sample without an epoch.
    fn values(&self) -> Vec<Option<f64>>;
}

impl<T: OverEpochs> EachSample for Vec<Option<T>> {
    fn add(&mut self, sample: usize, value: f64) {
        self[sample].get_or_insert_default().add(value);
    }

    fn values(&self) -> Vec<Option<f64>> {
        let values = self.iter().map(|sample| sample.as_ref().map(T::value));
        values.collect()
    }
}

/// So many samples without an epoch so far.
pub(crate) fn each_sample<T: OverEpochs + 'static>(samples: usize) -> Box<dyn EachSample> {
    Box::new(vec![None::<T>; samples])
}

/// The mean.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mean {
    epochs: f64,
    sum: f64,
}

impl OverEpochs for Mean {
    fn add(&mut self, value: f64) {
        self.epochs += 1.0;
        self.sum += value;
    }

    fn value(&self) -> f64 {
        self.sum / self.epochs
    }
}

/// Mean and standard deviation together, by Welford's update: a difference of two large sums would lose
/// the variance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moments {
    epochs: f64,
    mean: f64,
    squared_deviations: f64,
}

impl OverEpochs for Moments {
    fn add(&mut self, value: f64) {
        self.epochs += 1.0;
        let before = value - self.mean;
        self.mean += before / self.epochs;
        self.squared_deviations += before * (value - self.mean);
    }

    fn value(&self) -> f64 {
        self.mean
    }
}

impl Moments {
    pub(crate) fn deviation(&self) -> f64 {
        (self.squared_deviations / self.epochs).sqrt()
    }
}
