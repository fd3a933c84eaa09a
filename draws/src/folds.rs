//! Which samples are held out together: folds, each with its share of every class, drawn at random.

use rand::seq::SliceRandom;

use crate::seeds::stream;

/// A class has fewer samples than there are folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are {folds} folds, but class {class} has only {samples} {}", if *samples == 1 { "sample" } else { "samples" })]
pub struct TooManyFolds {
    /// How many folds there are.
    pub folds: usize,
    /// The first such class.
    pub class: u32,
    /// How many samples it has.
    pub samples: usize,
}

/// The fold of each sample (0 to `count` − 1). Every class is dealt out in turn, and the next class goes on where
/// it ended, so that many rare classes do not all fall into the first folds.
pub fn draw_folds(labels: &[u32], count: usize, data_seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.shuffle(&mut stream(data_seed, "folds"));
    order.sort_by_key(|&sample| labels[sample]);
    let mut folds = vec![0; labels.len()];
    for (place, sample) in order.into_iter().enumerate() {
        folds[sample] = place % count;
    }
    folds
}

/// Whether each fold gets a sample of each class that has any.
///
/// # Errors
/// The first class that has fewer samples than there are folds.
pub fn check_folds(labels: &[u32], count: usize) -> Result<(), TooManyFolds> {
    let mut samples = std::collections::BTreeMap::new();
    for &label in labels {
        *samples.entry(label).or_insert(0_usize) += 1;
    }
    match samples.into_iter().find(|(_, samples)| *samples < count) {
        None => Ok(()),
        Some((class, samples)) => Err(TooManyFolds {
            folds: count,
            class,
            samples,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fold_has_its_share_of_every_class() {
        let labels: Vec<u32> = (0..100).map(|sample| u32::from(sample % 10 == 0)).collect();
        let folds = draw_folds(&labels, 5, 3);
        for fold in 0..5 {
            let members = || labels.iter().zip(&folds).filter(|(_, of)| **of == fold);
            assert_eq!(members().count(), 20);
            assert_eq!(members().filter(|(label, _)| **label == 1).count(), 2);
        }
        assert_ne!(folds, draw_folds(&labels, 5, 4));
    }

    #[test]
    fn a_class_with_fewer_samples_than_folds_is_refused() {
        let labels = [0, 0, 0, 2, 2];
        assert_eq!(check_folds(&labels, 2), Ok(()));
        let error = check_folds(&labels, 3).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there are 3 folds, but class 2 has only 2 samples"
        );
    }
}
