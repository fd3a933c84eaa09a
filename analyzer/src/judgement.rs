//! From the AUMs of a run's passes to thresholds and verdicts. AUMs come from a log, or from an AUM
//! table that was written earlier; what is judged here does not depend on which.

use crate::verdict::combine;
use crate::{AumThreshold, PassAums};
use crate::{Protocol, SampleVerdict, ThresholdRule, aum_threshold, posterior_threshold};

/// What the passes of a run say, one by one and together.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What each pass says, in the order of the passes.
    pub passes: Vec<PassJudgement>,
    /// What they say together, per sample.
    pub verdicts: Vec<SampleVerdict>,
}

/// What one pass says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PassJudgement {
    /// How many threshold samples have an AUM.
    pub threshold_sample_count: usize,
    /// The AUM that decides; `None` without threshold samples.
    pub threshold: Option<AumThreshold>,
    /// How many samples the pass judges: the ordinary ones with an AUM.
    pub judged: usize,
    /// How many of these it flags; `None` without a threshold.
    pub flagged: Option<usize>,
}

impl Judgement {
    /// How many samples are flagged; `None` where no pass has a threshold.
    pub fn flagged_count(&self) -> Option<usize> {
        let has_threshold = self.passes.iter().any(|pass| pass.threshold.is_some());
        let flagged = |verdict: &&SampleVerdict| verdict.flagged == Some(true);
        has_threshold.then(|| self.verdicts.iter().filter(flagged).count())
    }

    /// The verdict on each sample; `None` where there is none.
    pub fn flagged(&self) -> Vec<Option<bool>> {
        self.verdicts
            .iter()
            .map(|verdict| verdict.flagged)
            .collect()
    }
}

/// Judges the samples of a run by the AUMs of its passes, which have the same length and order.
pub fn judge(passes: &[PassAums], rule: ThresholdRule, protocol: Protocol) -> Judgement {
    let judgements: Vec<PassJudgement> = passes
        .iter()
        .map(|pass| judge_pass(pass, rule, protocol))
        .collect();
    let thresholds: Vec<Option<AumThreshold>> =
        judgements.iter().map(|pass| pass.threshold).collect();
    Judgement {
        verdicts: combine(
            &passes.iter().collect::<Vec<_>>(),
            &thresholds,
            protocol.join,
        ),
        passes: judgements,
    }
}

fn judge_pass(pass: &PassAums, rule: ThresholdRule, protocol: Protocol) -> PassJudgement {
    let threshold_aums = pass.threshold_aums();
    let threshold = match rule {
        ThresholdRule::Percentile(percentile) => {
            aum_threshold(&threshold_aums, percentile, protocol.cut)
        }
        ThresholdRule::Given(aum) => Some(AumThreshold::below(aum)),
        ThresholdRule::Posterior => posterior_threshold(pass).map(AumThreshold::below),
    };
    let (mut judged, mut flagged) = (0, 0);
    for (aum, &is_threshold_sample) in pass.aums.iter().zip(&pass.is_threshold_sample) {
        if let (Some(aum), false) = (*aum, is_threshold_sample) {
            judged += 1;
            flagged += usize::from(threshold.is_some_and(|threshold| threshold.flags(aum)));
        }
    }
    PassJudgement {
        threshold_sample_count: threshold_aums.len(),
        threshold,
        judged,
        flagged: threshold.map(|_| flagged),
    }
}

/// The judged samples by their AUMs, the most suspicious first; equal AUMs in the order of the samples,
/// which is that of their ids.
pub fn ranking(verdicts: &[SampleVerdict]) -> Vec<usize> {
    let mut judged: Vec<u128> = verdicts
        .iter()
        .enumerate()
        .filter_map(|(sample, verdict)| {
            // AUM and sample in one number, which is compared at once.
            Some(u128::from(ascending_bits(verdict.aum?)) << 64 | sample as u128)
        })
        .collect();
    judged.sort_unstable();
    judged.into_iter().map(|key| key as u64 as usize).collect()
}

/// Numbers that are in the order of [`f64::total_cmp`] of the values.
fn ascending_bits(value: f64) -> u64 {
    let bits = value.to_bits();
    let is_negative = bits >> 63 == 1;
    if is_negative { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Join;

    fn pass(pass: u32, aums: [f64; 4], threshold_sample: usize) -> PassAums {
        PassAums {
            pass,
            aums: aums.map(Some).to_vec(),
            is_threshold_sample: (0..4).map(|sample| sample == threshold_sample).collect(),
        }
    }

    #[test]
    fn the_ranking_is_by_aum_then_by_sample() {
        let aums = [
            Some(1.5),
            Some(-0.0),
            None,
            Some(0.0),
            Some(-2.5),
            Some(1.5),
            Some(f64::NEG_INFINITY),
            Some(-2.5),
        ];
        let verdict = |aum| SampleVerdict {
            aum,
            ..SampleVerdict::default()
        };
        assert_eq!(ranking(&aums.map(verdict)), [6, 4, 7, 1, 3, 0, 5]);
    }

    #[test]
    fn by_probability_a_pass_flags_what_is_as_low_as_its_threshold_samples() {
        // Sorted, pass 1 has o t | o o and pass 2 o o t | o (o ordinary, t threshold sample). As much
        // fits as lies up to t, so all of that has probability 1 and the rest 0.
        let passes = [
            pass(1, [3.0, -2.5, 1.5, -0.5], 3),
            pass(2, [-1.0, -1.5, -0.5, 3.0], 2),
        ];
        let judged = |join| {
            let protocol = Protocol {
                join,
                ..Protocol::default()
            };
            judge(&passes, ThresholdRule::Posterior, protocol)
        };
        let thresholds = judged(Join::Every).passes;
        let thresholds = thresholds.iter().map(|pass| pass.threshold);
        let next = [1.5, 3.0].map(|aum| Some(AumThreshold::below(aum)));
        assert_eq!(thresholds.collect::<Vec<_>>(), next);
        // Sample 0 is as low in pass 2 alone.
        let one = [false, true, false, false].map(Some);
        assert_eq!(judged(Join::Every).flagged(), one);
        let two = [true, true, false, false].map(Some);
        assert_eq!(judged(Join::Any).flagged(), two);
    }

    #[test]
    fn by_probability_a_pass_without_threshold_samples_has_no_threshold() {
        let mut bare = pass(1, [3.0, -2.5, 1.5, -0.5], 3);
        bare.is_threshold_sample[3] = false;
        let judged = judge(&[bare], ThresholdRule::Posterior, Protocol::default());
        assert_eq!(judged.passes[0].threshold, None);
        assert_eq!(judged.flagged_count(), None);
    }
}
