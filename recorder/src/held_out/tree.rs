//! One extremely randomised tree: at each node some features are drawn, for each a threshold between the least and
//! the largest value there, and the best of these splits, by Gini's impurity, is taken.

use std::ops::Range;

use rand::RngExt;

use crate::seeds::Stream;

/// Fewer samples than this are no leaf: of a single one, a wrong label would be the whole vote.
const LEAST_LEAF: usize = 2;
/// The most samples that one tree is grown from; of larger sets each tree sees a part.
const MOST_DRAWS: usize = 20_000;

/// A grown tree.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// The labels of the samples that it was grown from, leaf by leaf.
    labels: Vec<u32>,
    was_drawn: Vec<bool>,
}

enum Node {
    /// Values of the feature up to `highest` go to the next node, larger ones to the node `right`.
    Split {
        feature: usize,
        highest: f32,
        right: usize,
    },
    /// A range of the labels.
    Leaf(Range<usize>),
}

impl Tree {
    /// Grows a tree from as many draws as there are samples; `rows` are samples × `width` features.
    pub(crate) fn grow(
        rows: &[f32],
        width: usize,
        labels: &[u32],
        classes: usize,
        stream: &mut Stream,
    ) -> Self {
        let mut was_drawn = vec![false; labels.len()];
        let draws = labels.len().min(MOST_DRAWS);
        let mut drawn: Vec<usize> = (0..draws)
            .map(|_| stream.random_range(0..labels.len()))
            .collect();
        drawn.iter().for_each(|&sample| was_drawn[sample] = true);
        let mut growth = Growth {
            rows,
            width,
            labels,
            features: (0..width).collect(),
            counts: [vec![0; classes], vec![0; classes]],
            stream,
        };
        let mut nodes = Vec::new();
        // Ranges of the draws that are still to become nodes, and the node whose right branch each is.
        let mut open = vec![(0..draws, None)];
        while let Some((range, parent)) = open.pop() {
            let number = nodes.len();
            if let Some(Node::Split { right, .. }) = parent.and_then(|at: usize| nodes.get_mut(at))
            {
                *right = number;
            }
            let Some((feature, highest)) = growth.split(&drawn[range.clone()]) else {
                nodes.push(Node::Leaf(range));
                continue;
            };
            let goes_left = |sample: usize| rows[sample * width + feature] <= highest;
            let middle = range.start + partition(&mut drawn[range.clone()], goes_left);
            nodes.push(Node::Split {
                feature,
                highest,
                right: number,
            });
            open.push((middle..range.end, Some(number)));
            open.push((range.start..middle, None));
        }
        Self {
            nodes,
            labels: drawn.into_iter().map(|sample| labels[sample]).collect(),
            was_drawn,
        }
    }

    /// Whether a sample is among those that the tree has seen.
    pub(crate) fn was_grown_from(&self, sample: usize) -> bool {
        self.was_drawn[sample]
    }

    /// Adds the shares of the classes in the leaf of a row.
    pub(crate) fn vote(&self, row: &[f32], votes: &mut [f64]) {
        let mut at = 0;
        loop {
            match &self.nodes[at] {
                Node::Split {
                    feature,
                    highest,
                    right,
                } => {
                    at = if row[*feature] <= *highest {
                        at + 1
                    } else {
                        *right
                    }
                }
                Node::Leaf(range) => {
                    let share = 1.0 / range.len() as f64;
                    let labels = &self.labels[range.clone()];
                    labels
                        .iter()
                        .for_each(|&label| votes[label as usize] += share);
                    return;
                }
            }
        }
    }
}

struct Growth<'a> {
    rows: &'a [f32],
    width: usize,
    labels: &'a [u32],
    /// All of them, in the order of the last draw.
    features: Vec<usize>,
    /// Of each class on both sides of the last threshold.
    counts: [Vec<u32>; 2],
    stream: &'a mut Stream,
}

impl Growth<'_> {
    /// The best of the splits drawn for some samples: a feature and the highest value on the left. `None` where they
    /// are of one class, too few, or alike.
    fn split(&mut self, samples: &[usize]) -> Option<(usize, f32)> {
        let first = self.labels[*samples.first()?];
        let of_one_class = samples.iter().all(|&sample| self.labels[sample] == first);
        if of_one_class || samples.len() < 2 * LEAST_LEAF {
            return None;
        }
        let (mut best, mut best_purity) = (None, f64::NEG_INFINITY);
        let mut wanted = self.width.isqrt().max(1);
        for place in 0..self.width {
            if wanted == 0 {
                break;
            }
            let other = self.stream.random_range(place..self.width);
            self.features.swap(place, other);
            let feature = self.features[place];
            let Some(highest) = self.threshold(samples, feature) else {
                continue; // the same in all of them
            };
            wanted -= 1;
            if let Some(purity) = self.purity(samples, feature, highest)
                && purity > best_purity
            {
                (best, best_purity) = (Some((feature, highest)), purity);
            }
        }
        best
    }

    fn value(&self, sample: usize, feature: usize) -> f32 {
        self.rows[sample * self.width + feature]
    }

    /// From the least value up to the largest, the latter excluded.
    fn threshold(&mut self, samples: &[usize], feature: usize) -> Option<f32> {
        let (mut least, mut largest) = (f32::INFINITY, f32::NEG_INFINITY);
        for &sample in samples {
            let value = self.value(sample, feature);
            (least, largest) = (least.min(value), largest.max(value));
        }
        if least >= largest {
            return None;
        }
        let drawn = least + self.stream.random::<f32>() * (largest - least);
        Some(if drawn < largest { drawn } else { least })
    }

    /// Σ n² / N over both sides, with n of each class among N: highest where Gini's impurity is lowest. `None` where
    /// a side has too few.
    fn purity(&mut self, samples: &[usize], feature: usize, highest: f32) -> Option<f64> {
        self.counts.iter_mut().for_each(|side| side.fill(0));
        for &sample in samples {
            let side = usize::from(self.value(sample, feature) > highest);
            self.counts[side][self.labels[sample] as usize] += 1;
        }
        let mut purity = 0.0;
        for side in &self.counts {
            let total: u32 = side.iter().sum();
            if (total as usize) < LEAST_LEAF {
                return None;
            }
            let squares = side.iter().map(|&count| f64::from(count).powi(2));
            purity += squares.sum::<f64>() / f64::from(total);
        }
        Some(purity)
    }
}

/// Brings those that go left to the front; returns how many they are.
fn partition(samples: &mut [usize], goes_left: impl Fn(usize) -> bool) -> usize {
    let mut left = 0;
    for place in 0..samples.len() {
        if goes_left(samples[place]) {
            samples.swap(left, place);
            left += 1;
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::stream;

    #[test]
    fn trees_of_two_groups_far_apart_vote_for_the_group_of_a_row() {
        let rows: Vec<f32> = (0..40)
            .map(|sample| (sample % 2 * 100 + sample) as f32)
            .collect();
        let labels: Vec<u32> = (0..40).map(|sample| sample % 2).collect();
        let (mut low, mut high) = ([0.0; 2], [0.0; 2]);
        for seed in 0..20 {
            let tree = Tree::grow(&rows, 1, &labels, 2, &mut stream(seed, "tree"));
            tree.vote(&[-9.0], &mut low);
            tree.vote(&[999.0], &mut high);
        }
        assert!(low[0] > 15.0 && high[1] > 15.0, "{low:?}, {high:?}");
    }

    #[test]
    fn about_a_third_of_the_samples_is_held_out_of_a_tree() {
        let rows: Vec<f32> = (0..1_000).map(|sample| sample as f32).collect();
        let labels: Vec<u32> = (0..1_000).map(|sample| u32::from(sample > 500)).collect();
        let tree = Tree::grow(&rows, 1, &labels, 2, &mut stream(1, "tree"));
        let held_out = (0..1_000).filter(|&sample| !tree.was_grown_from(sample));
        // (1 − 1/n)ⁿ = 0.368, within five deviations.
        assert!((300..440).contains(&held_out.count()));
    }

    #[test]
    fn no_leaf_has_a_single_sample() {
        let rows: Vec<f32> = (0..60).map(|sample| (sample * 37 % 60) as f32).collect();
        let labels: Vec<u32> = (0..60).map(|sample| sample % 3).collect();
        let tree = Tree::grow(&rows, 1, &labels, 3, &mut stream(2, "tree"));
        let leaves = tree.nodes.iter().filter_map(|node| match node {
            Node::Leaf(range) => Some(range.len()),
            Node::Split { .. } => None,
        });
        assert!(leaves.clone().all(|size| size >= LEAST_LEAF));
        assert_eq!(leaves.sum::<usize>(), 60);
    }
}
