//! Doubts about how the network learned. One that knows its labels by heart gives wrong ones a high AUM, one
//! that is still learning gives right ones a low AUM; both let samples pass as what they are not, and what
//! helps against one makes the other worse.

use std::ops::Range;

use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::run_log::{PassLog, RunLog};
use crate::results::text::percent;
use crate::rules::verdict::PassAums;

/// A network that prefers the extra class for so many threshold samples has learned single samples: nothing
/// else tells them from the others. A choice: of recorded runs on digits, MNIST and tables, those that found
/// wrong labels well came to 0.05 at most, and those that had memorised them to 0.69 and more.
const KNOWN_BY_HEART: f64 = 0.25;
/// With fewer threshold samples such a share is chance.
const FEWEST_THRESHOLD_SAMPLES: usize = 8;
/// A network whose accuracy on other samples rose by so much from one quarter of its epochs to the next is
/// still learning. A choice, on the same runs: those that had learned came to 0.005 at most.
const STILL_RISING: f64 = 0.03;

/// How the network of a pass learned, as far as its log shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Learned {
    /// It knows labels by heart: so many threshold samples' among them, 0 to 1.
    ByHeart(f64),
    /// It has not learned enough: its accuracy on other samples, 0 to 1, in the last two quarters.
    TooLittle([f64; 2]),
}

impl Learned {
    fn of(pass: &PassLog, aums: &PassAums) -> Option<Self> {
        by_heart(aums).or_else(|| too_little(&pass.held_out_accuracies))
    }

    /// What helps, where something can be told of the passes of a run.
    pub(crate) fn way_out(log: &RunLog, analysis: &RunAnalysis) -> &'static str {
        let passes = log.passes.iter().zip(&analysis.aums);
        match passes
            .filter_map(|(pass, aums)| Self::of(pass, aums))
            .next()
        {
            Some(Self::ByHeart(_)) => {
                "let fewer epochs count, or train fewer, with more weight decay"
            }
            Some(Self::TooLittle(_)) => "train longer, or with a higher learning rate",
            None => {
                "train longer where the accuracy on other samples still rises, and let fewer epochs count where it falls behind that on the training samples"
            }
        }
    }
}

fn by_heart(aums: &PassAums) -> Option<Learned> {
    let marked = aums.aums.iter().zip(&aums.is_threshold_sample);
    let marked = marked.filter_map(|(aum, &is)| aum.filter(|_| is));
    let marked: Vec<f64> = marked.collect();
    let preferred = marked.iter().filter(|&&aum| aum > 0.0).count();
    let share = preferred as f64 / marked.len().max(1) as f64;
    let is_by_heart = marked.len() >= FEWEST_THRESHOLD_SAMPLES && share >= KNOWN_BY_HEART;
    is_by_heart.then_some(Learned::ByHeart(share))
}

fn too_little(accuracies: &[f64]) -> Option<Learned> {
    let (count, quarter) = (accuracies.len(), accuracies.len() / 4);
    let mean = |epochs: Range<usize>| accuracies[epochs].iter().sum::<f64>() / quarter as f64;
    let quarters = (quarter > 0).then(|| {
        [
            mean(count - 2 * quarter..count - quarter),
            mean(count - quarter..count),
        ]
    })?;
    let is_rising = quarters[1] - quarters[0] >= STILL_RISING;
    is_rising.then_some(Learned::TooLittle(quarters))
}

/// What is doubtful about the learning of a run: a line for all of its passes.
pub(crate) fn doubt(log: &RunLog, analysis: &RunAnalysis) -> Option<String> {
    let passes = log.passes.iter().zip(&analysis.aums);
    let learned = passes.filter_map(|(pass, aums)| Some((pass.pass, Learned::of(pass, aums)?)));
    let learned: Vec<(u32, Learned)> = learned.collect();
    let (first, how) = *learned.first()?;
    let others = match learned.len() - 1 {
        0 => String::new(),
        1 => ", as in 1 more pass".to_owned(),
        more => format!(", as in {more} more passes"),
    };
    let what = match how {
        Learned::ByHeart(share) => format!(
            "the network knows labels by heart, wrong ones too: over the epochs it prefers the extra class for {} of the threshold samples in pass {first}{others}",
            percent(Some(share))
        ),
        Learned::TooLittle([before, last]) => format!(
            "the network is still learning: its accuracy on other samples rose from {} to {} in the last quarter of pass {first}{others}",
            percent(Some(before)),
            percent(Some(last))
        ),
    };
    Some(format!("{what}; {}", Learned::way_out(log, analysis)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::two_passes::one_pass;

    fn said(threshold_margins: &[f32], accuracies: &[f64]) -> Option<String> {
        let mut log = one_pass(&[2.0; 20], threshold_margins);
        log.passes[0].held_out_accuracies = accuracies.to_vec();
        doubt(&log, &analyze(&log, &AumSettings::default()).unwrap())
    }

    #[test]
    fn a_network_that_prefers_the_extra_class_for_threshold_samples_knows_them_by_heart() {
        let two_of_eight = [1.0, 1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0];
        let line = said(&two_of_eight, &[]).unwrap();
        assert!(
            line.contains("for 25.0 % of the threshold samples in pass 1"),
            "{line}"
        );
        assert!(
            line.contains("fewer epochs") && !line.contains("train longer"),
            "{line}"
        );
        let one_of_eight = [1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0];
        assert_eq!(said(&one_of_eight, &[]), None);
        assert_eq!(said(&two_of_eight[..4], &[]), None);
    }

    #[test]
    fn a_network_whose_accuracy_on_other_samples_still_rises_is_still_learning() {
        let below = [-1.0; 8];
        let rising = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
        let line = said(&below, &rising).unwrap();
        assert!(
            line.contains("rose from 55.0 % to 75.0 % in the last quarter of pass 1"),
            "{line}"
        );
        assert!(
            line.contains("train longer") && !line.contains("fewer"),
            "{line}"
        );
        let learned = [0.1, 0.5, 0.9, 0.9, 0.9, 0.92, 0.93, 0.92];
        assert_eq!(said(&below, &learned), None);
        assert_eq!(said(&below, &rising[..3]), None);
    }
}
