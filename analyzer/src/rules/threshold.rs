//! Below which AUM a sample is flagged: the k-th largest AUM of the threshold samples, with
//! k = floor(n · (1 − p / 100)) + 1 for n threshold samples and the percentile p.
//!
//! Source: the authors' replication code of Pleiss et al., NeurIPS 2020, which flags a sample when
//! more than 1 − p / 100 of the threshold samples' AUMs lie strictly above its own. That holds
//! exactly when the sample's AUM is below the k-th largest. The paper says "at or below the 99th
//! percentile", which differs in ties and between two ranks; that is [`Cut::AtOrBelowPercentile`].

use crate::rules::percentile::Percentile;
use crate::rules::protocol::Cut;

/// How far n · (100 − p) / 100 may lie below an integer and still be taken for it: `100 − 99.9` is
/// not 0.1 in binary, and 99.9 % of 1,000 samples must leave exactly one.
const RANK_TOLERANCE: f64 = 1e-9;

/// The rank k, from 1 for the largest, of the threshold among `count` AUMs; `None` for no AUM.
///
/// ```
/// use analyzer::{Percentile, threshold_rank};
/// let percentile = Percentile::new(99.0)?;
/// assert_eq!(threshold_rank(100, percentile), Some(2)); // 1 % of 100 is 1: the one above it
/// assert_eq!(threshold_rank(99, percentile), Some(1));
/// # Ok::<(), analyzer::PercentileError>(())
/// ```
pub fn threshold_rank(count: usize, percentile: Percentile) -> Option<usize> {
    let above = count as f64 * (100.0 - percentile.percent()) / 100.0;
    let rank = (above + RANK_TOLERANCE).floor() as usize + 1;
    (count > 0).then_some(rank.min(count))
}

/// An AUM that decides which samples are flagged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AumThreshold {
    /// In logit units.
    pub aum: f64,
    /// Whether a sample with exactly this AUM is flagged.
    pub is_flagged_itself: bool,
}

impl AumThreshold {
    /// Flags what lies below `aum`.
    pub fn below(aum: f64) -> Self {
        Self {
            aum,
            is_flagged_itself: false,
        }
    }

    /// The verdict on a sample.
    pub fn flags(self, aum: f64) -> bool {
        aum < self.aum || self.is_flagged_itself && aum == self.aum
    }
}

/// The AUM threshold of a pass with these `threshold_aums`, in logit units, in any order. `None`
/// where there are no threshold samples.
///
/// ```
/// use analyzer::{Cut, Percentile, aum_threshold};
/// let threshold_aums: Vec<f64> = (1..=100).map(f64::from).collect();
/// let percentile = Percentile::new(99.0)?;
/// let threshold = aum_threshold(threshold_aums, percentile, Cut::BelowRank);
/// assert_eq!(threshold.map(|threshold| threshold.aum), Some(99.0));
/// # Ok::<(), analyzer::PercentileError>(())
/// ```
pub fn aum_threshold(
    threshold_aums: Vec<f64>,
    percentile: Percentile,
    cut: Cut,
) -> Option<AumThreshold> {
    let mut aums = threshold_aums;
    match cut {
        Cut::BelowRank => {
            let rank = threshold_rank(aums.len(), percentile)?;
            let (_, aum, _) = aums.select_nth_unstable_by(rank - 1, |a, b| b.total_cmp(a));
            Some(AumThreshold::below(*aum))
        }
        Cut::AtOrBelowPercentile => {
            aums.sort_unstable_by(f64::total_cmp);
            Some(AumThreshold {
                aum: interpolated(&aums, percentile.percent() / 100.0)?,
                is_flagged_itself: true,
            })
        }
    }
}

/// The quantile `share` (0 to 1) of `ascending` values, interpolated linearly between the two
/// nearest (type 7 of Hyndman and Fan 1996, NumPy's default); `None` for no value.
pub(crate) fn interpolated(ascending: &[f64], share: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let place = share * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let part = place - below as f64;
    Some(ascending[below] + part * (ascending[above] - ascending[below]))
}

/// With fewer threshold samples than this, a 99th percentile is the largest AUM of a few.
pub(crate) const FEW_THRESHOLD_SAMPLES: usize = 50;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn percentile(percent: f64) -> Percentile {
        Percentile::new(percent).unwrap()
    }

    #[test]
    fn ninety_nine_percent_of_100_is_exact() {
        assert_eq!(threshold_rank(100, percentile(99.0)), Some(2));
        assert_eq!(threshold_rank(1000, percentile(99.9)), Some(2));
        assert_eq!(threshold_rank(1000, percentile(99.8)), Some(3));
        assert_eq!(threshold_rank(130, percentile(99.0)), Some(2));
        assert_eq!(threshold_rank(10_000, percentile(99.99)), Some(2));
    }

    fn by_rank(aums: &[f64], percent: f64) -> Option<f64> {
        let threshold = aum_threshold(aums.to_vec(), percentile(percent), Cut::BelowRank);
        threshold.map(|threshold| threshold.aum)
    }

    #[test]
    fn the_hundredth_percentile_is_the_largest_and_the_lowest_one_the_smallest() {
        let aums = [0.5, -2.0, 3.0];
        assert_eq!(by_rank(&aums, 100.0), Some(3.0));
        assert_eq!(by_rank(&aums, 1e-12), Some(-2.0));
    }

    #[test]
    fn without_threshold_samples_there_is_no_threshold() {
        assert_eq!(by_rank(&[], 99.0), None);
        let none = aum_threshold(Vec::new(), percentile(99.0), Cut::AtOrBelowPercentile);
        assert_eq!(none, None);
    }

    #[test]
    fn an_aum_equal_to_the_threshold_is_flagged_by_the_percentile_and_not_by_the_rank() {
        let aums: Vec<f64> = (0..=100).map(f64::from).collect();
        let rank = aum_threshold(aums.clone(), percentile(99.0), Cut::BelowRank).unwrap();
        assert_eq!((rank.aum, rank.flags(99.0)), (99.0, false));
        let at = aum_threshold(aums, percentile(99.0), Cut::AtOrBelowPercentile).unwrap();
        assert_eq!((at.aum, at.flags(99.0)), (99.0, true));
        assert!(!at.flags(99.001));
    }

    #[test]
    fn the_percentile_lies_between_the_two_nearest_ranks() {
        // numpy.percentile([1, 2, 4], 75) is 3.
        let aums = vec![4.0, 1.0, 2.0];
        let between = aum_threshold(aums, percentile(75.0), Cut::AtOrBelowPercentile);
        assert_eq!(between.unwrap().aum, 3.0);
    }

    proptest! {
        /// The authors' rule word for word, with the share of p in exact tenths of a percent. AUMs
        /// are few and coarse, so that ties are common.
        #[test]
        fn flagged_are_those_with_more_than_the_share_of_threshold_aums_strictly_above(
            threshold_aums in prop::collection::vec((-8i32..8).prop_map(|half| f64::from(half) / 2.0), 1..400),
            aums in prop::collection::vec((-9i32..9).prop_map(|half| f64::from(half) / 2.0), 1..40),
            tenths in 1u32..=1000,
        ) {
            let percentile = percentile(f64::from(tenths) / 10.0);
            let threshold = aum_threshold(threshold_aums.clone(), percentile, Cut::BelowRank).unwrap();
            for aum in aums {
                let above = threshold_aums.iter().filter(|&&other| other > aum).count();
                let flagged = above * 1000 > threshold_aums.len() * (1000 - tenths as usize);
                prop_assert_eq!(threshold.flags(aum), flagged);
            }
        }
    }
}
