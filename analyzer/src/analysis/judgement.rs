//! From the AUMs of a run's passes to thresholds and verdicts. AUMs come from a log, or from an AUM
//! table that was written earlier; what is judged here does not depend on which.

use serde::{Serialize, Serializer};

use crate::rules::posterior::posterior_threshold;
use crate::rules::protocol::Protocol;
use crate::rules::threshold::{AumThreshold, aum_threshold};
use crate::rules::threshold_rule::ThresholdRule;
use crate::rules::verdict::{PassAums, Verdicts, verdicts};

/// What one pass says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PassJudgement {
    /// 1-based.
    pub pass: u32,
    /// How many threshold samples have an AUM.
    pub threshold_samples: usize,
    /// The AUM that decides, in logit units; `None` without threshold samples.
    #[serde(serialize_with = "serialize_aum")]
    pub threshold: Option<AumThreshold>,
    /// How many samples the pass judges: the ordinary ones with an AUM.
    pub judged: usize,
    /// How many of these it flags; `None` without a threshold.
    pub flagged: Option<usize>,
}

impl PassJudgement {
    fn new(pass: &PassAums, threshold: Option<AumThreshold>) -> Self {
        let flagged = |at: AumThreshold| pass.judged_aums().filter(|&aum| at.flags(aum)).count();
        Self {
            pass: pass.pass,
            threshold_samples: pass.threshold_aums().len(),
            threshold,
            judged: pass.judged_aums().count(),
            flagged: threshold.map(flagged),
        }
    }

    /// The AUM below which a sample is flagged, in logit units.
    pub fn threshold_aum(&self) -> Option<f64> {
        self.threshold.map(|threshold| threshold.aum)
    }
}

fn serialize_aum<S: Serializer>(
    threshold: &Option<AumThreshold>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    threshold
        .map(|threshold| threshold.aum)
        .serialize(serializer)
}

/// Judges the samples of a run by the AUMs of its passes, which have the same length and order: what
/// each pass says, in their order, and the verdict of all on each sample.
pub fn judge(
    passes: &[PassAums],
    rule: ThresholdRule,
    protocol: Protocol,
) -> (Vec<PassJudgement>, Verdicts) {
    let passes = with_thresholds(passes, rule, protocol);
    let judgements = passes
        .iter()
        .map(|(pass, at)| PassJudgement::new(pass, *at));
    (judgements.collect(), verdicts(&passes, protocol.join))
}

/// Each pass with the threshold that the rule sets it.
pub(crate) fn with_thresholds(
    passes: &[PassAums],
    rule: ThresholdRule,
    protocol: Protocol,
) -> Vec<(&PassAums, Option<AumThreshold>)> {
    let threshold = |pass| (pass, pass_threshold(pass, rule, protocol));
    passes.iter().map(threshold).collect()
}

/// The AUM below which a pass flags a sample.
fn pass_threshold(
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
        // No AUM alone decides.
        ThresholdRule::Combined | ThresholdRule::ConfidentLearning(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::protocol::Join;

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
        let flagged = |join| {
            let (_, verdicts) = judged(join);
            verdicts.flagged().collect::<Vec<_>>()
        };
        let (thresholds, _) = judged(Join::Every);
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
        let (passes, verdicts) = judge(&[bare], ThresholdRule::Posterior, Protocol::default());
        assert_eq!(passes[0].threshold, None);
        assert_eq!(verdicts.flagged_count(), None);
    }
}
