//! How many verdicts the other presets of [`Protocol`] would change, so that nobody has to try.

use serde::Serialize;

use crate::analysis::judgement::with_thresholds;
use crate::analysis::run_analysis::{aums_of_passes, window_of};
use crate::analysis::settings::AumSettings;
use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::rules::class_thresholds::{less_shifts, threshold_shifts};
use crate::rules::protocol::Protocol;
use crate::rules::verdict::{Verdicts, sample_verdicts};

/// What another preset would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProtocolDifference {
    /// The name of the preset.
    pub protocol: &'static str,
    /// Samples that it flags and the settings in use do not.
    pub more: usize,
    /// Samples that it does not flag and the settings in use do.
    pub fewer: usize,
}

/// What each preset that is not in use would say; nothing where there is no threshold, another rule, or an
/// AUM table instead of a log.
///
/// # Errors
/// [`AnalyzerError::NoEpochInWindow`] where none of the epochs asked for was recorded.
pub fn protocol_differences(
    log: &RunLog,
    verdicts: &Verdicts,
    settings: &AumSettings,
) -> Result<Vec<ProtocolDifference>, AnalyzerError> {
    // The protocols differ in an epoch, too, which an AUM table does not tell.
    if verdicts.flagged_count().is_none() || log.is_aum_table() {
        return Ok(Vec::new());
    }
    // The presets differ in thresholds, of which such a rule has none.
    if settings.threshold.needs_held_out() {
        return Ok(Vec::new());
    }
    let others = Protocol::PRESETS
        .into_iter()
        .filter(|(_, preset)| *preset != settings.protocol);
    let flags = |verdict: Option<bool>| verdict == Some(true);
    let difference = |(name, protocol)| {
        let settings = AumSettings {
            protocol,
            ..*settings
        };
        let mut passes = aums_of_passes(log, window_of(log, &settings)?);
        if settings.moves_thresholds() {
            passes = less_shifts(&passes, &threshold_shifts(&log.given_labels));
        }
        let passes = with_thresholds(&passes, settings.threshold, protocol);
        let others = sample_verdicts(&passes, protocol.join).map(|verdict| verdict.flagged);
        let (mut more, mut fewer) = (0, 0);
        for (used, other) in verdicts.flagged().zip(others) {
            more += usize::from(!flags(used) && flags(other));
            fewer += usize::from(flags(used) && !flags(other));
        }
        Ok(ProtocolDifference {
            protocol: name,
            more,
            fewer,
        })
    };
    others.map(difference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn the_paper_would_flag_what_one_pass_or_the_first_epoch_says() {
        let (log, settings) = (two_passes(), AumSettings::default());
        let verdicts = analyze(&log, &settings).unwrap().verdicts;
        let found = protocol_differences(&log, &verdicts, &settings).unwrap();
        // With epoch 1 the AUMs are (-28, 28.3, -29, -30.3) and (-29, 29, -30.3, -28), so both
        // thresholds are -30.3: no AUM is at or below, and sample 1 is flagged no more.
        let expected = ProtocolDifference {
            protocol: "paper",
            more: 0,
            fewer: 1,
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn rules_of_ones_own_are_compared_with_both_presets() {
        let settings = AumSettings {
            protocol: Protocol {
                join: crate::rules::protocol::Join::Any,
                ..Protocol::default()
            },
            ..AumSettings::default()
        };
        let log = two_passes();
        let verdicts = analyze(&log, &settings).unwrap().verdicts;
        let found = protocol_differences(&log, &verdicts, &settings).unwrap();
        let names: Vec<&str> = found.iter().map(|other| other.protocol).collect();
        assert_eq!(names, ["paper", "authors-code"]);
    }
}
