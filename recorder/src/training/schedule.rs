//! How the learning rate falls from epoch to epoch of a training.

use std::num::NonZeroUsize;

/// A learning-rate drop divides the rate by this (Pleiss et al. 2020, section 4: a tenth).
const DROP_FACTOR: f64 = 0.1;

/// How the learning rate falls.
#[derive(Debug, Clone, PartialEq)]
pub enum LearningRateFall {
    /// To a tenth after each of these shares of the training, above 0 and below 1.
    Drops(Vec<f64>),
    /// As half a cosine, from the whole rate in the first epoch to nearly 0 in the last (Loshchilov and Hutter,
    /// ICLR 2017, without restarts; PyTorch's `CosineAnnealingLR`, a step an epoch).
    Cosine,
}

impl LearningRateFall {
    /// The epochs (1-based, of so many) that begin with a tenth of the rate before, ascending.
    pub fn drop_epochs(&self, epochs: NonZeroUsize) -> Vec<usize> {
        let Self::Drops(shares) = self else {
            return Vec::new();
        };
        let drop = |share: &f64| (share * epochs.get() as f64).round() as usize + 1;
        let mut drops: Vec<usize> = shares.iter().map(drop).collect();
        drops.sort_unstable();
        drops
    }

    /// What the rate is multiplied by in the 1-based `epoch` of so many, 0 to 1.
    pub fn factor(&self, epoch: usize, epochs: NonZeroUsize) -> f64 {
        match self {
            Self::Drops(_) => {
                let drops = self.drop_epochs(epochs).into_iter();
                let passed = drops.filter(|&drop| drop <= epoch).count();
                DROP_FACTOR.powi(i32::try_from(passed).unwrap_or(i32::MAX))
            }
            Self::Cosine => {
                let done = epoch.saturating_sub(1) as f64 / epochs.get() as f64;
                f64::midpoint(1.0, (std::f64::consts::PI * done).cos())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_falls_from_the_whole_rate_by_half_in_the_middle() {
        let four = NonZeroUsize::new(4).unwrap();
        let factors = [1, 2, 3, 4].map(|epoch| LearningRateFall::Cosine.factor(epoch, four));
        // (1 + cos 45°) / 2 and (1 + cos 135°) / 2.
        let expected = [1.0, 0.853_553, 0.5, 0.146_447];
        for (found, expected) in factors.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{factors:?}");
        }
        assert!(LearningRateFall::Cosine.drop_epochs(four).is_empty());
    }
}
