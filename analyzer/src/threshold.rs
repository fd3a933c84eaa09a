//! Below which AUM a sample is flagged: the k-th largest AUM of the threshold samples, with
//! k = floor(n · (1 − p / 100)) + 1 for n threshold samples and the percentile p.
//!
//! Source: the authors' replication code of Pleiss et al., NeurIPS 2020, which flags a sample when
//! more than 1 − p / 100 of the threshold samples' AUMs lie strictly above its own. That holds
//! exactly when the sample's AUM is below the k-th largest. (The paper says "at or below the 99th
//! percentile", which differs in ties and between two ranks.)

use crate::Percentile;

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

/// The AUM threshold: the AUM of that rank among `threshold_aums`, in logit units, in any order.
/// `None` where there are no threshold samples.
///
/// ```
/// use analyzer::{Percentile, aum_threshold};
/// let threshold_aums: Vec<f64> = (1..=100).map(f64::from).collect();
/// assert_eq!(aum_threshold(&threshold_aums, Percentile::new(99.0)?), Some(99.0));
/// # Ok::<(), analyzer::PercentileError>(())
/// ```
pub fn aum_threshold(threshold_aums: &[f64], percentile: Percentile) -> Option<f64> {
    let rank = threshold_rank(threshold_aums.len(), percentile)?;
    let mut aums = threshold_aums.to_vec();
    let (_, threshold, _) = aums.select_nth_unstable_by(rank - 1, |a, b| b.total_cmp(a));
    Some(*threshold)
}

/// The verdict on a sample: whether its AUM is below the threshold.
pub fn is_flagged(aum: f64, threshold: f64) -> bool {
    aum < threshold
}

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

    #[test]
    fn the_hundredth_percentile_is_the_largest_and_the_lowest_one_the_smallest() {
        let aums = [0.5, -2.0, 3.0];
        assert_eq!(aum_threshold(&aums, percentile(100.0)), Some(3.0));
        assert_eq!(aum_threshold(&aums, percentile(1e-12)), Some(-2.0));
    }

    #[test]
    fn without_threshold_samples_there_is_no_threshold() {
        assert_eq!(aum_threshold(&[], percentile(99.0)), None);
    }

    #[test]
    fn an_aum_equal_to_the_threshold_is_not_flagged() {
        assert!(is_flagged(-1.01, -1.0));
        assert!(!is_flagged(-1.0, -1.0));
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
            let threshold = aum_threshold(&threshold_aums, percentile(f64::from(tenths) / 10.0)).unwrap();
            for aum in aums {
                let above = threshold_aums.iter().filter(|&&other| other > aum).count();
                let flagged = above * 1000 > threshold_aums.len() * (1000 - tenths as usize);
                prop_assert_eq!(is_flagged(aum, threshold), flagged);
            }
        }
    }
}
