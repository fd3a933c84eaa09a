//! The judged samples by their AUMs, the most suspicious first; equal AUMs in the order of the samples,
//! which is that of their ids. Ordering all samples takes longer than judging them, so it is done for
//! those who ask.

use std::collections::BinaryHeap;
use std::sync::OnceLock;

use crate::rules::aum::AumColumn;

/// The ranking by some AUMs, made when it is first asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct LazyRanking(OnceLock<Vec<usize>>);

impl LazyRanking {
    /// `aums` must be the same each time.
    pub(crate) fn of(&self, aums: &AumColumn) -> &[usize] {
        self.0.get_or_init(|| {
            let mut keys: Vec<u128> = keys(aums).collect();
            keys.sort_unstable();
            keys.into_iter().map(sample).collect()
        })
    }
}

/// It follows from the AUMs, whether it was made or not.
impl PartialEq for LazyRanking {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The first `count` of the ranking, without the others being put in order.
pub(crate) fn lowest(aums: &AumColumn, count: usize) -> Vec<usize> {
    if count == 0 {
        return Vec::new();
    }
    let mut lowest = BinaryHeap::with_capacity(count.min(aums.len()));
    for key in keys(aums) {
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
fn keys(aums: &AumColumn) -> impl Iterator<Item = u128> {
    let judged = aums.iter().enumerate();
    judged.filter_map(|(sample, aum)| Some(u128::from(ascending_bits(aum?)) << 64 | sample as u128))
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
        let aums: AumColumn = aums.into_iter().collect();
        let ranking = [6, 4, 7, 1, 3, 0, 5];
        assert_eq!(LazyRanking::default().of(&aums), ranking);
        for count in 0..=ranking.len() {
            assert_eq!(lowest(&aums, count), ranking[..count]);
        }
        assert_eq!(lowest(&aums, usize::MAX), ranking);
    }
}
