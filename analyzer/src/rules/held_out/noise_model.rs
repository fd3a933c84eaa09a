//! How probably each sample is mislabeled, from several models' held-out log probabilities of the classes:
//! weights of the models and a table of how often which class is given for which are those that make the given
//! labels likeliest. The true class has the probabilities softmax(Σ weight · log probability); the given label
//! is drawn from the row of the true class. Fitted by expectation and maximisation (Dawid and Skene, *Applied
//! Statistics* 28, 1979), from the table of confident learning on.
//!
//! What the features leave open between classes is so no noise, and what lies far from its class is. Noise that
//! follows what is hard to tell looks like the former, so that the probabilities are then too low.

use crate::rules::held_out::confident_learning::HeldOutProbabilities;
use crate::rules::held_out::weights::Slope;

/// Each row of the table is drawn towards noise without a pattern by so many samples, in shares of those that a
/// class has on average: a few samples are no pattern.
const PRIOR_SHARE: f64 = 0.1;
/// Where no weight moves further and the noise rate neither, more rounds change nothing that matters.
const SETTLED_WEIGHT: f64 = 1e-4;
const SETTLED_RATE: f64 = 1e-5;
const MOST_ROUNDS: usize = 300;
/// Added to each count of a table that rounds to 0: what was never seen is not impossible.
const LEAST_COUNT: f64 = 1e-3;
/// The models' evidence, pooled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PooledEvidence {
    /// Held-out probabilities of the given labels, samples × classes, as if none were wrong.
    pub(crate) probabilities: Vec<f64>,
    /// The logarithm of the odds that each sample is mislabeled.
    pub(crate) log_odds: Vec<f64>,
}

impl PooledEvidence {
    /// From the log probabilities of each model, samples × classes.
    pub(crate) fn of(models: &[Vec<f32>], given: &[u32], classes: usize) -> Self {
        let mut fit = Fit {
            models,
            given,
            classes,
            weights: vec![0.5; models.len()],
            noise: Noise::none(classes),
        };
        for _ in 0..MOST_ROUNDS {
            if fit.round().slope.step(&mut fit.weights) < SETTLED_WEIGHT {
                break;
            }
        }
        let probabilities = fit.probabilities();
        let rows = &probabilities;
        fit.noise = Noise::of_joint(
            &HeldOutProbabilities {
                rows,
                classes,
                given,
            }
            .joint(),
            classes,
        );
        fit.find_noise();
        Self {
            log_odds: fit.log_odds(),
            probabilities,
        }
    }
}

/// How often which class (columns) is given for which (rows).
struct Noise {
    rows: Vec<f64>,
}

impl Noise {
    fn none(classes: usize) -> Self {
        let place = |place: usize| f64::from(u8::from(place.is_multiple_of(classes + 1)));
        Self {
            rows: (0..classes * classes).map(place).collect(),
        }
    }

    /// From counts by given label and true class.
    fn of_joint(joint: &[f64], classes: usize) -> Self {
        let count = |place: usize| joint[place % classes * classes + place / classes] + LEAST_COUNT;
        let mut rows: Vec<f64> = (0..classes * classes).map(count).collect();
        for row in rows.chunks_exact_mut(classes) {
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|count| *count /= sum);
        }
        Self { rows }
    }

    /// From expected counts by true class and given label.
    fn of_counts(counts: &[f64], classes: usize, rate: f64) -> Self {
        let samples: f64 = counts.iter().sum();
        let prior = PRIOR_SHARE * samples / classes as f64;
        let mut rows = counts.to_vec();
        for (class, row) in rows.chunks_exact_mut(classes).enumerate() {
            let total = row.iter().sum::<f64>() + prior;
            for (label, count) in row.iter_mut().enumerate() {
                let patternless = match label == class {
                    true => 1.0 - rate,
                    false => rate / (classes - 1) as f64,
                };
                *count = (*count + prior * patternless) / total;
            }
        }
        Self { rows }
    }
}

struct Fit<'a> {
    models: &'a [Vec<f32>],
    given: &'a [u32],
    classes: usize,
    weights: Vec<f64>,
    noise: Noise,
}

/// What one round over all samples expects.
struct Round {
    slope: Slope,
    /// By true class and given label.
    counts: Vec<f64>,
    /// Share of the samples that are mislabeled.
    rate: f64,
}

impl Fit<'_> {
    fn find_noise(&mut self) {
        let mut before = f64::INFINITY;
        for _ in 0..MOST_ROUNDS {
            let round = self.round();
            self.noise = Noise::of_counts(&round.counts, self.classes, round.rate);
            let moved = round.slope.step(&mut self.weights);
            if moved < SETTLED_WEIGHT && (round.rate - before).abs() < SETTLED_RATE {
                break;
            }
            before = round.rate;
        }
    }

    /// The probabilities of the true classes of a sample, before its given label is heard.
    fn read_row(&self, sample: usize, row: &mut [f64]) {
        for (class, value) in row.iter_mut().enumerate() {
            let at = sample * self.classes + class;
            let models = self.models.iter().zip(&self.weights);
            *value = models
                .map(|(scores, weight)| weight * f64::from(scores[at]))
                .sum();
        }
        let highest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter_mut()
            .for_each(|value| *value = (*value - highest).exp());
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|value| *value /= sum);
    }

    /// How probable the given label of a sample is for each true class.
    fn likelihood(&self, sample: usize, class: usize) -> f64 {
        self.noise.rows[class * self.classes + self.given[sample] as usize]
    }

    fn round(&self) -> Round {
        let (classes, models) = (self.classes, self.models.len());
        let mut slope = Slope::new(models, self.given.len());
        let mut counts = vec![0.0; classes * classes];
        let (mut before, mut after) = (vec![0.0; classes], vec![0.0; classes]);
        let mut means = vec![0.0; models];
        for (sample, &given) in self.given.iter().enumerate() {
            self.read_row(sample, &mut before);
            for (class, (after, before)) in after.iter_mut().zip(&before).enumerate() {
                *after = before * self.likelihood(sample, class);
            }
            // Where all is lost to rounding, the given label says nothing.
            let sum: f64 = after.iter().sum();
            match sum > 0.0 {
                true => after.iter_mut().for_each(|after| *after /= sum),
                false => after.copy_from_slice(&before),
            }
            for (class, after) in after.iter().enumerate() {
                counts[class * classes + given as usize] += after;
            }
            self.add_slope(sample, &before, &after, &mut means, &mut slope);
        }
        let right: f64 = (0..classes)
            .map(|class| counts[class * (classes + 1)])
            .sum();
        let rate = 1.0 - right / self.given.len().max(1) as f64;
        Round {
            slope,
            counts,
            rate,
        }
    }

    fn add_slope(
        &self,
        sample: usize,
        before: &[f64],
        after: &[f64],
        means: &mut [f64],
        slope: &mut Slope,
    ) {
        let models = self.models.len();
        let score = |model: usize, class: usize| {
            f64::from(self.models[model][sample * self.classes + class])
        };
        let mean = |of: &dyn Fn(usize) -> f64| -> f64 {
            before
                .iter()
                .enumerate()
                .map(|(class, p)| p * of(class))
                .sum()
        };
        for (model, expected) in means.iter_mut().enumerate().take(models) {
            *expected = mean(&|class| score(model, class));
            let known = after.iter().enumerate();
            let known: f64 = known.map(|(class, p)| p * score(model, class)).sum();
            slope.gradient[model] += known - *expected;
        }
        for model in 0..models {
            for other in 0..models {
                let product = mean(&|class| score(model, class) * score(other, class));
                slope.curvature[model * models + other] += product - means[model] * means[other];
            }
        }
    }

    fn probabilities(&self) -> Vec<f64> {
        let mut rows = vec![0.0; self.given.len() * self.classes];
        for (sample, row) in rows.chunks_exact_mut(self.classes).enumerate() {
            self.read_row(sample, row);
        }
        rows
    }

    /// Of other classes against the given one; in logarithms, where the probabilities themselves would be 0 or 1.
    fn log_odds(&self) -> Vec<f64> {
        let mut row = vec![0.0; self.classes];
        let mut odds = |(sample, &given): (usize, &u32)| {
            self.read_row(sample, &mut row);
            let share = |class: usize| row[class] * self.likelihood(sample, class);
            let others = (0..self.classes).filter(|&class| class != given as usize);
            let others: f64 = others.map(share).sum();
            others.max(f64::MIN_POSITIVE).ln() - share(given as usize).max(f64::MIN_POSITIVE).ln()
        };
        self.given.iter().enumerate().map(&mut odds).collect()
    }
}

#[cfg(test)]
mod tests;
