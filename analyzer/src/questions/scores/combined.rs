//! The scores of all samples of a run over all passes, and how well each tells mislabeled samples
//! apart.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::analysis::combined::held_out_evidence;
use crate::analysis::run_analysis::RunAnalysis;
use crate::error::AnalyzerError;
use crate::logs::reduced_rows::{Needed, for_each_row};
use crate::logs::run_log::{PassLog, RunLog};
use crate::questions::evaluation::score_metrics::RankedScores;
use crate::questions::scores::SCORES;
use crate::questions::scores::from_logits::{PassSums, of_row};
use crate::questions::scores::over_epochs::EachSample;
use crate::questions::scores::score::{Score, Source};
use crate::rules::window::Window;

/// One score of every sample of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreVector {
    /// Which it is.
    pub score: &'static Score,
    /// In the order of the log; `None` for a sample that no pass judges.
    pub values: Vec<Option<f64>>,
}

impl ScoreVector {
    /// The values turned so that a larger one is more suspicious.
    pub fn suspicions(&self) -> Vec<Option<f64>> {
        let sign = if self.score.is_low_for_mislabeled {
            -1.0
        } else {
            1.0
        };
        let turned = self
            .values
            .iter()
            .map(|value| value.map(|value| sign * value));
        turned.collect()
    }
}

/// The scores of each run, the AUM first; reads `files`, those of the runs, a second time for their
/// logits. A run with a file without logits has no scores that need them, one without held-out logits beside
/// its log none of those, and AUM tables have the AUM alone.
///
/// # Errors
/// Those of reading.
pub fn sample_scores(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> Result<Vec<Vec<ScoreVector>>, AnalyzerError> {
    if runs.iter().all(|(log, _)| log.is_aum_table()) {
        return Ok(runs.iter().map(|(_, found)| vec![aums(found)]).collect());
    }
    let of_logits = logit_scores(files, runs)?;
    let mut all = Vec::new();
    for ((log, analysis), of_logits) in runs.iter().zip(of_logits) {
        let held_out = match log.held_out.is_empty() {
            true => None,
            false => Some(held_out_evidence(log, analysis.window, &analysis.verdicts)?),
        };
        let vector = |score: &'static Score| match score.from {
            Source::Aums => Some(aums(analysis)),
            Source::Margins(each_sample) => {
                let passes = log.passes.iter();
                let passes = passes.map(|pass| of_margins(pass, analysis.window, each_sample));
                Some(averaged(log, score, &passes.collect::<Vec<_>>()))
            }
            Source::Logits(..) => {
                let passes = of_logits.as_ref()?.iter();
                let passes = passes.map(|pass| pass[score.name].clone());
                Some(averaged(log, score, &passes.collect::<Vec<_>>()))
            }
            Source::HeldOut(of_evidence) => Some(ScoreVector {
                score,
                values: of_evidence(held_out.as_ref()?)?.to_vec(),
            }),
        };
        all.push(SCORES.iter().filter_map(vector).collect());
    }
    Ok(all)
}

/// Of each pass, by the name of each score, the number of each sample; `None` for a run without logits.
type LogitScores = Option<Vec<PassScores>>;
type PassScores = BTreeMap<&'static str, Vec<Option<f64>>>;

fn logit_scores(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> Result<Vec<LogitScores>, AnalyzerError> {
    let logs: Vec<&RunLog> = runs.iter().map(|(log, _)| *log).collect();
    let mut has_logits = vec![true; runs.len()];
    let mut sums: Vec<Vec<PassSums>> = runs
        .iter()
        .map(|(log, analysis)| {
            let passes = log.passes.iter();
            passes
                .map(|pass| PassSums::new(pass, analysis.window))
                .collect()
        })
        .collect();
    for_each_row(
        files,
        &logs,
        Needed::Logits,
        |row| of_row(row.logits, row.assigned_label),
        |seen| {
            if runs[seen.run].1.window.contains(seen.epoch) {
                has_logits[seen.run] &= seen.value.is_some();
                sums[seen.run][seen.pass].add(seen.epoch, seen.sample, *seen.value);
            }
        },
    )?;
    let finished = sums
        .into_iter()
        .zip(has_logits)
        .map(|(passes, has_logits)| {
            let finished = passes.into_iter().map(PassSums::finish);
            has_logits.then(|| finished.collect())
        });
    Ok(finished.collect())
}

fn of_margins(
    pass: &PassLog,
    window: Window,
    each_sample: fn(usize) -> Box<dyn EachSample>,
) -> Vec<Option<f64>> {
    let samples = pass.assigned_labels.len();
    let mut sums = each_sample(samples);
    for epoch in pass.epochs_within(window) {
        for sample in 0..samples {
            if let Some(margin) = epoch.margin(sample) {
                sums.add(sample, margin.into());
            }
        }
    }
    sums.values()
}

fn aums(analysis: &RunAnalysis) -> ScoreVector {
    ScoreVector {
        score: &SCORES[0],
        values: analysis.verdicts.aums().collect(),
    }
}

/// The mean over the passes in which a sample is ordinary.
fn averaged(log: &RunLog, score: &'static Score, passes: &[Vec<Option<f64>>]) -> ScoreVector {
    let of_sample = |sample: usize| {
        let (mut sum, mut count) = (0.0, 0_u32);
        for (pass, values) in log.passes.iter().zip(passes) {
            if let Some(value) = values[sample].filter(|_| pass.is_ordinary(sample)) {
                sum += value;
                count += 1;
            }
        }
        (count > 0).then(|| sum / f64::from(count))
    };
    ScoreVector {
        score,
        values: (0..log.sample_count()).map(of_sample).collect(),
    }
}

/// The area under the ROC curve: the probability that a mislabeled sample is more suspicious than one
/// that is not, 0 to 1, equal ones counting half. Samples without either value are left out; `None`
/// where no sample is mislabeled, or every one.
///
/// ```
/// let suspicions = [Some(3.0), Some(1.0), Some(2.0), None];
/// let mislabeled = [Some(true), Some(false), Some(false), Some(true)];
/// assert_eq!(analyzer::auroc(&suspicions, &mislabeled), Some(1.0));
/// ```
pub fn auroc(suspicions: &[Option<f64>], mislabeled: &[Option<bool>]) -> Option<f64> {
    let known = suspicions.iter().zip(mislabeled);
    let (suspicions, mislabeled): (Vec<f64>, Vec<bool>) = known
        .filter_map(|(suspicion, mislabeled)| Some(((*suspicion)?, (*mislabeled)?)))
        .unzip();
    RankedScores::new(&suspicions, &mislabeled).quality().auroc
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn a_sample_is_scored_in_the_passes_where_it_is_ordinary() {
        let log = two_passes();
        let analysis = analyze(&log, &AumSettings::default()).unwrap();
        let scores = &sample_scores(&[], &[(&log, &analysis)]).unwrap()[0];
        let names: Vec<&str> = scores.iter().map(|vector| vector.score.name).collect();
        let of_margins = ["aum", "last_margin", "correctness", "forgetting_events"];
        assert_eq!(names[..4], of_margins);
        // Sample 0: 4 and 2 in the last epoch; sample 3 is ordinary in pass 2 alone.
        let last = &scores[1].values;
        assert_eq!(last[..], [Some(3.0), Some(-2.0), Some(2.0), Some(3.0)]);
        assert_eq!(scores[2].values[1], Some(0.0));
        assert_eq!(scores[3].values[1], Some(2.0));
        assert_eq!(scores[0].suspicions()[0], Some(-2.25));
    }

    #[test]
    fn equal_suspicions_count_half() {
        let suspicions = [Some(1.0), Some(1.0), Some(0.0), Some(2.0)];
        let mislabeled = [Some(true), Some(false), Some(false), Some(false)];
        assert_eq!(auroc(&suspicions, &mislabeled), Some(1.5 / 3.0));
        assert_eq!(auroc(&suspicions, &[Some(false); 4]), None);
    }
}
