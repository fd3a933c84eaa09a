//! How sure a number is: 95 % confidence intervals of a share (Wilson 1927) and of whatever can be
//! computed from resampled data (the percentile bootstrap, Efron 1979), from a fixed stream of random
//! numbers, so that the same data give the same interval.

use crate::questions::uncertainty::bootstrap;
use crate::results::tables::{ResultTable, Shown};
use crate::rules::threshold::interpolated;

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Named for what is drawn, as every stream of random numbers here is.
const BOOTSTRAP_SEED: u64 = 0x0062_6f6f_7473_7472; // "bootstr"
/// More resamples than this change the third digit of an interval no more.
const MOST_RESAMPLES: usize = 1000;
/// Fewer leave the 2.5th percentile to chance.
const FEWEST_RESAMPLES: usize = 200;
/// Draws that take well under a second.
const DRAWS: usize = 50_000_000;

/// A 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// The shortest interval that holds both.
    pub(crate) fn hull(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }
}

impl ResultTable {
    /// Two columns: the lower and the upper ends of intervals.
    pub(crate) fn interval(
        self,
        of: &str,
        heading: &str,
        shown: Shown,
        intervals: impl Iterator<Item = Option<Interval>>,
    ) -> Self {
        let of = if of.is_empty() {
            String::new()
        } else {
            format!("{of}_")
        };
        let to = if heading.is_empty() { "" } else { "to" };
        let (low, high): (Vec<Option<f64>>, Vec<Option<f64>>) = intervals
            .map(|found| (found.map(|ends| ends.low), found.map(|ends| ends.high)))
            .unzip();
        self.floats(&format!("{of}low"), heading, low, shown)
            .floats(&format!("{of}high"), to, high, shown)
    }
}

/// The Wilson score interval of the share `part` of `whole`; `None` of nothing.
///
/// ```
/// let interval = analyzer::wilson_interval(8, 10).expect("of ten");
/// assert!((interval.low - 0.4902).abs() < 1e-4 && (interval.high - 0.9433).abs() < 1e-4);
/// ```
pub fn wilson_interval(part: usize, whole: usize) -> Option<Interval> {
    if whole == 0 {
        return None;
    }
    let (share, count) = (part as f64 / whole as f64, whole as f64);
    let shrink = 1.0 + Z * Z / count;
    let centre = (share + Z * Z / (2.0 * count)) / shrink;
    let variance = share * (1.0 - share) / count + Z * Z / (4.0 * count * count);
    let half = Z * variance.sqrt() / shrink;
    Some(Interval {
        // The share lies within, also where rounding would leave 0 or 1 just outside.
        low: (centre - half).clamp(0.0, share),
        high: (centre + half).clamp(share, 1.0),
    })
}

/// What `measure` says of each of as many resamples of `count` things as settle an interval: up to
/// 1,000, and fewer of much.
pub(crate) fn measured_in_resamples<T: Send>(
    count: usize,
    measure: impl Fn(&[u32]) -> T + Sync,
) -> Vec<T> {
    let resamples = (DRAWS / count.max(1)).clamp(FEWEST_RESAMPLES, MOST_RESAMPLES);
    let resamples = u32::try_from(resamples).unwrap_or(u32::MAX);
    bootstrap::replicates(count, resamples, BOOTSTRAP_SEED, measure)
}

/// The interval that holds the middle 95 % of what was found in resamples; `None` of nothing.
pub(crate) fn middle_interval(mut found: Vec<f64>) -> Option<Interval> {
    found.sort_unstable_by(f64::total_cmp);
    Some(Interval {
        low: interpolated(&found, 0.025)?,
        high: interpolated(&found, 0.975)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wilson_interval_stays_between_0_and_1() {
        let none = wilson_interval(0, 10).unwrap();
        assert_eq!(none.low, 0.0);
        // z² / (n + z²)
        assert!((none.high - 3.8415 / 13.8415).abs() < 1e-4);
        let all = wilson_interval(10, 10).unwrap();
        assert_eq!(all.high, 1.0);
        assert_eq!(wilson_interval(0, 0), None);
    }

    #[test]
    fn the_interval_of_a_mean_is_about_two_standard_errors_wide() {
        // 100 zeros and ones in turn: the standard error of the mean is 0.05.
        let values: Vec<f64> = (0..100).map(|at| f64::from(at % 2)).collect();
        let means = measured_in_resamples(values.len(), |weights| {
            let weighted = weights.iter().zip(&values);
            weighted.map(|(&w, v)| f64::from(w) * v).sum::<f64>() / 100.0
        });
        assert_eq!(means.len(), MOST_RESAMPLES);
        let interval = middle_interval(means).unwrap();
        assert!((interval.low - 0.402).abs() < 0.02, "{interval:?}");
        assert!((interval.high - 0.598).abs() < 0.02, "{interval:?}");
    }
}
