//! What models say of samples whose given labels they were not trained on: held-out logits where a run has them, of
//! all its samples; else what the network of each pass says of its threshold samples, which it was trained to put
//! into the extra class. Of that class nothing is asked: the probabilities are those of the others.

use std::collections::BTreeMap;
use std::path::PathBuf;

use logformat::LOWEST_LOG_PROBABILITY;

use crate::analysis::run_analysis::RunAnalysis;
use crate::error::AnalyzerError;
use crate::logs::held_out::read_held_out;
use crate::logs::reduced_rows::{Needed, RowValues, for_each_row};
use crate::logs::run_log::RunLog;

/// Probabilities are added up as whole numbers of so many parts, so that their order changes nothing.
const PARTS: f64 = (1_u64 << 40) as f64;

/// What is said of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UnseenLabels {
    /// Log probabilities by each model, samples × classes.
    pub(crate) models: Vec<Vec<f32>>,
    /// The given labels, below `classes`.
    pub(crate) given: Vec<u32>,
    pub(crate) classes: usize,
    /// Whether they are all samples of the run, each held out of a training; else they are threshold samples.
    pub(crate) are_all: bool,
}

/// Of each run; `None` where its log tells nothing of the kind, as without logits. Reads `files`, those of the runs, a
/// second time where a run has no held-out logits.
///
/// # Errors
/// Those of reading.
pub(crate) fn unseen_labels(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> Result<Vec<Option<UnseenLabels>>, AnalyzerError> {
    let needs_rows =
        |(log, _): &(&RunLog, &RunAnalysis)| log.held_out.is_empty() && !log.is_aum_table();
    let mut of_threshold_samples = match runs.iter().any(needs_rows) {
        true => of_threshold_samples(files, runs)?,
        false => vec![None; runs.len()],
    };
    let runs = runs.iter().zip(&mut of_threshold_samples);
    let of_run = |((log, analysis), of_threshold_samples): (
        &(&RunLog, &RunAnalysis),
        &mut Option<UnseenLabels>,
    )| {
        if log.held_out.is_empty() {
            return Ok(of_threshold_samples.take());
        }
        let scores = read_held_out(log, analysis.window)?;
        let models = scores.models.into_iter();
        Ok(Some(UnseenLabels {
            models: models.map(|model| model.log_probabilities).collect(),
            given: scores.given,
            classes: scores.classes,
            are_all: true,
        }))
    };
    runs.map(of_run).collect()
}

/// Of a threshold sample: by class the sum of its probabilities, over so many epochs.
#[derive(Default)]
struct Sums {
    parts: Vec<u64>,
    epochs: u32,
}

fn of_threshold_samples(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> Result<Vec<Option<UnseenLabels>>, AnalyzerError> {
    let logs: Vec<&RunLog> = runs.iter().map(|(log, _)| *log).collect();
    // By pass and sample.
    let mut sums: Vec<BTreeMap<(usize, usize), Sums>> = Vec::new();
    sums.resize_with(runs.len(), BTreeMap::new);
    for_each_row(files, &logs, Needed::Logits, of_extra_class, |seen| {
        let (log, analysis) = runs[seen.run];
        let is_threshold_sample = log.passes[seen.pass].is_threshold_sample[seen.sample];
        if let Some(parts) = seen.value
            && is_threshold_sample
            && analysis.window.contains(seen.epoch)
        {
            let of_sample = sums[seen.run].entry((seen.pass, seen.sample)).or_default();
            of_sample.epochs += 1;
            of_sample.parts.resize(parts.len(), 0);
            let pairs = of_sample.parts.iter_mut().zip(parts);
            pairs.for_each(|(sum, part)| *sum += part);
        }
    })?;
    let runs = logs.iter().zip(sums);
    Ok(runs.map(|(log, sums)| averaged(log, &sums)).collect())
}

/// The probabilities of the other classes in a row whose label is the last; `None` of another row.
fn of_extra_class(row: RowValues<'_>) -> Option<Vec<u64>> {
    let (_, classes) = row.logits.split_last()?;
    if row.assigned_label as usize != classes.len() || classes.len() < 2 {
        return None;
    }
    let highest = classes.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shares = classes
        .iter()
        .map(|&logit| f64::from(logit - highest).exp());
    let sum: f64 = shares.clone().sum();
    let parts = shares.map(|share| (share / sum * PARTS) as u64);
    Some(parts.collect())
}

fn averaged(log: &RunLog, sums: &BTreeMap<(usize, usize), Sums>) -> Option<UnseenLabels> {
    let classes = sums.values().map(|sums| sums.parts.len()).max()?;
    let (mut given, mut model) = (Vec::new(), Vec::new());
    for (&(_, sample), sums) in sums {
        let label = log.given_labels[sample].filter(|&label| (label as usize) < classes);
        let (Some(label), true) = (label, sums.parts.len() == classes) else {
            continue;
        };
        given.push(label);
        let whole = PARTS * f64::from(sums.epochs);
        let logarithms = sums.parts.iter().map(|&part| (part as f64 / whole).ln());
        model.extend(logarithms.map(|p| p.max(LOWEST_LOG_PROBABILITY) as f32));
    }
    (!given.is_empty()).then(|| UnseenLabels {
        models: vec![model],
        given,
        classes,
        are_all: false,
    })
}
