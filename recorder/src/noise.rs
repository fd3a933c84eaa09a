//! Label noise: makes known mistakes, so that finding them can be measured.
//!
//! Uniform noise at rate r: with probability r, each label by itself becomes one of the other
//! C − 1 classes, each equally likely (Pleiss et al. 2020, section 4.1; there the label may also
//! fall on the true class, here it never does, so that r is the expected share of wrong labels).

use rand::RngExt;

use crate::RecorderError;
use crate::seeds::Stream;

/// The share of labels that noise makes wrong, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct NoiseRate(f64);

impl NoiseRate {
    /// No noise.
    pub const ZERO: Self = Self(0.0);

    /// Takes a share between 0 and 1.
    ///
    /// # Errors
    /// [`RecorderError::NoiseRate`] for anything else.
    pub fn new(rate: f64) -> Result<Self, RecorderError> {
        if (0.0..=1.0).contains(&rate) {
            Ok(Self(rate))
        } else {
            Err(RecorderError::NoiseRate(rate))
        }
    }

    /// The share.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// The labels after uniform noise; `labels` are below `class_count`, which is at least 2.
pub fn uniform(labels: &[u32], class_count: u32, rate: NoiseRate, draws: &mut Stream) -> Vec<u32> {
    labels
        .iter()
        .map(|&label| {
            // Both numbers are drawn whatever the outcome: the samples that are wrong at rate 0.2
            // are then wrong at 0.4 too, with the same labels, and rates can be compared.
            let is_wrong = draws.random::<f64>() < rate.get();
            let offset = draws.random_range(1..class_count);
            if is_wrong {
                (label + offset) % class_count
            } else {
                label
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::stream;
    use proptest::prelude::*;

    fn noisy(labels: &[u32], classes: u32, rate: f64, seed: u64) -> Vec<u32> {
        uniform(
            labels,
            classes,
            NoiseRate::new(rate).unwrap(),
            &mut stream(seed, "noise"),
        )
    }

    #[test]
    fn a_rate_of_zero_leaves_every_label_and_of_one_leaves_none() {
        let labels: Vec<u32> = (0..1000).map(|i| i % 10).collect();
        assert_eq!(noisy(&labels, 10, 0.0, 1), labels);
        let flipped = noisy(&labels, 10, 1.0, 1);
        assert!(
            flipped
                .iter()
                .zip(&labels)
                .all(|(after, before)| after != before)
        );
    }

    #[test]
    fn a_higher_rate_keeps_the_mistakes_of_a_lower_one() {
        let labels: Vec<u32> = (0..1000).map(|i| i % 10).collect();
        let (few, many) = (noisy(&labels, 10, 0.2, 1), noisy(&labels, 10, 0.4, 1));
        for ((before, few), many) in labels.iter().zip(few).zip(many) {
            assert!(few == *before || few == many);
        }
    }

    #[test]
    fn a_rate_outside_zero_to_one_is_refused() {
        for rate in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(NoiseRate::new(rate).is_err(), "{rate}");
        }
    }

    proptest! {
        #[test]
        fn the_realised_rate_stays_within_five_standard_deviations(
            rate in 0.0..=1.0, classes in 2u32..20, seed: u64,
        ) {
            const SAMPLES: u32 = 4000;
            let labels: Vec<u32> = (0..SAMPLES).map(|i| i % classes).collect();
            let after = noisy(&labels, classes, rate, seed);
            prop_assert!(after.iter().all(|&label| label < classes));
            let wrong = after.iter().zip(&labels).filter(|(a, b)| a != b).count() as f64;
            let samples = f64::from(SAMPLES);
            let deviation = (samples * rate * (1.0 - rate)).sqrt();
            prop_assert!((wrong - samples * rate).abs() <= 5.0 * deviation + 1e-9);
        }

        #[test]
        fn every_wrong_class_is_equally_likely(seed: u64) {
            let after = noisy(&[0; 9000], 10, 1.0, seed);
            for class in 1..10 {
                let count = after.iter().filter(|&&label| label == class).count() as f64;
                // 1000 expected, standard deviation 30.
                prop_assert!((count - 1000.0).abs() < 180.0, "class {class}: {count}");
            }
        }
    }
}
