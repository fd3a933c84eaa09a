//! How much noise: a share of the labels.

use crate::error::run::RecorderError;

/// The share of labels that noise makes wrong, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct NoiseRate(f64);

impl NoiseRate {
    /// No noise.
    pub const ZERO: Self = Self(0.0);

    /// Takes a share between 0 and 1.
    ///
    /// # Errors
    /// [`RecorderError::NoiseRate`] for anything else.
    pub fn new(rate: f64) -> Result<Self, RecorderError> {
        if (0.0..=1.0).contains(&rate) {
            Ok(Self(rate))
        } else {
            Err(RecorderError::NoiseRate(rate))
        }
    }

    /// The share.
    pub fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_outside_zero_to_one_is_refused() {
        for rate in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(NoiseRate::new(rate).is_err(), "{rate}");
        }
    }
}
