//! What a reader of a result has to know beside the numbers: what was left out, what is missing, and
//! what would make the result better.

use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::configuration::holds_out_folds;
use crate::logs::run_log::{PassLog, RunLog};
use crate::logs::ways_out::{A_THRESHOLD, TRUE_LABELS};
use crate::rules::epoch_numbers::EpochNumbers;
use crate::rules::window::WindowRule;

/// What is part of the result: a line each, the most important first.
pub fn notes(log: &RunLog, analysis: &RunAnalysis) -> Vec<String> {
    let all = [
        no_threshold(log, analysis),
        no_true_labels(analysis),
        whole_window(analysis),
        unjudged(log, analysis),
        gaps(log, analysis),
    ];
    let mut notes: Vec<String> = all.into_iter().flatten().collect();
    notes.extend(missing_epochs(log, analysis));
    notes
}

fn no_threshold(log: &RunLog, analysis: &RunAnalysis) -> Option<String> {
    analysis.verdicts.flagged_count().is_none().then(|| {
        if log.passes.iter().any(|pass| pass.is_threshold_sample.contains(&true)) {
            "nothing is flagged, since no threshold sample has a margin in these epochs: log them in every epoch, or choose other epochs".to_owned()
        } else {
            format!("nothing is flagged, since there are no threshold samples to take a threshold from: record with threshold samples, or give {A_THRESHOLD}")
        }
    })
}

fn no_true_labels(analysis: &RunAnalysis) -> Option<String> {
    (analysis.verdicts.flagged_count().is_some() && analysis.evaluation.evaluated == 0).then(|| {
        format!("precision and recall need known labels, and the log has none (column true_label): give {TRUE_LABELS}")
    })
}

fn whole_window(analysis: &RunAnalysis) -> Option<String> {
    (analysis.window.rule == WindowRule::EveryEpoch).then(|| {
        "every recorded epoch counts, since the default window (after the first epoch, before the learning rate drops) would leave none".to_owned()
    })
}

fn unjudged(log: &RunLog, analysis: &RunAnalysis) -> Option<String> {
    let unjudged = log.sample_count() - analysis.verdicts.judged_count();
    if unjudged == 0 {
        return None;
    }
    let threshold_samples_only = (0..log.sample_count())
        .filter(|&sample| analysis.verdicts.get(sample).judged_passes == 0)
        .all(|sample| log.passes.iter().all(|pass| !pass.is_ordinary(sample)));
    let samples = counted(unjudged, "sample");
    Some(if threshold_samples_only {
        format!(
            "{samples} not judged, being threshold samples in every pass: two passes with different ones judge all"
        )
    } else {
        format!("{samples} not judged: threshold samples, or without a margin in these epochs")
    })
}

/// Samples that miss an epoch which others of their pass have, unless the pass holds them out.
fn gaps(log: &RunLog, analysis: &RunAnalysis) -> Option<String> {
    let holds_out = holds_out_folds(&log.configuration);
    let mut has_gap = vec![false; log.sample_count()];
    for pass in &log.passes {
        let mut of_pass = vec![false; log.sample_count()];
        pass.mark_gaps(analysis.window, &mut of_pass);
        let found = has_gap.iter_mut().zip(of_pass).zip(&pass.assigned_labels);
        for ((has_gap, of_pass), assigned) in found {
            *has_gap |= match assigned {
                Some(_) => of_pass,
                None => !holds_out,
            };
        }
    }
    let count = has_gap.into_iter().filter(|&has_gap| has_gap).count();
    (count > 0).then(|| {
        format!(
            "{} missing from some epochs or passes: an AUM is the mean over what was recorded",
            counted(count, "sample")
        )
    })
}

fn missing_epochs(log: &RunLog, analysis: &RunAnalysis) -> Vec<String> {
    let window = analysis.window;
    if window.rule == WindowRule::AumTable {
        return vec![
            "the AUMs are those of a table: which epochs count, the first one or not, was chosen when it was computed, and cannot be changed here".to_owned(),
        ];
    }
    let recorded = log.recorded_epochs();
    let numbers = EpochNumbers::of(&recorded);
    let within = || recorded.iter().filter(|&&epoch| window.contains(epoch));
    let expected = numbers.count_between(window.first, window.last);
    let expected = expected.unwrap_or_else(|| within().count());
    let note = |pass: &PassLog| {
        let found = pass.epochs_within(window).count();
        let of_those = format!(
            "of the {expected} epochs {} to {}",
            window.first, window.last
        );
        (found < expected).then(|| format!("pass {} has {found} {of_those}", pass.pass))
    };
    let late = |pass: &PassLog| {
        let first = pass.recorded_epochs().next()?;
        (window.rule != WindowRule::Requested && first > window.first).then(|| {
            format!(
                "pass {} begins with epoch {first}, which counts as any other; if it is the first of its training, number the epochs of each pass alike",
                pass.pass
            )
        })
    };
    let passes = log.passes.iter();
    passes
        .flat_map(|pass| [note(pass), late(pass)])
        .flatten()
        .collect()
}

pub(crate) fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::run_log::EpochMargins;
    use crate::logs::two_passes::two_passes;

    fn notes_of(log: &RunLog) -> Vec<String> {
        notes(log, &analyze(log, &AumSettings::default()).unwrap())
    }

    #[test]
    fn a_complete_log_needs_no_note() {
        assert!(notes_of(&two_passes()).is_empty());
    }

    #[test]
    fn one_pass_does_not_judge_its_threshold_samples() {
        let mut log = two_passes();
        log.passes.truncate(1);
        let notes = notes_of(&log);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with("1 sample not judged, being"));
    }

    #[test]
    fn without_known_labels_or_threshold_samples_the_way_to_them_is_said() {
        let mut log = two_passes();
        log.true_labels = vec![None; 4];
        assert!(notes_of(&log)[0].starts_with("precision and recall need known labels"));
        for pass in &mut log.passes {
            pass.is_threshold_sample = vec![false; 4];
        }
        let notes = notes_of(&log);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("give an AUM as the threshold"));
    }

    #[test]
    fn missing_samples_and_epochs_are_counted() {
        let mut log = two_passes();
        log.passes[1].epochs.pop();
        let margins = [None, Some(1.0), Some(1.0), Some(1.0)];
        log.passes[0].epochs[2] = EpochMargins::new(3, &margins);
        let notes = notes_of(&log);
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].starts_with("1 sample missing"));
        assert_eq!(notes[1], "pass 2 has 1 of the 2 epochs 2 to 3");
    }

    #[test]
    fn a_pass_that_goes_on_counting_where_the_one_before_ended_is_told() {
        let mut log = two_passes();
        for (epoch, number) in log.passes[1].epochs.iter_mut().zip(4..) {
            epoch.epoch = number;
        }
        let notes = notes_of(&log);
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert!(notes[2].starts_with("pass 2 begins with epoch 4, which counts"));
    }

    #[test]
    fn the_first_epoch_alone_counts_and_a_note_says_so() {
        let mut log = two_passes();
        for pass in &mut log.passes {
            pass.epochs.truncate(1);
        }
        assert!(notes_of(&log)[0].starts_with("every recorded epoch counts"));
    }
}
