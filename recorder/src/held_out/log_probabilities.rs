//! From scores of classes to log probabilities that can be logged.

use logformat::LOWEST_LOG_PROBABILITY;

/// The logarithm of each class's share, for `scores` that are logarithms up to a constant.
pub(crate) fn log_probabilities(mut scores: Vec<f64>) -> impl Iterator<Item = f32> {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scores.iter().map(|score| (score - highest).exp()).sum();
    let total = highest + sum.ln();
    for score in &mut scores {
        *score = (*score - total).max(LOWEST_LOG_PROBABILITY);
    }
    scores.into_iter().map(|score| score as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_probabilities_add_up_to_one_and_none_is_without_bound() {
        let found: Vec<f32> = log_probabilities(vec![0.0, 3_f64.ln(), f64::NEG_INFINITY]).collect();
        assert_eq!(found, [0.25_f32.ln(), 0.75_f32.ln(), -30.0]);
    }
}
