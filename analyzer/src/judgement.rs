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
    let judged = (0..pass.aums.len()).filter_map(|sample| pass.judged_aum(sample));
    PassJudgement {
        threshold_sample_count: threshold_aums.len(),
        threshold,
        judged: judged.clone().count(),
        flagged: threshold.map(|threshold| judged.filter(|&aum| threshold.flags(aum)).count()),
    }
}

/// The judged samples by their AUMs, the most suspicious first. The samples are in the order of
/// their ids, so a stable sort leaves equal AUMs in it.
pub fn ranking(verdicts: &[SampleVerdict]) -> Vec<usize> {
    let mut judged: Vec<(f64, usize)> = verdicts
        .iter()
        .enumerate()
        .filter_map(|(sample, verdict)| Some((verdict.aum?, sample)))
        .collect();
    judged.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    judged.into_iter().map(|(_, sample)| sample).collect()
}
