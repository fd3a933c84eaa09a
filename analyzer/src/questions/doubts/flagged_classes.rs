//! Doubts about classes that are flagged wholesale: a class with few samples has low AUMs for being rare, whether its
//! labels are right or wrong.

use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings::AumSettings;
use crate::logs::run_log::RunLog;
use crate::questions::doubts::classes::by_given_class;
use crate::results::text::percent;
use crate::rules::threshold_rule::ThresholdRule;

/// Where more than half of a class is flagged, most of its labels would have to be wrong.
const MOST: f64 = 0.5;
/// That many times the share of the other classes is beyond what noise does that knows no class.
const FAR_BEYOND: f64 = 3.0;
/// Fewer flagged samples are looked at one by one.
const FEWEST_FLAGGED: usize = 5;

/// A line for each class that is flagged far beyond the rest.
pub(crate) fn doubts(log: &RunLog, analysis: &RunAnalysis, settings: &AumSettings) -> Vec<String> {
    let flagged = analysis.verdicts.flagged();
    let classes = by_given_class(log, flagged, |class: &mut (usize, usize), flagged| {
        class.0 += 1;
        class.1 += usize::from(flagged);
    });
    let all = classes.iter().fold((0, 0), |(decided, flags), (_, class)| {
        (decided + class.0, flags + class.1)
    });
    let mean = all.0 / classes.len().max(1);
    let doubt = |&(class, (decided, flags)): &(u32, (usize, usize))| {
        let share = flags as f64 / decided as f64;
        let others = (all.1 - flags) as f64 / (all.0 - decided).max(1) as f64;
        let is_rare = 2 * decided < mean;
        (is_rare && flags >= FEWEST_FLAGGED && share > MOST && share > FAR_BEYOND * others).then(|| {
            let way_out = match settings.threshold {
                ThresholdRule::Percentile(_) if !settings.by_class => {
                    "take thresholds by class (`threshold_by` class), and look at these one by one before any is left out"
                }
                ThresholdRule::Combined | ThresholdRule::ConfidentLearning(_) => "look at these one by one before any is left out",
                ThresholdRule::Percentile(_) | ThresholdRule::Given(_) | ThresholdRule::Posterior => "judge them by held-out evidence where the log has it (rule combined), and look at these one by one before any is left out",
            };
            format!(
                "{} of the {decided} samples of the class {} are flagged, and {} of the others: a rare class has low AUMs for being rare; {way_out}",
                percent(Some(share)),
                log.class_name(class),
                percent(Some(others)),
            )
        })
    };
    classes.iter().filter_map(doubt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::logs::two_passes::one_pass;

    /// Class 0 has 100 samples, class 1 so many; the threshold is 0.
    fn said(rare: usize, rare_margin: f32, wrong_of_the_others: usize) -> Vec<String> {
        let of_others = (0..100).map(|s| if s < wrong_of_the_others { -1.0 } else { 1.0 });
        let margins: Vec<f32> = of_others.chain((0..rare).map(|_| rare_margin)).collect();
        let mut log = one_pass(&margins, &[0.0; 4]);
        for sample in 100..100 + rare {
            log.given_labels[sample] = Some(1);
            log.passes[0].assigned_labels[sample] = Some(1);
        }
        let settings = AumSettings::default();
        let analysis = analyze(&log, &settings).unwrap();
        doubts(&log, &analysis, &settings)
    }

    #[test]
    fn a_rare_class_that_is_flagged_wholesale_is_named() {
        let said = said(10, -1.0, 5);
        assert_eq!(said.len(), 1, "{said:?}");
        let expected =
            "100.0 % of the 10 samples of the class 1 are flagged, and 5.0 % of the others";
        assert!(said[0].starts_with(expected), "{said:?}");
        assert!(said[0].contains("thresholds by class"), "{said:?}");
    }

    #[test]
    fn a_common_class_a_learned_one_and_noise_everywhere_are_not() {
        assert!(said(90, -1.0, 5).is_empty());
        assert!(said(10, 1.0, 5).is_empty());
        assert!(said(10, -1.0, 40).is_empty());
        assert!(said(4, -1.0, 5).is_empty());
    }
}
