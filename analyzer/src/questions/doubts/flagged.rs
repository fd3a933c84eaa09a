//! Doubts about how many samples are flagged: more than the AUMs support, or nearly all.

use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings::AumSettings;
use crate::logs::run_log::RunLog;
use crate::questions::doubts::learning::Learned;
use crate::questions::estimate::supported_noise_rate;
use crate::results::text::percent;
use crate::rules::threshold_rule::ThresholdRule;

/// So far above the estimated noise rate a flagged share is not explained by the hundredth of the clean samples
/// that a percentile of 99 flags, nor by the errors of estimates that nothing warns of (0.022 at most).
const FAR_ABOVE: f64 = 0.1;
/// That more labels than this are wrong is possible, and seldom.
const NEARLY_ALL: f64 = 2.0 / 3.0;
/// Fewer flagged samples are looked at one by one.
const FEWEST_FLAGGED: usize = 20;

/// What is doubtful about the number of flagged samples.
pub(crate) fn doubt(
    log: &RunLog,
    analysis: &RunAnalysis,
    settings: &AumSettings,
) -> Option<String> {
    let by_percentile = matches!(settings.threshold, ThresholdRule::Percentile(_));
    let flagged = analysis
        .verdicts
        .flagged_count()
        .filter(|_| by_percentile)?;
    let share = flagged as f64 / analysis.verdicts.judged_count() as f64;
    if flagged < FEWEST_FLAGGED || share < FAR_ABOVE {
        return None;
    }
    let supported = supported_noise_rate(log, analysis)?;
    let what = if share - supported >= FAR_ABOVE {
        format!(
            "{} of the samples are flagged, but the AUMs support only {} of wrong labels, so that many of these are right",
            percent(Some(share)),
            percent(Some(supported))
        )
    } else if share > NEARLY_ALL {
        format!(
            "{} of the samples are flagged: seldom are so many labels wrong, rather the network does not tell right ones from threshold samples",
            percent(Some(share))
        )
    } else {
        return None;
    };
    Some(format!("{what}; {}", Learned::way_out(log, analysis)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::logs::two_passes::one_pass;

    /// So many samples with the margins −1 and 1, of 100, and the margins of the threshold samples.
    fn said(low: usize, threshold_margins: &[f32]) -> Option<String> {
        let margins: Vec<f32> = (0..100).map(|s| if s < low { -1.0 } else { 1.0 }).collect();
        let log = one_pass(&margins, threshold_margins);
        let settings = AumSettings::default();
        doubt(&log, &analyze(&log, &settings).unwrap(), &settings)
    }

    #[test]
    fn more_flagged_samples_than_the_aums_support_are_doubtful() {
        // The threshold is 2, the largest AUM of the threshold samples, so that all samples are flagged; but
        // nine of ten threshold samples lie at −1, and 30 of 100 samples do.
        let mostly_low = [-1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 2.0];
        let line = said(30, &mostly_low).unwrap();
        assert!(
            line.starts_with("100.0 % of the samples are flagged"),
            "{line}"
        );
        assert!(line.contains("support only 33.3 %"), "{line}");
        // All threshold samples lie at 0: what lies below is as many as the AUMs support.
        assert_eq!(said(30, &[0.0; 10]), None);
    }

    #[test]
    fn that_nearly_all_are_flagged_is_doubtful_even_where_the_aums_support_it() {
        let line = said(67, &[0.0; 10]).unwrap();
        assert!(
            line.starts_with("67.0 % of the samples are flagged: seldom"),
            "{line}"
        );
        assert_eq!(said(66, &[0.0; 10]), None);
    }
}
