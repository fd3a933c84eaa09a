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
    let judgements = judge_passes(passes, rule, protocol);
    Judgement {
        verdicts: judged_together(passes, &judgements, protocol).collect(),
        passes: judgements,
    }
}

pub(crate) fn judge_passes(
    passes: &[PassAums],
    rule: ThresholdRule,
    protocol: Protocol,
) -> Vec<PassJudgement> {
    let judge = |pass| judge_pass(pass, rule, protocol);
    passes.iter().map(judge).collect()
}

/// What the judged passes say together about each sample.
pub(crate) fn judged_together(
    passes: &[PassAums],
    judgements: &[PassJudgement],
    protocol: Protocol,
) -> impl Iterator<Item = SampleVerdict> {
    let thresholds = judgements.iter().map(|pass| pass.threshold).collect();
    combine(passes.iter().collect(), thresholds, protocol.join)
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
