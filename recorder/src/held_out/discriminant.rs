//! The shrunk linear discriminant (Fisher 1936): classes are normal with one covariance, that of the samples
//! about the means of their classes, shrunk after Ledoit and Wolf. In closed form: with means μ, priors π and
//! covariance Σ, the log probability of class c at x is x·Σ⁻¹μ − μ·Σ⁻¹μ / 2 + ln π, up to a constant. Each
//! sample is judged by a model that was trained on the other four fifths.

use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use crate::held_out::cholesky::Factor;
use crate::held_out::features::{Features, blocks};
use crate::held_out::log_probabilities::log_probabilities;
use crate::held_out::shrinkage::shrink;

/// Four fifths train each model; with more folds a model would be trained more often, and hardly better.
pub(crate) const FOLDS: usize = 5;
/// Rows that are standardised and multiplied at once.
pub(crate) const BLOCK: usize = 2048;
/// Added to the diagonal, in shares of its mean: features that repeat others leave nothing else of it.
const LEAST_DIAGONAL: f64 = 1e-9;

/// Held-out log probabilities, samples × classes, where `folds` has the fold of each sample.
///
/// # Errors
/// Where there is no room for a matrix.
pub(crate) fn held_out(
    features: &Features,
    labels: &[u32],
    classes: usize,
    folds: &[usize],
) -> Result<Vec<f32>> {
    let members: Vec<Vec<usize>> = (0..FOLDS)
        .map(|fold| (0..labels.len()).filter(|&at| folds[at] == fold).collect())
        .collect();
    let parts = members
        .iter()
        .map(|samples| second_moments(features, samples));
    let parts: Vec<Vec<f64>> = parts.collect::<Result<_>>()?;
    let judged: Vec<Vec<f32>> = (0..FOLDS)
        .into_par_iter()
        .map(|fold| {
            let others = || (0..FOLDS).filter(|&other| other != fold);
            let training: Vec<usize> = others().flat_map(|other| members[other].clone()).collect();
            let mut moments = vec![0.0; features.width() * features.width()];
            for other in others() {
                let part = moments.iter_mut().zip(&parts[other]);
                part.for_each(|(sum, value)| *sum += value);
            }
            let model = Model::train(features, labels, classes, &training, moments);
            let judged = members[fold]
                .iter()
                .flat_map(|&at| model.judge(features, at));
            judged.collect()
        })
        .collect();
    let mut rows = vec![0.0; labels.len() * classes];
    for (samples, judged) in members.iter().zip(&judged) {
        for (&sample, row) in samples.iter().zip(judged.chunks_exact(classes)) {
            rows[sample * classes..][..classes].copy_from_slice(row);
        }
    }
    Ok(rows)
}

/// The sum of x·xᵀ over some samples.
fn second_moments(features: &Features, samples: &[usize]) -> Result<Vec<f64>> {
    let width = features.width();
    let mut sum = Tensor::zeros((width, width), candle_core::DType::F64, &Device::Cpu)?;
    for block in blocks(samples.len(), BLOCK) {
        let samples = &samples[block];
        let rows = samples.par_iter().flat_map_iter(|&at| features.row(at));
        let rows = Tensor::from_vec(rows.collect(), (samples.len(), width), &Device::Cpu)?;
        sum = (sum + rows.t()?.matmul(&rows)?)?;
    }
    sum.flatten_all()?.to_vec1()
}

/// For each class that was seen, Σ⁻¹μ and what is added to the product with it.
struct Model {
    directions: Vec<Option<(Vec<f64>, f64)>>,
}

impl Model {
    /// `moments` is the sum of x·xᵀ over the `training` samples.
    fn train(
        features: &Features,
        labels: &[u32],
        classes: usize,
        training: &[usize],
        mut moments: Vec<f64>,
    ) -> Self {
        let (means, counts) = means(features, labels, classes, training);
        let samples = training.len().max(1);
        within_classes(&mut moments, &means, &counts, samples);
        let fourth = |&at: &usize| {
            let mean = &means[labels[at] as usize];
            let differences = features.row(at).zip(mean);
            let squares: f64 = differences.map(|(x, mean)| (x - mean).powi(2)).sum();
            squares * squares
        };
        let fourth_powers = training.iter().map(fourth).sum();
        let factor = factor(moments, features.width(), samples, fourth_powers);
        let direction = |(mean, count): (Vec<f64>, usize)| {
            let direction = factor.solve(mean.clone());
            let half: f64 = mean.iter().zip(&direction).map(|(a, b)| a * b / 2.0).sum();
            (count > 0).then(|| (direction, (count as f64 / samples as f64).ln() - half))
        };
        let directions = means.into_iter().zip(counts).map(direction).collect();
        Self { directions }
    }

    fn judge(&self, features: &Features, sample: usize) -> impl Iterator<Item = f32> {
        let row: Vec<f64> = features.row(sample).collect();
        let score = |class: &Option<(Vec<f64>, f64)>| match class {
            Some((direction, offset)) => {
                offset + row.iter().zip(direction).map(|(x, w)| x * w).sum::<f64>()
            }
            None => f64::NEG_INFINITY,
        };
        let scores: Vec<f64> = self.directions.iter().map(score).collect();
        let none = scores.iter().all(|score| *score == f64::NEG_INFINITY);
        // Of nothing, nothing is learned.
        log_probabilities(if none {
            vec![0.0; scores.len()]
        } else {
            scores
        })
    }
}

fn means(
    features: &Features,
    labels: &[u32],
    classes: usize,
    training: &[usize],
) -> (Vec<Vec<f64>>, Vec<usize>) {
    let mut means = vec![vec![0.0; features.width()]; classes];
    let mut counts = vec![0; classes];
    for &at in training {
        let class = labels[at] as usize;
        counts[class] += 1;
        let sums = means[class].iter_mut().zip(features.row(at));
        sums.for_each(|(sum, value)| *sum += value);
    }
    for (mean, &count) in means.iter_mut().zip(&counts) {
        mean.iter_mut().for_each(|sum| *sum /= count.max(1) as f64);
    }
    (means, counts)
}

/// From the sum of x·xᵀ to the covariance about the means of the classes.
fn within_classes(moments: &mut [f64], means: &[Vec<f64>], counts: &[usize], samples: usize) {
    for (mean, &count) in means.iter().zip(counts) {
        for (row, &left) in moments.chunks_exact_mut(mean.len()).zip(mean) {
            let left = left * count as f64;
            let row = row.iter_mut().zip(mean);
            row.for_each(|(moment, right)| *moment -= left * right);
        }
    }
    moments
        .iter_mut()
        .for_each(|moment| *moment /= samples as f64);
}

/// The factor of the shrunk covariance; of the identity where samples do not differ within their classes.
fn factor(mut covariance: Vec<f64>, width: usize, samples: usize, fourth_powers: f64) -> Factor {
    shrink(&mut covariance, width, samples, fourth_powers);
    let diagonal = || (0..width).map(|place| place * (width + 1));
    let mean = diagonal().map(|place| covariance[place]).sum::<f64>() / width as f64;
    diagonal().for_each(|place| covariance[place] += LEAST_DIAGONAL * mean);
    Factor::of(covariance, width).unwrap_or_else(|| {
        let mut identity = vec![0.0; width * width];
        diagonal().for_each(|place| identity[place] = 1.0);
        Factor::of(identity, width).expect("the identity is positive definite")
    })
}

#[cfg(test)]
mod tests;
