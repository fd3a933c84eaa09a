//! Which percentile of the threshold samples' AUMs is the threshold: a number above 0 and up to
//! 100. The default is the 99th (Pleiss et al., NeurIPS 2020, section 3.2).

use std::fmt;
use std::str::FromStr;

/// A percentile in percent: above 0, up to 100.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Percentile(f64);

/// Why a number is no percentile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PercentileError {
    /// Not above 0, or above 100.
    #[error("a percentile lies above 0 and goes up to 100, such as 99")]
    OutOfRange,
    /// Not a number at all.
    #[error("not a number; give a percentile above 0 and up to 100, such as 99")]
    NoNumber,
}

impl Percentile {
    /// A percentile, in percent.
    ///
    /// # Errors
    /// [`PercentileError::OutOfRange`] where it is not above 0 and up to 100.
    ///
    /// ```
    /// use analyzer::Percentile;
    /// assert!(Percentile::new(99.0).is_ok());
    /// assert!(Percentile::new(0.0).is_err());
    /// ```
    pub fn new(percent: f64) -> Result<Self, PercentileError> {
        if percent > 0.0 && percent <= 100.0 {
            Ok(Self(percent))
        } else {
            Err(PercentileError::OutOfRange)
        }
    }

    /// The percentile in percent, above 0 and up to 100.
    pub fn percent(self) -> f64 {
        self.0
    }

    /// Whether it looks like a share of 1 that was meant as a percentage: 0.99 is the first
    /// percentile's lowest hundredth, not the 99th.
    pub fn looks_like_a_share(self) -> bool {
        self.0 <= 1.0
    }
}

impl Default for Percentile {
    fn default() -> Self {
        Self(99.0)
    }
}

impl fmt::Display for Percentile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Percentile {
    type Err = PercentileError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let percent = text.parse().map_err(|_| PercentileError::NoNumber)?;
        Self::new(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_above_0_and_go_up_to_100() {
        for text in ["0", "-1", "100.1", "nan", "inf"] {
            assert_eq!(
                text.parse::<Percentile>(),
                Err(PercentileError::OutOfRange),
                "{text}"
            );
        }
        for text in ["0.5", "1", "99", "99.9", "100"] {
            assert_eq!(text.parse::<Percentile>().unwrap().to_string(), text);
        }
        assert_eq!("99%".parse::<Percentile>(), Err(PercentileError::NoNumber));
    }

    #[test]
    fn a_share_of_1_is_noticed() {
        assert!(Percentile::new(0.99).unwrap().looks_like_a_share());
        assert!(!Percentile::new(1.5).unwrap().looks_like_a_share());
    }
}
