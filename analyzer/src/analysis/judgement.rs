//! From the AUMs of a run's passes to thresholds and verdicts. AUMs come from a log, or from an AUM
//! table that was written earlier; what is judged here does not depend on which.

use crate::rules::posterior::posterior_threshold;
use crate::rules::protocol::Protocol;
use crate::rules::threshold::{AumThreshold, aum_threshold};
use crate::rules::threshold_rule::ThresholdRule;
use crate::rules::verdict::{PassAums, Verdicts, combine};

/// What the passes of a run say, one by one and together.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What each pass says, in the order of the passes.
    pub passes: Vec<PassJudgement>,
    /// What they say together, per sample.
    pub verdicts: Verdicts,
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

/// Judges the samples of a run by the AUMs of its passes, which have the same length and order.
pub fn judge(passes: &[PassAums], rule: ThresholdRule, protocol: Protocol) -> Judgement {
    let judge = |pass| judge_pass(pass, rule, protocol);
    let judgements: Vec<PassJudgement> = passes.iter().map(judge).collect();
    let thresholds: Vec<_> = judgements.iter().map(|pass| pass.threshold).collect();
    let together: Vec<&PassAums> = passes.iter().collect();
    Judgement {
        verdicts: combine(&together, &thresholds, protocol.join),
        passes: judgements,
    }
}

/// The AUM below which a pass flags a sample.
pub(crate) fn pass_threshold(
    pass: &PassAums,
    rule: ThresholdRule,
    protocol: Protocol,
) -> Option<AumThreshold> {
    match rule {
        ThresholdRule::Percentile(percentile) => {
            aum_threshold(pass.threshold_aums(), percentile, protocol.cut)
        }
        ThresholdRule::Given(aum) => Some(AumThreshold::below(aum)),
        ThresholdRule::Posterior => posterior_threshold(pass).map(AumThreshold::below),
    }
}

fn judge_pass(pass: &PassAums, rule: ThresholdRule, protocol: Protocol) -> PassJudgement {
    let threshold = pass_threshold(pass, rule, protocol);
    let judged = pass.count_judged(|_| true);
    PassJudgement {
        threshold_sample_count: pass.aums.iter().flatten().count() - judged,
        threshold,
        judged,
        flagged: threshold.map(|threshold| pass.count_judged(|aum| threshold.flags(aum))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::protocol::Join;

    fn pass(pass: u32, aums: [f64; 4], threshold_sample: usize) -> PassAums {
        PassAums {
            pass,
            aums: aums.map(Some).into_iter().collect(),
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
        let flagged = |join| {
            let verdicts = judged(join).verdicts;
            verdicts.flagged().to_vec()
        };
        let thresholds = judged(Join::Every).passes;
        let thresholds = thresholds.iter().map(|pass| pass.threshold);
        let next = [1.5, 3.0].map(|aum| Some(AumThreshold::below(aum)));
        assert_eq!(thresholds.collect::<Vec<_>>(), next);
        // Sample 0 is as low in pass 2 alone.
        let one = [false, true, false, false].map(Some);
        assert_eq!(flagged(Join::Every), one);
        let two = [true, true, false, false].map(Some);
        assert_eq!(flagged(Join::Any), two);
    }

    #[test]
    fn by_probability_a_pass_without_threshold_samples_has_no_threshold() {
        let mut bare = pass(1, [3.0, -2.5, 1.5, -0.5], 3);
        bare.is_threshold_sample[3] = false;
        let judged = judge(&[bare], ThresholdRule::Posterior, Protocol::default());
        assert_eq!(judged.passes[0].threshold, None);
        assert_eq!(judged.verdicts.flagged_count(), None);
    }
}
