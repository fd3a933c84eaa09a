//! How alike two rankings of the same samples are: Spearman's ρ and Kendall's τ-b, both of which
//! treat ties fairly and go from −1 (reversed) to 1 (the same order).
//!
//! Sources: Spearman, *American Journal of Psychology* 15, 1904 (Pearson's correlation of the mean
//! ranks); Kendall, *Biometrika* 33, 1945 (τ-b); Knight, *Journal of the American Statistical
//! Association* 61, 1966 (τ in O(n log n) by counting the exchanges of a merge sort).

/// Spearman's rank correlation of paired values, −1 to 1; `None` for fewer than two pairs, or where
/// all values of one side are equal. Both slices have the same length; no value is NaN.
///
/// ```
/// assert_eq!(analyzer::spearman(&[1.0, 2.0, 3.0], &[10.0, 20.0, 15.0]), Some(0.5));
/// ```
pub fn spearman(first: &[f64], second: &[f64]) -> Option<f64> {
    let (first, second) = (doubled_ranks(first), doubled_ranks(second));
    // Integers: the result depends on no order of adding up. Twice the mean rank is n + 1.
    let middle = first.len() as i128 + 1;
    let product = |a: &[i128], b: &[i128]| -> i128 {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| (a - middle) * (b - middle)).sum()
    };
    let (own, other) = (product(&first, &first), product(&second, &second));
    // The root of a square is exact, so that equal ranks give 1.
    let scale = (own as f64 * other as f64).sqrt();
    (scale > 0.0).then(|| (product(&first, &second) as f64 / scale).clamp(-1.0, 1.0))
}

/// Twice the rank of each value, from 2 for the smallest; equal values share the mean of their ranks.
fn doubled_ranks(values: &[f64]) -> Vec<i128> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0; values.len()];
    let mut start = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        // The ranks start + 1 to start + tied, so twice their mean is the sum of the two ends.
        let doubled = (2 * start + tied.len() + 1) as i128;
        tied.iter().for_each(|&at| ranks[at] = doubled);
        start += tied.len();
    }
    ranks
}

/// Kendall's τ-b of paired values, −1 to 1; `None` as for [`spearman`]. O(n log n).
///
/// ```
/// // Of the three pairs of positions, two are in the same order and one is not.
/// let tau = analyzer::kendall(&[1.0, 2.0, 3.0], &[10.0, 20.0, 15.0]).unwrap();
/// assert!((tau - 1.0 / 3.0).abs() < 1e-15);
/// ```
pub fn kendall(first: &[f64], second: &[f64]) -> Option<f64> {
    let mut pairs: Vec<(f64, f64)> = first.iter().copied().zip(second.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let tied_in_first = tied_pairs(&pairs, |a, b| a.0 == b.0);
    let tied_in_both = tied_pairs(&pairs, |a, b| a == b);
    let mut seconds: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let exchanges = sort_counting_exchanges(&mut seconds);
    let tied_in_second = tied_pairs(&seconds, |a, b| a == b);
    let all = pairs_among(pairs.len());
    let (untied_first, untied_second) = (all - tied_in_first, all - tied_in_second);
    let scale = (untied_first as f64 * untied_second as f64).sqrt();
    // Concordant minus discordant pairs; the exchanges are the discordant ones.
    let difference = all - tied_in_first - tied_in_second + tied_in_both - 2 * exchanges;
    (scale > 0.0).then(|| (difference as f64 / scale).clamp(-1.0, 1.0))
}

fn pairs_among(count: usize) -> i128 {
    let count = count as i128;
    count * (count - 1) / 2
}

/// How many pairs are tied, in a sorted slice.
fn tied_pairs<T>(sorted: &[T], tied: impl Fn(&T, &T) -> bool) -> i128 {
    let runs = sorted.chunk_by(tied);
    runs.map(|run| pairs_among(run.len())).sum()
}

/// Merge sort; how many pairs stood in the wrong order before.
fn sort_counting_exchanges(values: &mut [f64]) -> i128 {
    let mut from = values.to_vec();
    let mut into = from.clone();
    let mut exchanges = 0;
    let mut width = 1;
    while width < from.len() {
        for (from, into) in from.chunks(2 * width).zip(into.chunks_mut(2 * width)) {
            exchanges += merge(from, width.min(from.len()), into);
        }
        std::mem::swap(&mut from, &mut into);
        width *= 2;
    }
    values.copy_from_slice(&from);
    exchanges
}

/// Merges the two sorted halves of `from`, divided at `middle`.
fn merge(from: &[f64], middle: usize, into: &mut [f64]) -> i128 {
    let (mut left, mut right, mut exchanges) = (0, middle, 0);
    for place in into {
        if right == from.len() || (left < middle && from[left] <= from[right]) {
            *place = from[left];
            left += 1;
        } else {
            *place = from[right];
            right += 1;
            exchanges += (middle - left) as i128;
        }
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_order_is_one_and_the_reverse_is_minus_one() {
        let up = [1.0, 5.0, 9.0, 10.0];
        let down = [4.0, 3.0, 2.0, -1.0];
        assert_eq!(
            (spearman(&up, &up), kendall(&up, &up)),
            (Some(1.0), Some(1.0))
        );
        let reversed = (spearman(&up, &down), kendall(&up, &down));
        assert_eq!(reversed, (Some(-1.0), Some(-1.0)));
    }

    #[test]
    fn ties_are_treated_as_by_hand() {
        // Ranks 1.5 1.5 3 4 and 1 2.5 2.5 4: products of the deviations from 2.5 are 1.5, 0, 0 and
        // 2.25; squares add up to 4.5 in both. Pairs: 4 concordant, none discordant, one tied in
        // each side, so τ-b is 4 / sqrt(5 · 5).
        let first = [1.0, 1.0, 2.0, 3.0];
        let second = [1.0, 2.0, 2.0, 3.0];
        assert!((spearman(&first, &second).unwrap() - 3.75 / 4.5).abs() < 1e-15);
        assert!((kendall(&first, &second).unwrap() - 0.8).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_rank_has_no_correlation() {
        for (first, second) in [
            (&[][..], &[][..]),
            (&[1.0], &[2.0]),
            (&[1.0, 1.0], &[1.0, 2.0]),
        ] {
            assert_eq!(spearman(first, second), None);
            assert_eq!(kendall(first, second), None);
        }
    }

    proptest! {
        /// By its definition: every pair looked at.
        #[test]
        fn kendall_is_what_counting_every_pair_gives(
            pairs in prop::collection::vec((-5i32..5, -5i32..5), 2..60),
        ) {
            let first: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.0)).collect();
            let second: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.1)).collect();
            let (mut difference, mut untied_first, mut untied_second) = (0.0, 0.0, 0.0);
            for (at, a) in pairs.iter().enumerate() {
                for b in &pairs[..at] {
                    let signs = ((a.0 - b.0).signum(), (a.1 - b.1).signum());
                    difference += f64::from(signs.0 * signs.1);
                    untied_first += f64::from(signs.0.abs());
                    untied_second += f64::from(signs.1.abs());
                }
            }
            let expected = f64::sqrt(untied_first) * f64::sqrt(untied_second);
            match kendall(&first, &second) {
                None => prop_assert_eq!(expected, 0.0),
                Some(tau) => prop_assert!((tau - difference / expected).abs() < 1e-12),
            }
        }
    }
}
