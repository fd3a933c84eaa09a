//! Rounds numbers so that their sum is the rounded sum, as cleanlab 2.9 does: those that rounding moved
//! furthest are moved by one, until it is.

/// The rounded numbers.
pub(crate) fn rounded_with_sum(numbers: &[f64]) -> Vec<i64> {
    let mut rounded: Vec<f64> = numbers.iter().map(|n| n.round_ties_even()).collect();
    let sum = numbers.iter().sum::<f64>().round_ties_even();
    loop {
        let missing = sum - rounded.iter().sum::<f64>();
        if missing == 0.0 || numbers.is_empty() {
            break rounded.iter().map(|&number| number as i64).collect();
        }
        let mut places: Vec<usize> = (0..numbers.len()).collect();
        let below = |place: &usize| numbers[*place] - rounded[*place];
        places.sort_by(|a, b| below(a).total_cmp(&below(b)));
        if missing > 0.0 {
            places.reverse();
        }
        let moved = missing.abs().min(numbers.len() as f64) as usize;
        for &place in &places[..moved] {
            rounded[place] += missing.signum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_kept_at_the_cost_of_what_rounding_moved_furthest() {
        // 0.4 + 0.4 + 0.2 is 1; rounded, nothing is left, and the last of those furthest away gets it.
        assert_eq!(rounded_with_sum(&[0.4, 0.4, 0.2]), [0, 1, 0]);
        // 2.6 + 2.6 + 0.8 is 6; rounded it is 7, and the first of those furthest away gives one back.
        assert_eq!(rounded_with_sum(&[2.6, 2.6, 0.8]), [2, 3, 1]);
        assert!(rounded_with_sum(&[]).is_empty());
    }
}
