//! How good a rule is to be expected, from the probabilities alone: the precision of some flagged
//! samples is their mean probability of being mislabeled, the recall their part of all probabilities.

use crate::questions::estimate::estimated::Estimated;
use crate::questions::estimate::passes::Pass;
use crate::rules::mixture::Posterior;
use crate::rules::percentile::Percentile;
use crate::rules::protocol::{Cut, Join};
use crate::rules::threshold::{AumThreshold, aum_threshold};
use crate::rules::verdict::verdicts;

/// How good a rule is to be expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpectedQuality {
    /// The percentile; `None` for the rule that flags by probability.
    pub percentile: Option<Percentile>,
    /// How many samples are flagged.
    pub flagged: usize,
    /// The share of the flagged samples that are mislabeled: their mean probability.
    pub precision: Estimated,
    /// The share of the mislabeled samples that are flagged: the flagged part of all probabilities.
    pub recall: Estimated,
}

#[derive(Clone, Copy)]
pub(crate) struct Quality {
    precision: Option<f64>,
    recall: Option<f64>,
}

/// The samples that each percentile flags, and last those that the probability does.
pub(crate) fn flagged_by_each(
    passes: &[Pass<'_>],
    fits: &[Option<Posterior>],
    percentiles: &[Percentile],
) -> Vec<Vec<usize>> {
    let threshold_aums: Vec<Vec<f64>> = passes
        .iter()
        .map(|pass| pass.mixture.ordinary_and_threshold_aums().1)
        .collect();
    let by_percentile = |&percentile: &Percentile| {
        let thresholds = threshold_aums.iter();
        let thresholds =
            thresholds.map(|aums| aum_threshold(aums.clone(), percentile, Cut::BelowRank));
        flagged(passes, thresholds)
    };
    let mut all: Vec<Vec<usize>> = percentiles.iter().map(by_percentile).collect();
    let by_probability = passes.iter().zip(fits);
    all.push(flagged(
        passes,
        by_probability.map(|(pass, fit)| {
            let threshold = pass.mixture.threshold(fit.as_ref()?);
            threshold.map(AumThreshold::below)
        }),
    ));
    all
}

fn flagged(
    passes: &[Pass<'_>],
    thresholds: impl Iterator<Item = Option<AumThreshold>>,
) -> Vec<usize> {
    let passes: Vec<_> = passes
        .iter()
        .map(|pass| pass.aums)
        .zip(thresholds)
        .collect();
    let verdicts = verdicts(&passes, Join::Every);
    let flagged = verdicts.flagged().enumerate();
    let flagged = flagged.filter(|&(_, is)| is == Some(true));
    flagged.map(|(sample, _)| sample).collect()
}

pub(crate) fn qualities(probabilities: &[Option<f64>], flagged: &[Vec<usize>]) -> Vec<Quality> {
    let all: f64 = probabilities.iter().flatten().sum();
    let quality = |flagged: &Vec<usize>| {
        let found: f64 = flagged.iter().filter_map(|&at| probabilities[at]).sum();
        Quality {
            precision: (!flagged.is_empty()).then(|| found / flagged.len() as f64),
            recall: (all > 0.0).then(|| found / all),
        }
    };
    flagged.iter().map(quality).collect()
}

/// The percentiles in their order, then the rule by probability, each with its intervals.
pub(crate) fn expected(
    percentiles: &[Percentile],
    flagged: &[Vec<usize>],
    qualities: &[Quality],
    replicates: &[Replicate],
) -> Vec<ExpectedQuality> {
    let names = percentiles.iter().copied().map(Some).chain([None]);
    let rules = names.zip(flagged).zip(qualities).enumerate();
    rules
        .map(|(rule, ((percentile, flagged), quality))| {
            let redrawn = || replicates.iter().map(|replicate| replicate.qualities[rule]);
            ExpectedQuality {
                percentile,
                flagged: flagged.len(),
                precision: Estimated::new(quality.precision, redrawn().map(|q| q.precision)),
                recall: Estimated::new(quality.recall, redrawn().map(|q| q.recall)),
            }
        })
        .collect()
}

pub(crate) struct Replicate {
    pub(crate) noise_rate: Option<f64>,
    pub(crate) qualities: Vec<Quality>,
}
