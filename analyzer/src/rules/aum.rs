//! What the AUM (area under the margin) of a sample is: the mean of its margins over the epochs of
//! the window.
//!
//! Source: Pleiss et al., NeurIPS 2020, equation 1. Margins are 32-bit floats; they are added up in
//! 64 bits, in the order of the epochs, so that the same log gives the same AUM to the last bit.

/// The AUM of a sample with these `margins`, in logit units; `None` for no margin.
///
/// ```
/// assert_eq!(analyzer::aum([1.0, -2.0, 4.0]), Some(1.0));
/// ```
pub fn aum(margins: impl IntoIterator<Item = f32>) -> Option<f64> {
    mean(margins.into_iter().map(f64::from))
}

/// The mean of some values, added up in their order; `None` for none.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_added_in_64_bits() {
        // In 32 bits, 16,777,216 + 1 is 16,777,216.
        assert_eq!(aum([16_777_216.0, 1.0, 1.0]), Some(16_777_218.0 / 3.0));
        assert_eq!(aum([]), None);
    }
}
