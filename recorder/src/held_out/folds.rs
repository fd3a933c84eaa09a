//! Which samples are held out together: five folds, each with its share of every class, drawn at random.

use rand::seq::SliceRandom;

use crate::seeds::Stream;

/// Four fifths train each model; with more folds a model would be trained more often, and hardly better.
pub(crate) const FOLDS: usize = 5;

/// The fold of each sample. Every class is dealt out in turn, and the next class goes on where it ended, so
/// that many rare classes do not all fall into the first folds.
pub(crate) fn draw(labels: &[u32], stream: &mut Stream) -> Vec<usize> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.shuffle(stream);
    order.sort_by_key(|&sample| labels[sample]);
    let mut folds = vec![0; labels.len()];
    for (place, sample) in order.into_iter().enumerate() {
        folds[sample] = place % FOLDS;
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::stream;

    #[test]
    fn every_fold_has_its_share_of_every_class() {
        let labels: Vec<u32> = (0..100).map(|sample| u32::from(sample % 10 == 0)).collect();
        let folds = draw(&labels, &mut stream(3, "folds"));
        for fold in 0..FOLDS {
            let members = || labels.iter().zip(&folds).filter(|(_, of)| **of == fold);
            assert_eq!(members().count(), 20);
            assert_eq!(members().filter(|(label, _)| **label == 1).count(), 2);
        }
        assert_ne!(folds, draw(&labels, &mut stream(4, "folds")));
    }
}
