//! What several passes say together about each sample.
//!
//! A pass judges the samples that are ordinary in it (not its threshold samples) and have an AUM. A
//! sample's combined AUM is the mean over the passes that judge it. By default it is flagged when
//! every one of them flags it, as in the authors' replication code of Pleiss et al., NeurIPS 2020;
//! by [`Join::Any`] when any does. A pass without a threshold counts for the AUM and has no vote.

use crate::{AumThreshold, Join};

/// The AUMs of one pass. The vectors have the length and order of the run's samples.
#[derive(Debug, Clone, PartialEq)]
pub struct PassAums {
    /// 1-based.
    pub pass: u32,
    /// The AUM of each sample, threshold samples included; `None` where it has no margin.
    pub aums: Vec<Option<f64>>,
    /// Whether each sample serves as a threshold sample.
    pub is_threshold_sample: Vec<bool>,
}

/// What all passes say about one sample.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SampleVerdict {
    /// How many passes judge it; 0 for a sample that is a threshold sample in every pass.
    pub judged_passes: u32,
    /// The mean AUM over those passes, in logit units.
    pub aum: Option<f64>,
    /// Whether all of them flag it; `None` where none judges it or has a threshold.
    pub flagged: Option<bool>,
}

/// The verdict on each sample of a run; `thresholds` has one for each of `passes`, whose vectors have
/// the same length and order.
pub(crate) fn combine(
    passes: Vec<&PassAums>,
    thresholds: Vec<Option<AumThreshold>>,
    join: Join,
) -> impl Iterator<Item = SampleVerdict> {
    let samples = passes.first().map_or(0, |pass| pass.aums.len());
    (0..samples).map(move |sample| combine_sample(&passes, &thresholds, join, sample))
}

fn combine_sample(
    passes: &[&PassAums],
    thresholds: &[Option<AumThreshold>],
    join: Join,
    sample: usize,
) -> SampleVerdict {
    let mut verdict = SampleVerdict::default();
    let mut sum = 0.0;
    for (pass, threshold) in passes.iter().zip(thresholds) {
        let Some(aum) = pass.judged_aum(sample) else {
            continue;
        };
        verdict.judged_passes += 1;
        sum += aum;
        if let Some(threshold) = threshold {
            let flags = threshold.flags(aum);
            verdict.flagged = Some(match (verdict.flagged, join) {
                (None, _) => flags,
                (Some(others), Join::Every) => others && flags,
                (Some(others), Join::Any) => others || flags,
            });
        }
    }
    if verdict.judged_passes > 0 {
        verdict.aum = Some(sum / f64::from(verdict.judged_passes));
    }
    verdict
}

impl PassAums {
    /// The AUM of a sample that this pass judges; `None` for one that it does not.
    pub fn judged_aum(&self, sample: usize) -> Option<f64> {
        self.aums[sample].filter(|_| !self.is_threshold_sample[sample])
    }

    /// The AUMs of its threshold samples, in the order of the samples.
    pub fn threshold_aums(&self) -> Vec<f64> {
        let all = self.aums.iter().zip(&self.is_threshold_sample);
        let of_threshold_samples = all.filter(|&(_, &is)| is);
        of_threshold_samples.filter_map(|(aum, _)| *aum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(join: Join, passes: &[(Option<f64>, bool, Option<f64>)]) -> SampleVerdict {
        let columns: Vec<PassAums> = (1..)
            .zip(passes)
            .map(|(pass, &(aum, is_threshold_sample, _))| PassAums {
                pass,
                aums: vec![aum],
                is_threshold_sample: vec![is_threshold_sample],
            })
            .collect();
        let thresholds = passes.iter().map(|pass| pass.2.map(AumThreshold::below));
        let mut verdicts = combine(columns.iter().collect(), thresholds.collect(), join);
        verdicts.next().unwrap()
    }

    fn verdict(passes: &[(Option<f64>, bool, Option<f64>)]) -> SampleVerdict {
        joined(Join::Every, passes)
    }

    fn expected(judged_passes: u32, aum: Option<f64>, flagged: Option<bool>) -> SampleVerdict {
        SampleVerdict {
            judged_passes,
            aum,
            flagged,
        }
    }

    #[test]
    fn a_sample_is_flagged_when_every_pass_that_judges_it_flags_it() {
        let both = verdict(&[
            (Some(-2.0), false, Some(0.0)),
            (Some(-1.0), false, Some(0.0)),
        ]);
        assert_eq!(both, expected(2, Some(-1.5), Some(true)));
        let one = verdict(&[
            (Some(-2.0), false, Some(0.0)),
            (Some(1.0), false, Some(0.0)),
        ]);
        assert_eq!(one, expected(2, Some(-0.5), Some(false)));
    }

    #[test]
    fn by_any_one_pass_is_enough() {
        let one = [
            (Some(-2.0), false, Some(0.0)),
            (Some(1.0), false, Some(0.0)),
        ];
        assert_eq!(joined(Join::Any, &one), expected(2, Some(-0.5), Some(true)));
        let none = [(Some(2.0), false, Some(0.0)), (Some(1.0), false, Some(0.0))];
        assert_eq!(joined(Join::Any, &none).flagged, Some(false));
    }

    #[test]
    fn a_pass_does_not_judge_its_own_threshold_samples() {
        let other = verdict(&[(Some(-9.0), true, Some(0.0)), (Some(1.0), false, Some(0.0))]);
        assert_eq!(other, expected(1, Some(1.0), Some(false)));
        let never = verdict(&[(Some(-9.0), true, Some(0.0))]);
        assert_eq!(never, expected(0, None, None));
    }

    #[test]
    fn a_pass_without_the_sample_does_not_judge_it() {
        let one = verdict(&[(None, false, Some(0.0)), (Some(-1.0), false, Some(0.0))]);
        assert_eq!(one, expected(1, Some(-1.0), Some(true)));
    }

    #[test]
    fn without_a_threshold_there_is_an_aum_and_no_verdict() {
        let none = verdict(&[(Some(3.0), false, None)]);
        assert_eq!(none, expected(1, Some(3.0), None));
        let no_vote = verdict(&[(Some(3.0), false, None), (Some(-1.0), false, Some(0.0))]);
        assert_eq!(no_vote, expected(2, Some(1.0), Some(true)));
    }
}
