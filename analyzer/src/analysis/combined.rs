//! The combined verdict on a run: its AUMs and the held-out logits beside its log.

use crate::error::AnalyzerError;
use crate::logs::held_out::{HeldOutScores, read_held_out};
use crate::logs::run_log::RunLog;
use crate::rules::held_out::combined::{CombinedVerdict, combine};
use crate::rules::held_out::confident_learning::HeldOutProbabilities;
use crate::rules::held_out::noise_model::PooledEvidence;
use crate::rules::verdict::Verdicts;

/// What held-out logits say, alone and together with the AUM, of the samples that have one. All in the order of
/// the log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeldOutEvidence {
    /// The pooled log probability of the given label less the largest other one.
    pub(crate) margins: Vec<Option<f64>>,
    /// The pooled probability of the given label.
    pub(crate) self_confidence: Vec<Option<f64>>,
    /// Together with the AUM.
    pub(crate) combined: CombinedVerdict,
}

/// The evidence on a run whose AUMs are judged so.
///
/// # Errors
/// Those of reading held-out logits.
pub(crate) fn held_out_evidence(
    log: &RunLog,
    verdicts: &Verdicts,
) -> Result<HeldOutEvidence, AnalyzerError> {
    let HeldOutScores {
        models,
        classes,
        given,
    } = read_held_out(log)?;
    let pooled = PooledEvidence::of(&models, &given, classes);
    let probabilities = HeldOutProbabilities {
        rows: &pooled.probabilities,
        classes,
        given: &given,
    };
    let aums: Vec<Option<f64>> = verdicts.aums().collect();
    let judged = |is_mislabeled: &dyn Fn(usize) -> bool| {
        let judged = (0..aums.len()).filter(|&sample| aums[sample].is_some());
        judged.filter(|&sample| is_mislabeled(sample)).count()
    };
    let confident = probabilities.flagged();
    let counts = [
        judged(&|sample| pooled.log_odds[sample] > 0.0),
        judged(&|sample| confident[sample]),
    ];
    let rows = pooled.probabilities.chunks_exact(classes).zip(&given);
    let of_judged = |of: fn(&[f64], usize) -> f64| {
        let rows = rows.clone().zip(&aums);
        let value = |((row, &label), aum): ((&[f64], &u32), &Option<f64>)| {
            aum.map(|_| of(row, label as usize))
        };
        rows.map(value).collect()
    };
    Ok(HeldOutEvidence {
        margins: of_judged(margin),
        self_confidence: of_judged(|row, label| row[label]),
        combined: combine(&aums, &pooled.log_odds, models.len(), counts),
    })
}

fn margin(row: &[f64], label: usize) -> f64 {
    let others = row.iter().enumerate().filter(|(class, _)| *class != label);
    let highest = others.map(|(_, &p)| p).fold(f64::MIN_POSITIVE, f64::max);
    row[label].max(f64::MIN_POSITIVE).ln() - highest.ln()
}
