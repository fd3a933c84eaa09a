//! Confident learning (Northcutt, Jiang and Chuang, *Journal of Artificial Intelligence Research* 70, 2021):
//! a sample counts as one of a class where its probability is as high as that of the samples given this label
//! on average. The counts by given label and such a class, brought to the numbers of given labels, say how many
//! are wrong. As many are flagged: of each pair of classes those with the largest difference between the two
//! probabilities (prune by noise rate), of each given label those with the lowest probability of it (prune by
//! class), or those that both flag. Flags are those of cleanlab 2.9, whose default is the first.

use crate::rules::held_out::rounding::rounded_with_sum;

/// A probability as high as the mean up to rounding counts as that high; as in cleanlab.
const TOLERANCE: f64 = 1e-6;
/// The lowest mean that a probability is compared with; as in cleanlab.
const LOWEST_MEAN: f64 = 2e-6;
/// What decides between a given label and another class that are equally probable; as in cleanlab.
const FOR_THE_GIVEN: f64 = 1e-8;

/// Which of as many samples as are counted are flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pruning {
    /// For each other class as many as were counted as its own, those most probably of it.
    ByNoiseRate,
    /// As many as were counted of all other classes, those least probably of the given one.
    ByClass,
    /// Those that both flag.
    ByBoth,
}

/// The highest probability of another class than `label`.
pub(crate) fn highest_other(row: &[f64], label: usize) -> f64 {
    let others = row.iter().enumerate().filter(|(class, _)| *class != label);
    others.map(|(_, &p)| p).fold(f64::NEG_INFINITY, f64::max)
}

/// The log probability of a label less the largest other one.
pub(crate) fn log_margin(row: &[f64], label: usize) -> f64 {
    let logarithm = |p: f64| p.max(f64::MIN_POSITIVE).ln();
    logarithm(row[label]) - logarithm(highest_other(row, label))
}

/// Held-out probabilities, samples × classes, and the given labels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeldOutProbabilities<'a> {
    pub(crate) rows: &'a [f64],
    pub(crate) classes: usize,
    pub(crate) given: &'a [u32],
}

impl<'a> HeldOutProbabilities<'a> {
    fn rows(self) -> impl Iterator<Item = (usize, &'a [f64])> {
        let given = self.given.iter().map(|&label| label as usize);
        given.zip(self.rows.chunks_exact(self.classes))
    }

    /// How many samples were given each label.
    fn given_counts(self) -> Vec<f64> {
        let mut counts = vec![0.0; self.classes];
        self.rows().for_each(|(given, _)| counts[given] += 1.0);
        counts
    }

    /// The confident joint, given label × class, brought to the numbers of given labels.
    pub(crate) fn joint(self) -> Vec<f64> {
        let (classes, given_counts) = (self.classes, self.given_counts());
        let mut means = vec![0.0; classes];
        self.rows()
            .for_each(|(given, row)| means[given] += row[given]);
        for (mean, &count) in means.iter_mut().zip(&given_counts) {
            // No probability is as high as 2: of a label that no sample was given, nothing is known.
            *mean = if count > 0.0 {
                (*mean / count).max(LOWEST_MEAN)
            } else {
                2.0
            };
        }
        let mut joint = vec![0.0_f64; classes * classes];
        for (given, row) in self.rows() {
            let confident = |&class: &usize| row[class] >= means[class] - TOLERANCE;
            let mut of_all = (0..classes).filter(confident);
            let class = match (of_all.next(), of_all.next()) {
                (Some(only), None) => only,
                (Some(_), Some(_)) => likeliest(row),
                _ => continue,
            };
            joint[given * classes + class] += 1.0;
        }
        for (label, row) in joint.chunks_exact_mut(classes).enumerate() {
            row[label] = row[label].max(1.0);
            let scale = given_counts[label] / row.iter().sum::<f64>();
            row.iter_mut().for_each(|count| *count *= scale);
        }
        joint
    }

    /// How many samples of each given label (columns) are of each class (rows): whole numbers.
    fn counts(self) -> Vec<i64> {
        let classes = self.classes;
        let joint = self.joint();
        let rounded: Vec<i64> = joint
            .chunks_exact(classes)
            .flat_map(rounded_with_sum)
            .collect();
        let column = |label: usize| &rounded[label * classes..][..classes];
        let mut counts = vec![0.0; classes * classes];
        for label in 0..classes {
            let others = column(label).iter().filter(|&&count| count != 0).count();
            let others = (others as f64 - 1.0).max(1.0);
            // One sample at least of each given label is right.
            let right = column(label)[label].max(1);
            let moved = (right - column(label)[label]) as f64 / others;
            for class in 0..classes {
                let count = (column(label)[class] as f64 - moved).max(0.0);
                counts[class * classes + label] = if class == label { right as f64 } else { count };
            }
        }
        counts
            .chunks_exact(classes)
            .flat_map(rounded_with_sum)
            .collect()
    }

    /// Whether each sample is flagged.
    pub(crate) fn flagged(self, pruning: Pruning) -> Vec<bool> {
        let (by_noise_rate, by_class) = self.pruned();
        let mut flagged = match pruning {
            Pruning::ByNoiseRate => by_noise_rate,
            Pruning::ByClass => by_class,
            Pruning::ByBoth => {
                let both = by_noise_rate.into_iter().zip(by_class);
                both.map(|(one, other)| one && other).collect()
            }
        };
        for ((given, row), flagged) in self.rows().zip(&mut flagged) {
            *flagged &= highest_other(row, given) > row[given] + FOR_THE_GIVEN;
        }
        flagged
    }

    /// What is pruned by noise rate, and by class.
    fn pruned(self) -> (Vec<bool>, Vec<bool>) {
        let (classes, counts) = (self.classes, self.counts());
        let count = |class: usize, label: usize| {
            usize::try_from(counts[class * classes + label]).unwrap_or(0)
        };
        let mut by_noise_rate = vec![false; self.given.len()];
        let mut by_class = by_noise_rate.clone();
        for label in 0..classes {
            let of_label = |&sample: &usize| self.given[sample] as usize == label;
            let samples: Vec<usize> = (0..self.given.len()).filter(of_label).collect();
            if samples.len() <= 1 {
                continue; // It would leave none of the label.
            }
            let highest = |count: usize, score: &dyn Fn(&[f64]) -> f64, flagged: &mut [bool]| {
                let score = |&sample: &usize| score(&self.rows[sample * classes..][..classes]);
                let mut order = samples.clone();
                order.sort_by(|a, b| score(b).total_cmp(&score(a)));
                order
                    .iter()
                    .take(count)
                    .for_each(|&sample| flagged[sample] = true);
            };
            for class in (0..classes).filter(|&class| class != label) {
                let excess = |row: &[f64]| row[class] - row[label];
                highest(count(class, label), &excess, &mut by_noise_rate);
            }
            let wrong = samples.len().saturating_sub(count(label, label));
            highest(wrong, &|row| -row[label], &mut by_class);
        }
        (by_noise_rate, by_class)
    }
}

/// The first class of the highest probability.
fn likeliest(row: &[f64]) -> usize {
    let higher = |best: usize, class: usize| if row[class] > row[best] { class } else { best };
    (0..row.len()).fold(0, higher)
}

#[cfg(test)]
mod tests;
