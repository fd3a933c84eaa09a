//! What several passes say together about each sample.
//!
//! A pass judges the samples that are ordinary in it (not its threshold samples) and have an AUM. A
//! sample's combined AUM is the mean over the passes that judge it, and it is flagged when every one
//! of them flags it, as in the authors' replication code of Pleiss et al., NeurIPS 2020. A pass
//! without a threshold counts for the AUM and has no vote.

use crate::is_flagged;

/// What one pass found.
#[derive(Debug, Clone, Copy)]
pub struct PassAums<'a> {
    /// The AUM of each sample; `None` where it has no margin.
    pub aums: &'a [Option<f64>],
    /// Whether each sample serves as a threshold sample.
    pub is_threshold_sample: &'a [bool],
    /// The AUM below which the pass flags a sample.
    pub threshold: Option<f64>,
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

/// The verdict on each sample of a run; all vectors of `passes` have the same length and order.
///
/// ```
/// use analyzer::{PassAums, combine_passes};
/// let pass = PassAums {
///     aums: &[Some(-1.0), Some(2.0)],
///     is_threshold_sample: &[false, true],
///     threshold: Some(2.0),
/// };
/// let verdicts = combine_passes(&[pass]);
/// assert_eq!((verdicts[0].flagged, verdicts[1].flagged), (Some(true), None));
/// ```
pub fn combine_passes(passes: &[PassAums<'_>]) -> Vec<SampleVerdict> {
    let samples = passes.first().map_or(0, |pass| pass.aums.len());
    (0..samples).map(|sample| combine(passes, sample)).collect()
}

fn combine(passes: &[PassAums<'_>], sample: usize) -> SampleVerdict {
    let mut verdict = SampleVerdict::default();
    let mut sum = 0.0;
    for pass in passes {
        let Some(aum) = pass.judged_aum(sample) else {
            continue;
        };
        verdict.judged_passes += 1;
        sum += aum;
        if let Some(threshold) = pass.threshold {
            let others = verdict.flagged.unwrap_or(true);
            verdict.flagged = Some(others && is_flagged(aum, threshold));
        }
    }
    if verdict.judged_passes > 0 {
        verdict.aum = Some(sum / f64::from(verdict.judged_passes));
    }
    verdict
}

impl PassAums<'_> {
    /// The AUM of a sample that this pass judges; `None` for one that it does not.
    pub fn judged_aum(&self, sample: usize) -> Option<f64> {
        self.aums[sample].filter(|_| !self.is_threshold_sample[sample])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(passes: &[(Option<f64>, bool, Option<f64>)]) -> SampleVerdict {
        let aums: Vec<[Option<f64>; 1]> = passes.iter().map(|pass| [pass.0]).collect();
        let marks: Vec<[bool; 1]> = passes.iter().map(|pass| [pass.1]).collect();
        let passes: Vec<PassAums<'_>> = (0..passes.len())
            .map(|pass| PassAums {
                aums: &aums[pass],
                is_threshold_sample: &marks[pass],
                threshold: passes[pass].2,
            })
            .collect();
        combine_passes(&passes)[0]
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
