//! Which mistakes are systematic: for the flagged samples, from which given class to which class that
//! the network prefers. Source of the question: Pleiss et al., NeurIPS 2020, section 5 ("common
//! labeling mistakes").
//!
//! In an epoch with a negative margin the network prefers the rival, the class of the largest other
//! logit, to the given label. The class preferred most often, over the epochs of the window in all
//! passes that judge the sample, is the suggestion (equal ones: the smaller index), and the share of
//! these epochs is its support. The extra class of the threshold samples is never suggested.

pub(crate) mod report;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::analysis::run_analysis::RunAnalysis;
use crate::error::AnalyzerError;
use crate::logs::reduced_rows::{Needed, for_each_row};
use crate::logs::run_log::RunLog;
use crate::rules::evaluation::known_class;

/// What the network would rather call a flagged sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suggestion {
    /// The position of the sample in its run.
    pub sample: usize,
    /// The class preferred most often; `None` where no epoch prefers one.
    pub suggested_label: Option<u32>,
    /// The share of the epochs (of all judging passes, in the window) that prefer it, 0 to 1.
    pub support: f64,
    /// The share of these epochs that prefer the given label, 0 to 1.
    pub given_support: f64,
}

/// Flagged samples of one given class for which the same class is suggested.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion {
    /// The class that the data set carries.
    pub given_label: Option<u32>,
    /// The class that the network prefers; `None` for samples without a suggestion.
    pub suggested_label: Option<u32>,
    /// How many flagged samples.
    pub count: usize,
    /// Their share of the judged samples with this given label, 0 to 1.
    pub share_of_class: f64,
    /// How many of them have a known true label.
    pub known: usize,
    /// For how many of these it is the suggested one.
    pub right: usize,
    /// Their positions in the run, the lowest AUM first.
    pub samples: Vec<usize>,
}

/// The flagged samples of each run, the lowest AUM first, with what the network prefers; reads
/// `files`, those of the runs, a second time.
///
/// # Errors
/// [`AnalyzerError::NoRivalLabels`] for a file with neither rival labels nor logits, and those of
/// reading.
pub fn suggestions(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
) -> Result<Vec<Vec<Suggestion>>, AnalyzerError> {
    let flagged: Vec<Vec<usize>> = runs
        .iter()
        .map(|(_, analysis)| flagged(analysis).collect())
        .collect();
    suggestions_for(files, runs, &flagged)
}

/// The same for any samples: `samples` has their positions in each run, and in their order come the
/// suggestions.
///
/// # Errors
/// As for [`suggestions`].
pub fn suggestions_for(
    files: &[PathBuf],
    runs: &[(&RunLog, &RunAnalysis)],
    samples: &[Vec<usize>],
) -> Result<Vec<Vec<Suggestion>>, AnalyzerError> {
    let logs: Vec<&RunLog> = runs.iter().map(|(log, _)| *log).collect();
    let mut votes: Vec<BTreeMap<usize, Votes>> = samples
        .iter()
        .map(|samples| {
            let samples = samples.iter();
            samples.map(|&sample| (sample, Votes::default())).collect()
        })
        .collect();
    for_each_row(
        files,
        &logs,
        Needed::RivalLabels,
        |row| (row.margin, row.rival_label),
        |seen| {
            let (log, analysis) = runs[seen.run];
            let counts = analysis.window.contains(seen.epoch)
                && log.passes[seen.pass].is_ordinary(seen.sample);
            if counts && let Some(votes) = votes[seen.run].get_mut(&seen.sample) {
                let &(margin, rival) = seen.value;
                votes.add(margin, rival);
            }
        },
    )?;
    let suggestions = runs.iter().zip(samples).zip(votes);
    let suggestions = suggestions.map(|(((log, _), samples), votes)| {
        let classes = log.class_count();
        let of = |sample: &usize| {
            let votes = votes.get(sample)?;
            Some(votes.suggest(*sample, classes))
        };
        samples.iter().filter_map(of).collect()
    });
    Ok(suggestions.collect())
}

fn flagged(analysis: &RunAnalysis) -> impl Iterator<Item = usize> + '_ {
    let ranking = analysis.ranking().iter().copied();
    ranking.filter(|&sample| analysis.verdicts.get(sample).flagged == Some(true))
}

/// What the epochs say of a sample: counts, so that their order changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Votes {
    epochs: u32,
    for_given: u32,
    for_rivals: BTreeMap<u32, u32>,
}

impl Votes {
    fn add(&mut self, margin: f32, rival: Option<u32>) {
        self.epochs += 1;
        self.for_given += u32::from(margin > 0.0);
        if let Some(rival) = rival.filter(|_| margin < 0.0) {
            *self.for_rivals.entry(rival).or_default() += 1;
        }
    }

    /// `classes` is the number of classes, without the extra class.
    fn suggest(&self, sample: usize, classes: Option<usize>) -> Suggestion {
        let is_class = |label: u32| classes.is_none_or(|classes| (label as usize) < classes);
        let rivals = self
            .for_rivals
            .iter()
            .filter(|(label, _)| is_class(**label));
        // The last of equal maxima, so go through the classes backwards.
        let most = rivals.rev().max_by_key(|(_, votes)| **votes);
        let share = |votes: u32| f64::from(votes) / f64::from(self.epochs.max(1));
        Suggestion {
            sample,
            suggested_label: most.map(|(&label, _)| label),
            support: most.map_or(0.0, |(_, &votes)| share(votes)),
            given_support: share(self.for_given),
        }
    }
}

/// The suggestions of a run by given and suggested class, the most common first, equal ones by class.
pub fn confusions(
    log: &RunLog,
    analysis: &RunAnalysis,
    suggestions: &[Suggestion],
) -> Vec<Confusion> {
    let mut class_sizes: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    for &sample in analysis.ranking() {
        *class_sizes.entry(log.given_labels[sample]).or_default() += 1;
    }
    let mut groups: BTreeMap<(Option<u32>, Option<u32>), Vec<usize>> = BTreeMap::new();
    for suggestion in suggestions {
        let given = log.given_labels[suggestion.sample];
        let group = groups
            .entry((given, suggestion.suggested_label))
            .or_default();
        group.push(suggestion.sample);
    }
    let confusion = |((given_label, suggested_label), samples): (_, Vec<usize>)| {
        let truths = samples
            .iter()
            .filter_map(|&sample| known_class(log.true_labels[sample]));
        Confusion {
            given_label,
            suggested_label,
            count: samples.len(),
            share_of_class: samples.len() as f64 / class_sizes[&given_label] as f64,
            known: truths.clone().count(),
            right: truths
                .filter(|&truth| Some(truth) == suggested_label)
                .count(),
            samples,
        }
    };
    let mut confusions: Vec<Confusion> = groups.into_iter().map(confusion).collect();
    confusions.sort_by_key(|confusion| std::cmp::Reverse(confusion.count));
    confusions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::two_passes::two_passes;

    fn votes(epochs: &[(f32, u32)]) -> Votes {
        let mut votes = Votes::default();
        for &(margin, rival) in epochs {
            votes.add(margin, Some(rival));
        }
        votes
    }

    #[test]
    fn the_class_preferred_most_often_is_suggested_with_its_share() {
        let found = votes(&[(-1.0, 3), (-0.5, 3), (-2.0, 1), (0.5, 3)]).suggest(7, Some(10));
        assert_eq!((found.sample, found.suggested_label), (7, Some(3)));
        assert_eq!((found.support, found.given_support), (0.5, 0.25));
    }

    #[test]
    fn equal_votes_go_to_the_smaller_class_and_the_extra_class_has_none() {
        let found = votes(&[(-1.0, 4), (-1.0, 2), (-1.0, 10), (-1.0, 10)]).suggest(0, Some(10));
        assert_eq!((found.suggested_label, found.support), (Some(2), 0.25));
        let only_extra = votes(&[(-1.0, 10)]).suggest(0, Some(10));
        assert_eq!(
            (only_extra.suggested_label, only_extra.support),
            (None, 0.0)
        );
    }

    #[test]
    fn confusions_are_counted_by_hand() {
        let mut log = two_passes();
        log.true_labels = vec![Some(0), Some(1), Some(2), None];
        let analysis = analyze(&log, &AumSettings::default()).unwrap();
        let suggestion = |sample: usize| Suggestion {
            sample,
            suggested_label: Some(1),
            support: 1.0,
            given_support: 0.0,
        };
        let found = confusions(&log, &analysis, &[1, 2, 3].map(suggestion));
        // All four samples are of class 0; the truth of sample 3 is unknown, that of 2 another.
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].given_label, found[0].suggested_label),
            (Some(0), Some(1))
        );
        assert_eq!((found[0].count, found[0].share_of_class), (3, 0.75));
        assert_eq!((found[0].known, found[0].right), (2, 1));
        assert_eq!(found[0].samples, [1, 2, 3]);
    }
}
