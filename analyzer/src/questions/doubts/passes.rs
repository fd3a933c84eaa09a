//! Doubts about the passes: threshold samples that do not serve as such, and passes that do not agree.

use std::collections::BTreeSet;

use crate::analysis::judgement::PassJudgement;
use crate::analysis::notes::counted;
use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::run_log::{PassLog, RunLog};
use crate::questions::doubts::learning::Learned;

/// Passes that flag so few samples differ by chance.
const FEWEST_TO_COMPARE: usize = 20;

/// What is doubtful about the threshold samples of a pass. That none of any pass has a margin is a note.
pub(crate) fn threshold_samples(
    log: &RunLog,
    pass: &PassLog,
    found: &PassJudgement,
    analysis: &RunAnalysis,
) -> Vec<String> {
    let others_decide = analysis.verdicts.flagged_count().is_some();
    // An AUM table does not say what the threshold samples were trained on.
    let labels_are_known = !log.is_aum_table();
    [
        without_margin(pass, found).filter(|_| others_decide),
        on_their_own_label(log, pass).filter(|_| labels_are_known),
        in_several_classes(pass).filter(|_| labels_are_known),
        before_a_class(log, pass).filter(|_| labels_are_known),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn marked(pass: &PassLog) -> impl Iterator<Item = usize> {
    let samples = 0..pass.is_threshold_sample.len();
    samples.filter(|&sample| pass.is_threshold_sample[sample])
}

/// Threshold samples were logged, but in none of the epochs that count.
fn without_margin(pass: &PassLog, found: &PassJudgement) -> Option<String> {
    let count = marked(pass).count();
    (count > 0 && found.threshold_samples == 0).then(|| {
        format!(
            "{}, but none has a margin in the epochs that count, so this pass has no threshold and the others decide alone; log them in every epoch, or choose other epochs",
            counted(count, "threshold sample")
        )
    })
}

/// A threshold sample is mislabeled by construction; one that is trained on its own label is not.
fn on_their_own_label(log: &RunLog, pass: &PassLog) -> Option<String> {
    let is_own = |&sample: &usize| {
        let assigned = pass.assigned_labels[sample];
        assigned.is_some() && assigned == log.given_labels[sample]
    };
    let (all, own) = (marked(pass).count(), marked(pass).filter(is_own).count());
    (own > 0).then(|| {
        format!(
            "{own} of {} on the sample's own given label, which tells nothing of wrong labels; assign them to an extra class",
            match all {
                1 => "1 threshold sample is trained".to_owned(),
                all => format!("{all} threshold samples are trained"),
            }
        )
    })
}

fn in_several_classes(pass: &PassLog) -> Option<String> {
    let classes: BTreeSet<u32> = marked(pass)
        .filter_map(|s| pass.assigned_labels[s])
        .collect();
    let listed: Vec<String> = classes.iter().take(3).map(u32::to_string).collect();
    (classes.len() > 1).then(|| {
        format!(
            "threshold samples are assigned to {} classes ({}{}), but belong into one extra class that has no other samples",
            classes.len(),
            listed.join(", "),
            if classes.len() > listed.len() { ", …" } else { "" }
        )
    })
}

/// The one extra class is counted behind all others, whose number it tells.
fn before_a_class(log: &RunLog, pass: &PassLog) -> Option<String> {
    let extra = marked(pass).find_map(|sample| pass.assigned_labels[sample])?;
    let last = *log.given_labels.iter().flatten().max()?;
    let has_others = marked(pass).any(|sample| pass.assigned_labels[sample] != Some(extra));
    (!has_others && extra < last).then(|| {
        format!(
            "threshold samples have the class {extra}, and other samples classes up to {last}: how many classes there are cannot be told; count the extra class behind all others, labels and logits alike"
        )
    })
}

/// Passes that flag different samples: each network saw another set of threshold samples, and little else
/// should differ.
pub(crate) fn disagreement(log: &RunLog, analysis: &RunAnalysis) -> Option<String> {
    let judged_by_all = |sample: &usize| {
        analysis
            .aums
            .iter()
            .all(|pass| pass.judged_aum(*sample).is_some())
    };
    let thresholds: Option<Vec<_>> = analysis.passes.iter().map(|pass| pass.threshold).collect();
    let thresholds = thresholds.filter(|thresholds| thresholds.len() > 1)?;
    let (mut any, mut every) = (0, 0);
    for sample in (0..analysis.verdicts.len()).filter(judged_by_all) {
        let votes = analysis.aums.iter().zip(&thresholds);
        let votes =
            votes.filter(|(pass, at)| pass.judged_aum(sample).is_some_and(|aum| at.flags(aum)));
        let count = votes.count();
        any += usize::from(count > 0);
        every += usize::from(count == thresholds.len());
    }
    (any >= FEWEST_TO_COMPARE && 2 * every < any).then(|| {
        format!(
            "of {any} samples that a pass flags, all {} passes flag {every}: they do not agree, so that much here is chance; record more passes, and {}",
            thresholds.len(),
            Learned::way_out(log, analysis)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::margin_sums::MarginSums;
    use crate::logs::run_log::EpochMargins;
    use crate::logs::two_passes::two_passes;

    fn of_first_pass(log: &RunLog) -> Vec<String> {
        let analysis = analyze(log, &AumSettings::default()).unwrap();
        threshold_samples(log, &log.passes[0], &analysis.passes[0], &analysis)
    }

    #[test]
    fn threshold_samples_that_serve_as_such_raise_no_doubt() {
        assert!(of_first_pass(&two_passes()).is_empty());
    }

    #[test]
    fn threshold_samples_without_a_margin_in_the_window_are_not_called_missing() {
        let mut log = two_passes();
        for epoch in &mut log.passes[0].epochs[1..] {
            epoch.margins[3] = f32::NAN;
        }
        let said = of_first_pass(&log);
        assert!(
            said[0].starts_with("1 threshold sample, but none has a margin"),
            "{said:?}"
        );
    }

    #[test]
    fn threshold_samples_on_their_own_label_or_in_several_classes_are_none() {
        let mut log = two_passes();
        log.passes[0].assigned_labels[3] = log.given_labels[3];
        let said = of_first_pass(&log);
        assert!(
            said[0].starts_with("1 of 1 threshold sample is trained on"),
            "{said:?}"
        );
        log.passes[0].is_threshold_sample[0] = true;
        log.passes[0].assigned_labels[3] = Some(2);
        let said = of_first_pass(&log);
        assert!(said[1].contains("assigned to 2 classes (0, 2)"), "{said:?}");
    }

    #[test]
    fn an_extra_class_that_is_not_the_last_does_not_count_the_classes() {
        let mut log = two_passes();
        log.class_names = ["cat", "dog", "extra"].map(str::to_owned).to_vec();
        assert_eq!(log.class_count(), Some(2));
        log.class_names.clear();
        assert_eq!(log.class_count(), Some(2));
        // Another loop has it as class 0.
        log.given_labels
            .iter_mut()
            .flatten()
            .for_each(|label| *label += 1);
        log.passes[0].assigned_labels = log.given_labels.clone();
        log.passes[0].assigned_labels[3] = Some(0);
        let said = of_first_pass(&log);
        assert!(
            said[0].starts_with(
                "threshold samples have the class 0, and other samples classes up to 1"
            ),
            "{said:?}"
        );
        assert_eq!((said.len(), log.class_count()), (1, None));
    }

    #[test]
    fn a_table_of_aums_raises_no_doubt_about_labels_that_it_does_not_have() {
        let mut log = two_passes();
        for pass in &mut log.passes {
            // As they are read: the given labels stand in.
            pass.assigned_labels.clone_from(&log.given_labels);
            pass.is_threshold_sample = vec![true, false, false, true];
            pass.epochs.clear();
            let aums = [0.0, -2.5, 1.5, -0.5];
            pass.sums = Some(MarginSums::of_aums(aums.into_iter().map(Some)));
        }
        assert_eq!(of_first_pass(&log), [""; 0]);
    }

    #[test]
    fn passes_that_flag_different_samples_do_not_agree() {
        // 40 samples and two threshold samples at 0; pass 1 flags the first 20, pass 2 those from `from`.
        let disagreement_from = |from: usize| {
            let mut log = two_passes();
            let samples = 42;
            log.sample_ids = logformat::SampleIds::Integers((0..samples as i64).collect());
            log.given_labels = vec![Some(0); samples];
            log.true_labels = vec![None; samples];
            for (pass, first) in log.passes.iter_mut().zip([0, from]) {
                let low = |sample: usize| (first..first + 20).contains(&sample);
                let margin = |s: usize| {
                    if s >= 40 {
                        0.0
                    } else if low(s) {
                        -1.0
                    } else {
                        1.0
                    }
                };
                let margins: Vec<Option<f32>> = (0..samples).map(|s| Some(margin(s))).collect();
                pass.assigned_labels = (0..samples)
                    .map(|s| Some(if s < 40 { 0 } else { 1 }))
                    .collect();
                pass.is_threshold_sample = (0..samples).map(|s| s >= 40).collect();
                pass.epochs = vec![EpochMargins::new(2, &margins)];
            }
            disagreement(&log, &analyze(&log, &AumSettings::default()).unwrap())
        };
        assert_eq!(disagreement_from(0), None);
        assert_eq!(disagreement_from(5), None); // 15 of 25
        let said = disagreement_from(10).unwrap(); // 10 of 30
        assert!(
            said.starts_with("of 30 samples that a pass flags, all 2 passes flag 10"),
            "{said}"
        );
    }
}
