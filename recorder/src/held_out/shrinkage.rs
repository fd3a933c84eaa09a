//! How far a covariance is shrunk towards a multiple of the identity, so that it is good with few samples for
//! its features and can be inverted: the share that minimises the expected squared error, estimated from the
//! samples themselves (Ledoit and Wolf, *Journal of Multivariate Analysis* 88, 2004).

/// Shrinks `covariance` (width × width), the mean of x·xᵀ over `samples` vectors x of mean 0, whose ‖x‖⁴ add
/// up to `fourth_powers`; returns the share of the identity.
pub(crate) fn shrink(
    covariance: &mut [f64],
    width: usize,
    samples: usize,
    fourth_powers: f64,
) -> f64 {
    let (size, count) = (width as f64, samples as f64);
    let diagonal = || (0..width).map(|place| place * (width + 1));
    let trace: f64 = diagonal().map(|place| covariance[place]).sum();
    let mean = trace / size;
    let squares: f64 = covariance.iter().map(|value| value * value).sum();
    // How far the samples' own x·xᵀ lie from their mean, and how far that mean lies from the identity.
    let spread = (fourth_powers / count - squares) / count;
    let distance = squares - size * mean * mean;
    let share = match distance > 0.0 {
        true => spread.clamp(0.0, distance) / distance,
        false => 1.0,
    };
    covariance
        .iter_mut()
        .for_each(|value| *value *= 1.0 - share);
    diagonal().for_each(|place| covariance[place] += share * mean);
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_covariance_of_few_samples_is_shrunk_by_hand_made_numbers() {
        // x = ±(2, 0) and ±(0, 1), twice each: covariance diag(2, 1/2), mean 5/4; ‖x‖⁴ = 16 or 1.
        // spread (8.5 − 4.25) / 8 = 0.53125, distance 4.25 − 2 · 25/16 = 1.125.
        let mut covariance = [2.0, 0.0, 0.0, 0.5];
        let share = shrink(&mut covariance, 2, 8, 68.0);
        assert!((share - 0.53125 / 1.125).abs() < 1e-15);
        assert!((covariance[0] - (2.0 - share * 0.75)).abs() < 1e-15);
        assert!((covariance[3] - (0.5 + share * 0.75)).abs() < 1e-15);
    }

    #[test]
    fn a_multiple_of_the_identity_stays_as_it_is() {
        let mut covariance = [3.0, 0.0, 0.0, 3.0];
        shrink(&mut covariance, 2, 10, 1000.0);
        assert_eq!(covariance, [3.0, 0.0, 0.0, 3.0]);
    }
}
