//! Which training samples serve as threshold samples in each pass.
//!
//! Threshold samples are assigned to an extra class that no sample belongs to, so the network can
//! only memorise them: their AUMs show what a wrong label looks like (Pleiss et al. 2020, section
//! 3.2). One permutation of the training set from the data seed; each pass takes the next slice of
//! it, so every sample is ordinary in some pass.

use std::str::FromStr;

use rand::seq::SliceRandom;

use crate::seeds::{Stream, stream};

/// How many threshold samples each pass has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThresholdCount {
    /// The paper's number, but a tenth of the samples at most. With nine classes and more this is the
    /// paper's. With two, a third of the samples would be trained on as the extra class, the most of any
    /// class; the network learns the others late, and nearly all samples are flagged.
    #[default]
    Automatic,
    /// N / (C + 1), rounded down, so that the extra class is about as large as an average one (Pleiss et
    /// al. 2020, section 3.2).
    Paper,
    /// N / C, rounded down, as the authors' code has it.
    AuthorsCode,
    /// The number that was asked for.
    Number(usize),
}

/// [`ThresholdCount::Automatic`] takes one sample of so many at most.
const LEAST_SAMPLES_EACH: usize = 10;

impl ThresholdCount {
    /// The number, for a training set of so many samples in so many classes.
    pub fn of(self, samples: usize, classes: usize) -> usize {
        let paper = samples / (classes + 1);
        match self {
            ThresholdCount::Automatic => paper.min(samples / LEAST_SAMPLES_EACH),
            ThresholdCount::Paper => paper,
            ThresholdCount::AuthorsCode => samples / classes.max(1),
            ThresholdCount::Number(count) => count,
        }
    }

    /// What the number comes from, as it is logged; `None` where it is the paper's without being asked
    /// for, or was given.
    pub fn rule(self, samples: usize, classes: usize) -> Option<&'static str> {
        let paper = ThresholdCount::Paper.of(samples, classes);
        match self {
            ThresholdCount::Automatic if self.of(samples, classes) < paper => Some("tenth"),
            ThresholdCount::Automatic | ThresholdCount::Number(_) => None,
            ThresholdCount::Paper => Some("paper"),
            ThresholdCount::AuthorsCode => Some("authors-code"),
        }
    }

    /// The same for people, in brackets; empty where there is nothing to tell.
    pub fn describe(self, samples: usize, classes: usize) -> String {
        match self.rule(samples, classes) {
            None => String::new(),
            Some("tenth") => format!(
                " (a tenth of the samples; the paper's rule, `threshold_count` paper, takes {})",
                ThresholdCount::Paper.of(samples, classes)
            ),
            Some("paper") => " (samples / (classes + 1), as in the paper)".to_owned(),
            Some(_) => " (samples / classes, as in the authors' code)".to_owned(),
        }
    }
}

impl FromStr for ThresholdCount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "paper" => Ok(ThresholdCount::Paper),
            "authors-code" => Ok(ThresholdCount::AuthorsCode),
            number => number
                .parse()
                .map(ThresholdCount::Number)
                .map_err(|_| "it must be a whole number, paper or authors-code"),
        }
    }
}

/// There are fewer training samples than threshold samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{passes} passes with {threshold_count} threshold samples each need {} samples, but the training set has {samples}", passes * threshold_count
)]
pub struct TooManyThresholdSamples {
    /// How many passes there are.
    pub passes: usize,
    /// Threshold samples of each.
    pub threshold_count: usize,
    /// How many training samples there are.
    pub samples: usize,
}

/// For each pass, its threshold samples as ascending indices; no two passes share one.
///
/// # Errors
/// Where the training set has fewer than `passes` × `count` samples.
pub fn threshold_sets(
    samples: usize,
    count: usize,
    passes: usize,
    data_seed: u64,
) -> Result<Vec<Vec<usize>>, TooManyThresholdSamples> {
    let mut draws = stream(data_seed, "threshold samples");
    disjoint_sets(samples, count, passes, &mut draws, |_, _| true)
}

/// The same where each pass holds out the samples of a fold: `folds` has the fold of each sample, and pass and
/// fold have the same index. A pass takes the next of the permutation that it does train on.
///
/// # Errors
/// Where the training set has too few samples for them.
pub fn threshold_sets_beside_folds(
    folds: &[usize],
    count: usize,
    passes: usize,
    data_seed: u64,
) -> Result<Vec<Vec<usize>>, TooManyThresholdSamples> {
    let mut draws = stream(data_seed, "threshold samples");
    let is_trained = |sample: usize, pass: usize| folds[sample] != pass;
    disjoint_sets(folds.len(), count, passes, &mut draws, is_trained)
}

fn disjoint_sets(
    samples: usize,
    count: usize,
    passes: usize,
    draws: &mut Stream,
    is_trained: impl Fn(usize, usize) -> bool,
) -> Result<Vec<Vec<usize>>, TooManyThresholdSamples> {
    let mut left: Vec<usize> = (0..samples).collect();
    left.shuffle(draws);
    let mut sets = Vec::new();
    for pass in 0..passes {
        let mut set = Vec::new();
        left.retain(|&sample| {
            let is_taken = set.len() < count && is_trained(sample, pass);
            if is_taken {
                set.push(sample);
            }
            !is_taken
        });
        if set.len() < count {
            return Err(TooManyThresholdSamples {
                passes,
                threshold_count: count,
                samples,
            });
        }
        set.sort_unstable();
        sets.push(set);
    }
    Ok(sets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_paper_takes_a_class_more_than_there_are_and_the_authors_code_does_not() {
        for (samples, classes, paper, code) in [(1437, 10, 130, 143), (50_000, 100, 495, 500)] {
            assert_eq!(ThresholdCount::Paper.of(samples, classes), paper);
            assert_eq!(ThresholdCount::AuthorsCode.of(samples, classes), code);
            assert_eq!(ThresholdCount::Automatic.of(samples, classes), paper);
            assert_eq!(ThresholdCount::Automatic.rule(samples, classes), None);
        }
    }

    #[test]
    fn few_classes_have_a_tenth_of_the_samples_for_the_extra_one_unless_more_are_asked_for() {
        let (automatic, paper) = (ThresholdCount::Automatic, ThresholdCount::Paper);
        assert_eq!((automatic.of(455, 2), paper.of(455, 2)), (45, 151));
        assert_eq!(automatic.rule(455, 2), Some("tenth"));
        assert!(automatic.describe(455, 2).contains("takes 151"));
        assert_eq!(paper.rule(455, 2), Some("paper"));
        // Nine classes and the extra one are ten.
        assert_eq!((automatic.of(199, 9), paper.of(199, 9)), (19, 19));
        assert_eq!(automatic.rule(199, 9), None);
        assert_eq!((automatic.of(199, 8), paper.of(199, 8)), (19, 22));
    }

    #[test]
    fn a_number_of_threshold_samples_is_given_as_such_or_by_its_rule() {
        assert_eq!("12".parse(), Ok(ThresholdCount::Number(12)));
        assert_eq!("paper".parse(), Ok(ThresholdCount::Paper));
        assert_eq!("authors-code".parse(), Ok(ThresholdCount::AuthorsCode));
        assert!("-1".parse::<ThresholdCount>().is_err());
        assert!("half".parse::<ThresholdCount>().is_err());
    }

    #[test]
    fn more_passes_than_there_are_disjoint_sets_are_refused() {
        let sets = |passes| disjoint_sets(10, 4, passes, &mut stream(0, "t"), |_, _| true);
        assert!(sets(2).is_ok());
        let error = sets(3).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("need 12 samples, but the training set has 10")
        );
    }

    #[test]
    fn another_pass_leaves_the_sets_of_the_passes_before() {
        let two = threshold_sets(100, 9, 2, 5).unwrap();
        let three = threshold_sets(100, 9, 3, 5).unwrap();
        assert_eq!(two, three[..2]);
    }

    /// Old seeds must go on meaning the same threshold samples.
    #[test]
    fn sets_are_slices_of_one_permutation() {
        let mut permutation: Vec<usize> = (0..20).collect();
        permutation.shuffle(&mut stream(5, "threshold samples"));
        for (set, slice) in threshold_sets(20, 4, 3, 5)
            .unwrap()
            .iter()
            .zip(permutation.chunks(4))
        {
            let mut slice = slice.to_vec();
            slice.sort_unstable();
            assert_eq!(*set, slice);
        }
    }

    #[test]
    fn no_pass_takes_a_threshold_sample_of_the_fold_that_it_holds_out() {
        let folds: Vec<usize> = (0..50).map(|sample| sample % 5).collect();
        let sets = threshold_sets_beside_folds(&folds, 8, 5, 3).unwrap();
        for (pass, set) in sets.iter().enumerate() {
            assert_eq!(set.len(), 8);
            assert!(set.iter().all(|&sample| folds[sample] != pass));
        }
        let mut all = sets.concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 40);
        assert!(threshold_sets_beside_folds(&folds, 11, 5, 3).is_err());
    }

    proptest! {
        #[test]
        fn sets_are_disjoint_and_of_the_asked_size(
            samples in 1usize..500, count in 0usize..50, passes in 1usize..5, seed: u64,
        ) {
            prop_assume!(passes * count <= samples);
            let sets = threshold_sets(samples, count, passes, seed).unwrap();
            let mut all: Vec<usize> = sets.concat();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(all.len(), passes * count);
            prop_assert!(all.iter().all(|&sample| sample < samples));
        }
    }
}
