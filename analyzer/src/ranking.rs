//! The judged samples by their AUMs, the most suspicious first; equal AUMs in the order of the samples,
//! which is that of their ids. Ordering all samples takes longer than judging them, so it is done for
//! those who ask.

use std::collections::BinaryHeap;
use std::sync::OnceLock;

use crate::SampleVerdict;

/// The ranking of some verdicts, made when it is first asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct LazyRanking(OnceLock<Vec<usize>>);

impl LazyRanking {
    /// `verdicts` must be the same each time.
    pub(crate) fn of(&self, verdicts: &[SampleVerdict]) -> &[usize] {
        self.0.get_or_init(|| {
            let mut keys: Vec<u128> = keys(verdicts).collect();
            keys.sort_unstable();
            keys.into_iter().map(sample).collect()
        })
    }
}

/// It follows from the verdicts, whether it was made or not.
impl PartialEq for LazyRanking {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The first `count` of the ranking, without the others being put in order.
pub(crate) fn lowest(verdicts: &[SampleVerdict], count: usize) -> Vec<usize> {
    let mut lowest = BinaryHeap::with_capacity(count.min(verdicts.len()));
    for key in keys(verdicts) {
        if lowest.len() < count {
            lowest.push(key);
        } else if let Some(mut highest) = lowest.peek_mut()
            && key < *highest
        {
            *highest = key;
        }
    }
    lowest.into_sorted_vec().into_iter().map(sample).collect()
}

/// AUM and position of each judged sample in one number, which is compared at once.
fn keys(verdicts: &[SampleVerdict]) -> impl Iterator<Item = u128> {
    let judged = verdicts.iter().enumerate();
    judged.filter_map(|(sample, verdict)| {
        Some(u128::from(ascending_bits(verdict.aum?)) << 64 | sample as u128)
    })
}

fn sample(key: u128) -> usize {
    key as u64 as usize
}

/// Numbers that are in the order of [`f64::total_cmp`] of the values.
fn ascending_bits(value: f64) -> u64 {
    let bits = value.to_bits();
    let is_negative = bits >> 63 == 1;
    if is_negative { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranking_is_by_aum_then_by_sample() {
        let aums = [
            Some(1.5),
            Some(-0.0),
            None,
            Some(0.0),
            Some(-2.5),
            Some(1.5),
            Some(f64::NEG_INFINITY),
            Some(-2.5),
        ];
        let verdict = |aum| SampleVerdict {
            aum,
            ..SampleVerdict::default()
        };
        let verdicts = aums.map(verdict);
        let ranking = [6, 4, 7, 1, 3, 0, 5];
        assert_eq!(LazyRanking::default().of(&verdicts), ranking);
        for count in 0..=ranking.len() {
            assert_eq!(lowest(&verdicts, count), ranking[..count]);
        }
        assert_eq!(lowest(&verdicts, usize::MAX), ranking);
    }
}
