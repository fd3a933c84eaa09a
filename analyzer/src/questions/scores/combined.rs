//! The scores of all samples of a run over all passes, and how well each tells mislabeled samples
//! apart.

use std::path::PathBuf;

use crate::analysis::run_analysis::RunAnalysis;
use crate::error::AnalyzerError;
use crate::logs::reduced_rows::{Needed, for_each_row};
use crate::logs::run_log::RunLog;
use crate::questions::evaluation::score_metrics::RankedScores;
use crate::questions::scores::Score;
use crate::questions::scores::from_logits::{LogitScores, PassSums, row_statistics};
use crate::questions::scores::from_margins::{MarginScores, margin_scores};

/// One score of every sample of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreVector {
    /// Which score it is.
    pub score: Score,
    /// In the order of the log; `None` for a sample that no pass judges.
    pub values: Vec<Option<f64>>,
}

impl ScoreVector {
    /// The values turned so that a larger one is more suspicious.
    pub fn suspicions(&self) -> Vec<Option<f64>> {
        let sign = if self.score.is_low_for_mislabeled() {
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
/// logits. A run with a file without logits has no scores that need them.
///
/// # Errors
/// Those of reading.
pub fn sample_scores(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> Result<Vec<Vec<ScoreVector>>, AnalyzerError> {
    let with_logits = logit_scores(files, runs)?;
    let all = runs
        .iter()
        .zip(with_logits)
        .map(|((log, analysis), with_logits)| {
            let mut vectors = from_margins(log, analysis);
            if let Some(passes) = with_logits {
                vectors.extend(from_logits(log, &passes));
            }
            vectors
        });
    Ok(all.collect())
}

/// Per run, pass and sample; `None` for a run without logits.
type RunLogitScores = Option<Vec<Vec<Option<LogitScores>>>>;

fn logit_scores(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> Result<Vec<RunLogitScores>, AnalyzerError> {
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
        |batch, row| {
            let width = batch.logit_count;
            let logits = batch.logits.get(row * width..(row + 1) * width);
            let logits = logits.filter(|logits| !logits.is_empty());
            logits.and_then(|logits| row_statistics(logits, batch.assigned_labels[row]))
        },
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

fn from_margins(log: &RunLog, analysis: &RunAnalysis) -> Vec<ScoreVector> {
    let passes = log.passes.iter();
    let passes: Vec<Vec<Option<MarginScores>>> = passes
        .map(|pass| margin_scores(pass, analysis.window))
        .collect();
    let aum = ScoreVector {
        score: Score::Aum,
        values: analysis.verdicts.aums().collect(),
    };
    let others = [
        averaged(log, Score::LastMargin, &passes, |s| s.last_margin),
        averaged(log, Score::Correctness, &passes, |s| s.correctness),
        averaged(log, Score::ForgettingEvents, &passes, |s| {
            s.forgetting_events
        }),
    ];
    [aum].into_iter().chain(others).collect()
}

fn from_logits(log: &RunLog, passes: &[Vec<Option<LogitScores>>]) -> [ScoreVector; 4] {
    [
        averaged(log, Score::Confidence, passes, |s| s.confidence),
        averaged(log, Score::Variability, passes, |s| s.variability),
        averaged(log, Score::El2n, passes, |s| s.el2n),
        averaged(log, Score::MeanLoss, passes, |s| s.mean_loss),
    ]
}

/// The mean over the passes in which a sample is ordinary.
fn averaged<T>(
    log: &RunLog,
    score: Score,
    passes: &[Vec<Option<T>>],
    value: impl Fn(&T) -> f64,
) -> ScoreVector {
    let of_sample = |sample: usize| {
        let (mut sum, mut count) = (0.0, 0_u32);
        for (pass, scores) in log.passes.iter().zip(passes) {
            if let Some(scores) = scores[sample].as_ref().filter(|_| pass.is_ordinary(sample)) {
                sum += value(scores);
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
        let scores = from_margins(&log, &analysis);
        let names: Vec<&str> = scores.iter().map(|vector| vector.score.name()).collect();
        assert_eq!(
            names,
            ["aum", "last_margin", "correctness", "forgetting_events"]
        );
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
