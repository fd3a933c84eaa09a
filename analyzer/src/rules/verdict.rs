//! What several passes say together about each sample.
//!
//! A pass judges the samples that are ordinary in it (not its threshold samples) and have an AUM. A
//! sample's combined AUM is the mean over the passes that judge it. By default it is flagged when
//! every one of them flags it, as in the authors' replication code of Pleiss et al., NeurIPS 2020;
//! by [`Join::Any`] when any does. A pass without a threshold counts for the AUM and has no vote.

use crate::rules::aum::mean;
use crate::rules::protocol::Join;
use crate::rules::threshold::AumThreshold;

/// The AUMs of one pass. The columns have the length and order of the run's samples.
#[derive(Debug, Clone, PartialEq)]
pub struct PassAums {
    /// 1-based.
    pub pass: u32,
    /// The AUM of each sample, threshold samples included; none where it has no margin.
    pub aums: Vec<Option<f64>>,
    /// Whether each sample serves as a threshold sample.
    pub is_threshold_sample: Vec<bool>,
}

impl PassAums {
    /// The AUM of a sample that this pass judges; `None` for one that it does not.
    pub fn judged_aum(&self, sample: usize) -> Option<f64> {
        self.aums[sample].filter(|_| !self.is_threshold_sample[sample])
    }

    /// The AUMs of the samples that this pass judges, in their order.
    pub(crate) fn judged_aums(&self) -> impl Iterator<Item = f64> {
        (0..self.aums.len()).filter_map(|sample| self.judged_aum(sample))
    }

    /// The AUMs of its threshold samples, in the order of the samples.
    pub fn threshold_aums(&self) -> Vec<f64> {
        let aums = self.aums.iter().zip(&self.is_threshold_sample);
        aums.filter_map(|(aum, is)| aum.filter(|_| *is)).collect()
    }
}

/// What all passes say about one sample.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SampleVerdict {
    /// How many passes judge it; 0 for a sample that is a threshold sample in every pass.
    pub judged_passes: u32,
    /// The mean AUM over those passes, in logit units.
    pub aum: Option<f64>,
    /// Whether all of them (or any, by [`Join::Any`]) flag it; `None` where none judges it or has a
    /// threshold.
    pub flagged: Option<bool>,
}

/// The verdict on a sample that is judged by passes in which it has these AUMs, and these thresholds.
fn verdict(
    judged_by: impl Iterator<Item = (f64, Option<AumThreshold>)> + Clone,
    join: Join,
) -> SampleVerdict {
    let votes = judged_by.clone();
    let votes = votes.filter_map(|(aum, threshold)| Some(threshold?.flags(aum)));
    SampleVerdict {
        judged_passes: judged_by.clone().map(|_| 1).sum(),
        aum: mean(judged_by.map(|(aum, _)| aum)),
        flagged: votes.reduce(|one, other| match join {
            Join::Every => one && other,
            Join::Any => one || other,
        }),
    }
}

/// The verdict on each sample of a run, one by one; `passes`, each with its threshold, have the same
/// samples.
pub(crate) fn sample_verdicts(
    passes: &[(&PassAums, Option<AumThreshold>)],
    join: Join,
) -> impl Iterator<Item = SampleVerdict> {
    let samples = passes.first().map_or(0, |(pass, _)| pass.aums.len());
    (0..samples).map(move |sample| {
        let judged_by = passes.iter();
        let judged_by = judged_by.filter_map(|(pass, at)| Some((pass.judged_aum(sample)?, *at)));
        verdict(judged_by, join)
    })
}

/// The same, kept.
pub(crate) fn verdicts(passes: &[(&PassAums, Option<AumThreshold>)], join: Join) -> Verdicts {
    Verdicts {
        of_samples: sample_verdicts(passes, join).collect(),
        has_threshold: passes.iter().any(|(_, threshold)| threshold.is_some()),
    }
}

/// The verdict on each sample of a run, in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Verdicts {
    of_samples: Vec<SampleVerdict>,
    /// Whether anything could be flagged: any pass has a threshold, or another rule decides.
    has_threshold: bool,
}

impl Verdicts {
    /// The same AUMs, with what another rule than a threshold flags.
    pub(crate) fn flagging(mut self, flagged: Vec<Option<bool>>) -> Self {
        self.has_threshold = true;
        for (verdict, flagged) in self.of_samples.iter_mut().zip(flagged) {
            verdict.flagged = flagged;
        }
        self
    }

    /// The same AUMs, with what others flag.
    pub(crate) fn flagging_as(self, others: &Verdicts) -> Self {
        Self {
            has_threshold: others.has_threshold,
            ..self.flagging(others.flagged().collect())
        }
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.of_samples.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.of_samples.is_empty()
    }

    /// The verdict on a sample.
    ///
    /// # Panics
    /// Where there is no such sample.
    pub fn get(&self, sample: usize) -> SampleVerdict {
        self.of_samples[sample]
    }

    /// All verdicts in the order of the samples.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SampleVerdict> + Clone {
        self.of_samples.iter().copied()
    }

    /// The mean AUM of each sample over the passes that judge it, in logit units.
    pub fn aums(&self) -> impl ExactSizeIterator<Item = Option<f64>> + Clone {
        self.iter().map(|verdict| verdict.aum)
    }

    /// Whether each sample is flagged; `None` where no pass judges it or has a threshold.
    pub fn flagged(&self) -> impl ExactSizeIterator<Item = Option<bool>> + Clone {
        self.iter().map(|verdict| verdict.flagged)
    }

    /// How many samples at least one pass judges.
    pub fn judged_count(&self) -> usize {
        self.aums().flatten().count()
    }

    /// How many samples are flagged; `None` where no pass has a threshold.
    pub fn flagged_count(&self) -> Option<usize> {
        let flagged = || self.flagged().filter(|&flagged| flagged == Some(true));
        self.has_threshold.then(|| flagged().count())
    }
}

#[cfg(test)]
impl FromIterator<SampleVerdict> for Verdicts {
    fn from_iter<I: IntoIterator<Item = SampleVerdict>>(verdicts: I) -> Self {
        let of_samples: Vec<SampleVerdict> = verdicts.into_iter().collect();
        Self {
            has_threshold: of_samples.iter().any(|verdict| verdict.flagged.is_some()),
            of_samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::percentile::Percentile;
    use crate::rules::protocol::Cut;
    use crate::rules::threshold::aum_threshold;

    /// A sample's AUM in each pass, whether it is a threshold sample there, and the threshold.
    type InPass = (Option<f64>, bool, Option<f64>);

    fn joined(join: Join, passes: &[InPass]) -> SampleVerdict {
        let pass = |&(aum, is_threshold_sample, _): &InPass| PassAums {
            pass: 1,
            aums: vec![aum],
            is_threshold_sample: vec![is_threshold_sample],
        };
        let columns: Vec<PassAums> = passes.iter().map(pass).collect();
        let thresholds = passes.iter().map(|pass| pass.2.map(AumThreshold::below));
        let with_thresholds: Vec<_> = columns.iter().zip(thresholds).collect();
        let verdicts = verdicts(&with_thresholds, join);
        let verdict = verdicts.get(0);
        assert_eq!(verdicts.judged_count(), usize::from(verdict.aum.is_some()));
        let has_threshold = passes.iter().any(|pass| pass.2.is_some());
        let count = usize::from(verdict.flagged == Some(true));
        assert_eq!(verdicts.flagged_count(), has_threshold.then_some(count));
        verdict
    }

    fn by_every(passes: &[InPass]) -> SampleVerdict {
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
        let both = by_every(&[
            (Some(-2.0), false, Some(0.0)),
            (Some(-1.0), false, Some(0.0)),
        ]);
        assert_eq!(both, expected(2, Some(-1.5), Some(true)));
        let one = by_every(&[
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
        let other = by_every(&[(Some(-9.0), true, Some(0.0)), (Some(1.0), false, Some(0.0))]);
        assert_eq!(other, expected(1, Some(1.0), Some(false)));
        let never = by_every(&[(Some(-9.0), true, Some(0.0))]);
        assert_eq!(never, expected(0, None, None));
    }

    #[test]
    fn a_pass_without_the_sample_does_not_judge_it() {
        let one = by_every(&[(None, false, Some(0.0)), (Some(-1.0), false, Some(0.0))]);
        assert_eq!(one, expected(1, Some(-1.0), Some(true)));
    }

    #[test]
    fn without_a_threshold_there_is_an_aum_and_no_verdict() {
        let none = by_every(&[(Some(3.0), false, None)]);
        assert_eq!(none, expected(1, Some(3.0), None));
        let no_vote = by_every(&[(Some(3.0), false, None), (Some(-1.0), false, Some(0.0))]);
        assert_eq!(no_vote, expected(2, Some(1.0), Some(true)));
    }

    /// Half units, so that ties are common; whether the sample is a threshold sample.
    fn samples_of_a_pass() -> impl Strategy<Value = Vec<(i32, bool)>> {
        prop::collection::vec((-6..6, prop::bool::weighted(0.3)), 30)
    }

    proptest! {
        /// The authors' rule word for word: in every pass in which the sample is ordinary, more than
        /// 1 % of the AUMs of the threshold samples lie strictly above its own.
        #[test]
        fn flagged_are_those_that_every_pass_that_judges_them_flags(
            passes in prop::collection::vec(samples_of_a_pass(), 1..4),
        ) {
            let column = |samples: &Vec<(i32, bool)>| PassAums {
                pass: 1,
                aums: samples.iter().map(|&(half, _)| Some(f64::from(half) / 2.0)).collect(),
                is_threshold_sample: samples.iter().map(|&(_, is)| is).collect(),
            };
            let columns: Vec<PassAums> = passes.iter().map(column).collect();
            let threshold = |pass: &PassAums| {
                aum_threshold(pass.threshold_aums(), Percentile::default(), Cut::BelowRank)
            };
            let with_thresholds: Vec<_> = columns.iter().map(|pass| (pass, threshold(pass))).collect();
            let found = verdicts(&with_thresholds, Join::Every);
            for sample in 0..30 {
                let (mut votes, mut flags) = (0, 0);
                for pass in &passes {
                    let (aum, is_threshold_sample) = pass[sample];
                    let threshold_aums = || pass.iter().filter(|(_, is)| *is).map(|(aum, _)| *aum);
                    if !is_threshold_sample && threshold_aums().count() > 0 {
                        let above = threshold_aums().filter(|&other| other > aum).count();
                        votes += 1;
                        flags += usize::from(above * 100 > threshold_aums().count());
                    }
                }
                let expected = (votes > 0).then_some(flags == votes);
                prop_assert_eq!(found.get(sample).flagged, expected);
            }
        }
    }
}
