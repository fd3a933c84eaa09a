//! A number that was estimated, and how sure it is.

use crate::questions::uncertainty::interval::{Interval, middle_interval};

/// A number and where it would lie in 95 % of repetitions with other samples.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimated {
    /// The number itself; `None` where it is not defined.
    pub estimate: Option<f64>,
    /// Its 95 % interval; `None` where no replicate has the number.
    pub interval: Option<Interval>,
}

impl Estimated {
    /// The interval of an estimate from its replicates; those without the number are left out.
    pub(crate) fn new(
        estimate: Option<f64>,
        replicates: impl Iterator<Item = Option<f64>>,
    ) -> Self {
        let interval = middle_interval(replicates.flatten().collect());
        Self {
            estimate,
            interval: interval.filter(|_| estimate.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_the_middle_95_percent() {
        let values = (0_u32..=200).map(|value| Some(f64::from(value)));
        let interval = Estimated::new(Some(90.0), values).interval.unwrap();
        assert!((interval.low - 5.0).abs() < 1e-9, "{interval:?}");
        assert!((interval.high - 195.0).abs() < 1e-9, "{interval:?}");
    }

    #[test]
    fn what_is_undefined_has_no_interval() {
        let undefined = Estimated::new(None, [Some(1.0)].into_iter());
        assert_eq!(undefined, Estimated::default());
        assert_eq!(Estimated::new(Some(1.0), [None].into_iter()).interval, None);
    }
}
