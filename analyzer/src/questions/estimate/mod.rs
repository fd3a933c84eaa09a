//! What can be said without any known truth: the noise rate, how probably each sample is mislabeled,
//! and from these the precision and recall to be expected of each percentile.
//!
//! Where the log tells what models say of labels that they were not trained on, the noise rate is what several
//! counts say together ([`LabelCounts`]), and its range holds it whether labels are wrong at random, by a table
//! of classes, or where they are hard to tell. All other numbers, and it where the log tells nothing of the kind, rest
//! on one assumption: mislabeled samples have the AUMs that threshold samples
//! have. It is wrong, and the numbers are biased, in two cases that the AUMs themselves show. Where
//! the network underfits, clean samples are as low as threshold samples and are counted as mislabeled
//! (too high). Where the noise is a pattern that the network learns, as when each class gets one
//! other label, mislabeled samples are higher than threshold samples and are missed (too low:
//! [`estimate_doubts`] names both). In both there is no gap between the threshold samples and the samples that would be clean:
//! [`PassEstimate::gap`]. The intervals tell how far chance goes, and nothing about this bias.

pub(crate) mod bias;
pub(crate) mod estimated;
pub(crate) mod expected;
pub(crate) mod label_counts;
pub(crate) mod passes;
pub(crate) mod report;
pub(crate) mod together;
pub(crate) mod unseen_labels;

use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::run_log::RunLog;
use crate::questions::estimate::estimated::Estimated;
use crate::questions::estimate::expected::{
    ExpectedQuality, Replicate, expected, flagged_by_each, qualities,
};
use crate::questions::estimate::label_counts::LabelCounts;
use crate::questions::estimate::passes::{Pass, PassEstimate};
use crate::questions::estimate::together::together;
use crate::questions::uncertainty::bootstrap;
use crate::rules::mixture::Posterior;
use crate::rules::percentile::Percentile;

/// Passes whose noise rates differ by more do not agree (see [`Estimate::disagreement`]). They judge
/// the same given labels but for those of the threshold samples, so that only chance, of some
/// hundredths with a hundred threshold samples, should lie between them; a choice, not a test.
pub const LARGEST_SOUND_DIFFERENCE: f64 = 0.1;

/// What is to be estimated, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimateSettings {
    /// The percentiles to judge.
    pub percentiles: Vec<Percentile>,
    /// How many times the samples are drawn anew for the intervals.
    pub resamples: u32,
    /// The seed of these draws.
    pub seed: u64,
}

/// What is estimated of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The share of mislabeled samples, 0 to 1, by the AUMs and by all counts of unseen labels; with a range
    /// and without a number where they do not tell one. Without such counts, by the AUMs alone.
    pub noise_rate: Estimated,
    /// The share of mislabeled samples by the AUMs: the mean over the passes, each counting by its ordinary samples.
    pub by_aums: Estimated,
    /// What is counted on labels that models were not trained on, where the log tells it.
    pub counts: Option<LabelCounts>,
    /// The passes with threshold samples, ascending.
    pub passes: Vec<PassEstimate>,
    /// How probably each sample is mislabeled, 0 to 1: the mean over the passes that judge it; in
    /// the order of the log.
    pub probabilities: Vec<Option<f64>>,
    /// What each rule would find: the percentiles in their order, then the rule by probability.
    pub rules: Vec<ExpectedQuality>,
}

impl Estimate {
    /// The passes with the lowest and the highest noise rate, where these are more than
    /// [`LARGEST_SOUND_DIFFERENCE`] apart: then at least one is wrong, and so is their mean.
    pub fn disagreement(&self) -> Option<[PassEstimate; 2]> {
        let by_rate = |a: &&PassEstimate, b: &&PassEstimate| a.noise_rate.total_cmp(&b.noise_rate);
        let lowest = *self.passes.iter().min_by(by_rate)?;
        let highest = *self.passes.iter().max_by(by_rate)?;
        let apart = highest.noise_rate - lowest.noise_rate > LARGEST_SOUND_DIFFERENCE;
        apart.then_some([lowest, highest])
    }
}

/// Estimates what is asked for, with what was counted on unseen labels ([`label_counts`](label_counts::label_counts))
/// where that is known; `None` where no pass has both threshold and ordinary samples.
pub fn estimate(
    log: &RunLog,
    analysis: &RunAnalysis,
    settings: &EstimateSettings,
    counts: Option<LabelCounts>,
) -> Option<Estimate> {
    let passes: Vec<Pass> = analysis.aums.iter().map(Pass::new).collect();
    let samples = log.sample_count();
    let fits = fit(&passes, &vec![1; samples]);
    let noise_rate = noise_rate(&passes, &fits)?;
    let probabilities = probabilities(&passes, &fits, samples);
    let flagged = flagged_by_each(&passes, &fits, &settings.percentiles);
    let quality = qualities(&probabilities, &flagged);
    let replicates = bootstrap::replicates(samples, settings.resamples, settings.seed, |weights| {
        replicate(&passes, &flagged, weights)
    });
    let rates = replicates.iter().map(|replicate| replicate.noise_rate);
    let by_aums = Estimated::new(Some(noise_rate), rates);
    let estimates = passes.iter().zip(&fits);
    Some(Estimate {
        noise_rate: counts.map_or(by_aums, |counts| together(by_aums, &counts)),
        by_aums,
        counts,
        passes: estimates
            .filter_map(|(pass, fit)| Some(pass.estimate(fit.as_ref()?)))
            .collect(),
        rules: expected(&settings.percentiles, &flagged, &quality, &replicates),
        probabilities,
    })
}

/// The share of mislabeled samples that the AUMs of a run support; `None` as for [`estimate`].
pub(crate) fn supported_noise_rate(log: &RunLog, analysis: &RunAnalysis) -> Option<f64> {
    let passes: Vec<Pass> = analysis.aums.iter().map(Pass::new).collect();
    noise_rate(&passes, &fit(&passes, &vec![1; log.sample_count()]))
}

/// The same samples, drawn anew: other probabilities for the same flagged samples.
fn replicate(passes: &[Pass<'_>], flagged: &[Vec<usize>], weights: &[u32]) -> Replicate {
    let fits = fit(passes, weights);
    let probabilities = probabilities(passes, &fits, weights.len());
    Replicate {
        noise_rate: noise_rate(passes, &fits),
        qualities: qualities(&probabilities, flagged),
    }
}

fn fit(passes: &[Pass<'_>], weights: &[u32]) -> Vec<Option<Posterior>> {
    let fits = passes.iter().map(|pass| pass.mixture.fit(weights));
    fits.collect()
}

fn noise_rate(passes: &[Pass<'_>], fits: &[Option<Posterior>]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for (pass, fit) in passes.iter().zip(fits) {
        if let Some(fit) = fit {
            let ordinary = pass.mixture.ordinary_count() as f64;
            sum += fit.noise_rate * ordinary;
            count += ordinary;
        }
    }
    (count > 0.0).then(|| sum / count)
}

fn probabilities(
    passes: &[Pass<'_>],
    fits: &[Option<Posterior>],
    samples: usize,
) -> Vec<Option<f64>> {
    let of_sample = |sample: usize| {
        let (mut sum, mut count) = (0.0, 0_u32);
        for (pass, fit) in passes.iter().zip(fits) {
            if let (Some(aum), Some(fit)) = (pass.aums.judged_aum(sample), fit) {
                sum += fit.at(aum);
                count += 1;
            }
        }
        (count > 0).then(|| sum / f64::from(count))
    };
    (0..samples).map(of_sample).collect()
}

#[cfg(test)]
mod bias_tests;
#[cfg(test)]
mod tests;
