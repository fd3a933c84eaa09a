//! Which training samples serve as threshold samples in each pass.
//!
//! Threshold samples are assigned to an extra class that no sample belongs to, so the network can
//! only memorise them: their AUMs show what a wrong label looks like (Pleiss et al. 2020, section
//! 3.2). One permutation of the training set from the data seed; each pass takes the next slice of
//! it, so every sample is ordinary in some pass.

use rand::seq::SliceRandom;

use crate::RecorderError;
use crate::seeds::Stream;

/// How many threshold samples the paper takes: N / (C + 1), rounded down, so that the extra class
/// is about as large as an average one (section 3.2).
pub fn default_count(samples: usize, classes: usize) -> usize {
    samples / (classes + 1)
}

/// For each pass, its threshold samples as ascending indices; no two passes share one.
///
/// # Errors
/// [`RecorderError::TooManyThresholdSamples`] where the training set has fewer than
/// `passes` × `count` samples.
pub fn disjoint_sets(
    samples: usize,
    count: usize,
    passes: usize,
    draws: &mut Stream,
) -> Result<Vec<Vec<usize>>, RecorderError> {
    if passes.saturating_mul(count) > samples {
        return Err(RecorderError::TooManyThresholdSamples {
            passes,
            threshold_count: count,
            samples,
        });
    }
    let mut permutation: Vec<usize> = (0..samples).collect();
    permutation.shuffle(draws);
    Ok((0..passes)
        .map(|pass| {
            let mut set = permutation[pass * count..(pass + 1) * count].to_vec();
            set.sort_unstable();
            set
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::stream;
    use proptest::prelude::*;

    #[test]
    fn the_paper_takes_a_class_more_than_there_are() {
        assert_eq!(default_count(1437, 10), 130);
        assert_eq!(default_count(50_000, 100), 495);
    }

    #[test]
    fn more_passes_than_there_are_disjoint_sets_are_refused() {
        assert!(disjoint_sets(10, 4, 2, &mut stream(0, "t")).is_ok());
        let error = disjoint_sets(10, 4, 3, &mut stream(0, "t")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("need 12 samples, but the training set has 10")
        );
    }

    #[test]
    fn another_pass_leaves_the_sets_of_the_passes_before() {
        let two = disjoint_sets(100, 9, 2, &mut stream(5, "t")).unwrap();
        let three = disjoint_sets(100, 9, 3, &mut stream(5, "t")).unwrap();
        assert_eq!(two, three[..2]);
    }

    proptest! {
        #[test]
        fn sets_are_disjoint_and_of_the_asked_size(
            samples in 1usize..500, count in 0usize..50, passes in 1usize..5, seed: u64,
        ) {
            prop_assume!(passes * count <= samples);
            let sets = disjoint_sets(samples, count, passes, &mut stream(seed, "t")).unwrap();
            let mut all: Vec<usize> = sets.concat();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(all.len(), passes * count);
            prop_assert!(all.iter().all(|&sample| sample < samples));
        }
    }
}
