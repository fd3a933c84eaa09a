//! The judged samples by their AUMs, the most suspicious first; equal AUMs in the order of the samples,
//! which is that of their ids.

use std::cmp::Ordering;

/// The places of the `count` lowest AUMs (of all, where there are fewer), the lowest first.
pub(crate) fn lowest(aums: impl Iterator<Item = Option<f64>>, count: usize) -> Vec<usize> {
    if count == 0 {
        return Vec::new();
    }
    let places = aums.enumerate();
    let mut judged: Vec<(f64, usize)> = places
        .filter_map(|(sample, aum)| Some((aum?, sample)))
        .collect();
    let by_aum_then_sample = |a: &(f64, usize), b: &(f64, usize)| -> Ordering {
        a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
    };
    if count < judged.len() {
        judged.select_nth_unstable_by(count, by_aum_then_sample);
        judged.truncate(count);
    }
    judged.sort_unstable_by(by_aum_then_sample);
    judged.into_iter().map(|(_, sample)| sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_aum_comes_first_and_of_equal_ones_the_first_sample() {
        let lowest_infinity = Some(f64::NEG_INFINITY);
        let mut aums = [1.5, -0.0, 9.0, 0.0, -2.5, 1.5, 9.0, -2.5].map(Some);
        (aums[2], aums[6]) = (None, lowest_infinity);
        let ranking = [6, 4, 7, 1, 3, 0, 5];
        for count in 0..=ranking.len() {
            assert_eq!(lowest(aums.into_iter(), count), ranking[..count]);
        }
        assert_eq!(lowest(aums.into_iter(), usize::MAX), ranking);
    }
}
