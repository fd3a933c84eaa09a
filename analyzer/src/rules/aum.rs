//! What the AUM (area under the margin) of a sample is: the mean of its margins over the epochs of
//! the window.
//!
//! Source: Pleiss et al., NeurIPS 2020, equation 1. Margins are 32-bit floats; they are added up in
//! 64 bits, in the order of the epochs, so that the same log gives the same AUM to the last bit.

use std::fmt;

/// The AUM of each sample, in logit units; a sample may have none.
#[derive(Clone, Default)]
pub struct AumColumn {
    /// NaN for none: as options they would take twice the memory, and time.
    aums: Vec<f64>,
}

impl AumColumn {
    /// The number of samples.
    pub fn len(&self) -> usize {
        self.aums.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.aums.is_empty()
    }

    /// The AUM of a sample; `None` where it has none.
    ///
    /// # Panics
    /// Where there is no such sample.
    pub fn get(&self, sample: usize) -> Option<f64> {
        some(self.aums[sample])
    }

    /// All AUMs in the order of the samples.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<f64>> + Clone {
        self.aums.iter().map(|&aum| some(aum))
    }

    /// All AUMs in the order of the samples; NaN for none.
    pub(crate) fn or_nan(&self) -> &[f64] {
        &self.aums
    }

    pub(crate) fn with_room(samples: usize) -> Self {
        Self {
            aums: Vec::with_capacity(samples),
        }
    }

    /// Adds samples with the means of so many AUMs with these `sums`; none where there is none.
    pub(crate) fn extend_by_means(&mut self, sums: &[f64], counts: &[u32]) {
        self.aums.extend(means(sums, counts.iter().copied()));
    }

    /// The means of some numbers of margins with these `sums`; none where there is no margin.
    pub(crate) fn means(sums: &[f64], counts: impl Iterator<Item = u32>) -> Self {
        Self {
            aums: means(sums, counts).collect(),
        }
    }
}

/// NaN for none, which is what 0 / 0 gives.
fn means(sums: &[f64], counts: impl Iterator<Item = u32>) -> impl Iterator<Item = f64> {
    let means = sums.iter().zip(counts);
    means.map(|(sum, count)| sum / f64::from(count))
}

fn some(aum: f64) -> Option<f64> {
    (!aum.is_nan()).then_some(aum)
}

impl FromIterator<Option<f64>> for AumColumn {
    fn from_iter<I: IntoIterator<Item = Option<f64>>>(aums: I) -> Self {
        let aums = aums.into_iter();
        Self {
            aums: aums.map(|aum| aum.unwrap_or(f64::NAN)).collect(),
        }
    }
}

impl PartialEq for AumColumn {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<const N: usize> PartialEq<[Option<f64>; N]> for AumColumn {
    fn eq(&self, other: &[Option<f64>; N]) -> bool {
        self.iter().eq(other.iter().copied())
    }
}

impl fmt::Debug for AumColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The mean of `margins`, in logit units; `None` for no margin.
///
/// ```
/// assert_eq!(analyzer::aum(&[1.0, -2.0, 4.0]), Some(1.0));
/// ```
pub fn aum(margins: &[f32]) -> Option<f64> {
    let sum = margins
        .iter()
        .fold(0.0, |sum, &margin| sum + f64::from(margin));
    (!margins.is_empty()).then(|| sum / margins.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_added_in_64_bits() {
        // In 32 bits, 16,777,216 + 1 is 16,777,216.
        assert_eq!(aum(&[16_777_216.0, 1.0, 1.0]), Some(16_777_218.0 / 3.0));
    }
}
