//! What held-out logits beside the log of a run say: alone, by confident learning, and together with its AUMs.

use crate::error::AnalyzerError;
use crate::logs::held_out::{HeldOutModel, HeldOutScores, read_held_out};
use crate::logs::run_log::RunLog;
use crate::rules::held_out::combined::combine;
use crate::rules::held_out::confident_learning::{
    HeldOutProbabilities, Pruning, highest_other, log_margin,
};
use crate::rules::held_out::noise_model::PooledEvidence;
use crate::rules::held_out::verdict::HeldOutVerdict;
use crate::rules::verdict::Verdicts;
use crate::rules::window::Window;

/// What held-out logits say, alone and together with the AUM, of the samples that have one. All in the order of
/// the log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeldOutEvidence {
    /// The pooled log probability of the given label less the largest other one.
    pub(crate) margins: Vec<Option<f64>>,
    /// The pooled probability of the given label.
    pub(crate) self_confidence: Vec<Option<f64>>,
    /// The mean over the epochs of the network's held-out margin; `None` where no network was held out.
    pub(crate) mean_margins: Option<Vec<Option<f64>>>,
    /// Together with the AUM.
    pub(crate) combined: HeldOutVerdict,
}

/// The evidence on a run whose AUMs over the epochs of `window` are judged so.
///
/// # Errors
/// Those of reading held-out logits.
pub(crate) fn held_out_evidence(
    log: &RunLog,
    window: Window,
    verdicts: &Verdicts,
) -> Result<HeldOutEvidence, AnalyzerError> {
    let HeldOutScores {
        models,
        classes,
        given,
    } = read_held_out(log, window)?;
    let mut mean_margins = None;
    let mut of_models = Vec::new();
    for model in models {
        mean_margins = mean_margins.or(model.mean_margins);
        of_models.push(model.log_probabilities);
    }
    let pooled = PooledEvidence::of(&of_models, &given, classes);
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
    let confident = probabilities.flagged(Pruning::ByNoiseRate);
    let counts = [
        judged(&|sample| pooled.log_odds[sample] > 0.0),
        judged(&|sample| confident[sample]),
    ];
    let is_judged: Vec<bool> = aums.iter().map(Option::is_some).collect();
    let mean_margins = mean_margins.map(|means| of_judged_samples(&is_judged, means));
    let rows = pooled.probabilities.chunks_exact(classes).zip(&given);
    let of_judged = |of: fn(&[f64], usize) -> f64| {
        let rows = rows.clone().zip(&aums);
        let value = |((row, &label), aum): ((&[f64], &u32), &Option<f64>)| {
            aum.map(|_| of(row, label as usize))
        };
        rows.map(value).collect()
    };
    Ok(HeldOutEvidence {
        margins: of_judged(log_margin),
        self_confidence: of_judged(|row, label| row[label]),
        mean_margins,
        combined: combine(&aums, &pooled.log_odds, of_models.len(), counts),
    })
}

/// Confident learning on the probabilities of the model that gives most samples their given labels; samples are ranked
/// by the difference of their probabilities of the given label and of the likeliest other one.
///
/// # Errors
/// Those of reading held-out logits.
pub(crate) fn confident_learning(
    log: &RunLog,
    window: Window,
    verdicts: &Verdicts,
    pruning: Pruning,
) -> Result<HeldOutVerdict, AnalyzerError> {
    let HeldOutScores {
        models,
        classes,
        given,
    } = read_held_out(log, window)?;
    let model = models.iter().max_by_key(|model| correct(model, &given));
    let model = model.map_or(&[][..], |model| &model.log_probabilities);
    let rows: Vec<f64> = model.iter().map(|p| f64::from(*p).exp()).collect();
    let flagged = HeldOutProbabilities {
        rows: &rows,
        classes,
        given: &given,
    }
    .flagged(pruning);
    let suspicion = |(row, &label): (&[f64], &u32)| {
        let label = label as usize;
        (1.0 - row[label] + highest_other(row, label)) / 2.0
    };
    let suspicions = rows.chunks_exact(classes).zip(&given).map(suspicion);
    let is_judged: Vec<bool> = verdicts.aums().map(|aum| aum.is_some()).collect();
    Ok(HeldOutVerdict {
        suspicions: of_judged_samples(&is_judged, suspicions),
        flagged: of_judged_samples(&is_judged, flagged),
    })
}

/// Of how many samples a model has the given label for the likeliest.
fn correct(model: &HeldOutModel, given: &[u32]) -> usize {
    let classes = model.log_probabilities.len() / given.len().max(1);
    let rows = model.log_probabilities.chunks_exact(classes.max(1));
    let is_correct = |row: &[f32], label: u32| row.iter().all(|&p| p <= row[label as usize]);
    rows.zip(given)
        .filter(|(row, label)| is_correct(row, **label))
        .count()
}

fn of_judged_samples<T>(is_judged: &[bool], values: impl IntoIterator<Item = T>) -> Vec<Option<T>> {
    let values = values.into_iter().zip(is_judged);
    values.map(|(value, &is)| is.then_some(value)).collect()
}
