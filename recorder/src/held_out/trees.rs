//! What extremely randomised trees (Geurts, Ernst and Wehenkel, *Machine Learning* 63, 2006) say of the samples
//! that they were not grown from: each tree is grown from samples drawn with replacement, and the others, a third
//! and more of all, are held out. Trees see what neither a straight border nor nearness shows, such as a feature
//! that matters only within a range of another. As with the neighbours, half a vote is shared out among all classes.

use rayon::prelude::*;

use crate::held_out::features::{Features, blocks};
use crate::held_out::log_probabilities::log_probabilities;
use crate::held_out::tree::Tree;
use crate::seeds::stream;

/// Each sample is held out of a third of these and more, so that a share is known to some hundredths.
const TREES: usize = 200;
/// So many trees are there at once: enough for every thread, few enough to be small.
pub(crate) const BLOCK: usize = 32;
/// Beyond so many features, such as those of embeddings, trees are none: each looks at a few features alone, of
/// which none says much there, and growing them takes longer than the training.
pub(crate) const MOST_FEATURES: usize = 256;

/// Held-out log probabilities, samples × classes; the trees are drawn from streams of `data_seed`.
pub(crate) fn held_out(
    features: &Features,
    labels: &[u32],
    classes: usize,
    data_seed: u64,
) -> Vec<f32> {
    let width = features.width();
    let rows: Vec<f32> = (0..features.len())
        .flat_map(|sample| features.row(sample).map(|value| value as f32))
        .collect();
    let mut votes = vec![0.0; labels.len() * classes];
    for block in blocks(TREES, BLOCK) {
        let grow = |number| {
            let mut stream = stream(data_seed, &format!("tree {number}"));
            Tree::grow(&rows, width, labels, classes, &mut stream)
        };
        let trees: Vec<Tree> = block.into_par_iter().map(grow).collect();
        let samples = votes.par_chunks_exact_mut(classes).enumerate();
        // Sample by sample, each over the trees in their order: the same sums with any number of threads.
        samples.for_each(|(sample, votes)| {
            let row = &rows[sample * width..][..width];
            for tree in trees.iter().filter(|tree| !tree.was_grown_from(sample)) {
                tree.vote(row, votes);
            }
        });
    }
    let share = 0.5 / classes as f64;
    let scores = votes.par_chunks_exact(classes);
    let scores = scores.flat_map_iter(|votes| {
        log_probabilities(votes.iter().map(|vote| (vote + share).ln()).collect())
    });
    scores.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::held_out::features::tests::dataset;

    /// Class 1 where exactly one of two features is positive: no straight border shows it. The third says nothing.
    fn exclusive_or(samples: usize) -> (Vec<f32>, Vec<u32>) {
        let bit = |sample: usize, place: usize| (sample >> place & 1) as f32 * 2.0 - 1.0;
        let row = |sample: usize| {
            let spread = (sample * 7 % 11) as f32 / 20.0;
            [
                bit(sample, 0) + spread,
                bit(sample, 1) - spread,
                (sample * 5 % 13) as f32,
            ]
        };
        let labels = (0..samples).map(|sample| (sample ^ (sample >> 1)) as u32 & 1);
        ((0..samples).flat_map(row).collect(), labels.collect())
    }

    #[test]
    fn wrong_labels_of_an_exclusive_or_are_held_to_be_of_the_other_class() {
        let (values, mut labels) = exclusive_or(200);
        let wrong = [3, 50, 97, 160];
        wrong.iter().for_each(|&sample: &usize| labels[sample] ^= 1);
        let dataset = dataset(values, 3);
        let features = Features::of(&dataset).unwrap();
        let scores = held_out(&features, &labels, 2, 5);
        let doubted = |&sample: &usize| scores[2 * sample + labels[sample] as usize] < 0.5_f32.ln();
        assert_eq!((0..200).filter(doubted).collect::<Vec<_>>(), wrong);
    }

    #[test]
    fn shares_add_up_to_one_and_depend_on_the_seed_alone() {
        let (values, labels) = exclusive_or(40);
        let dataset = dataset(values, 3);
        let features = Features::of(&dataset).unwrap();
        let scores = held_out(&features, &labels, 2, 5);
        for row in scores.chunks_exact(2) {
            let sum: f32 = row.iter().map(|score| score.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-6, "{row:?}");
        }
        assert_eq!(scores, held_out(&features, &labels, 2, 5));
        assert_ne!(scores, held_out(&features, &labels, 2, 6));
    }
}
