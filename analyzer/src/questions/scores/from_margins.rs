//! The scores that margins alone give: a sample is right in an epoch where its margin is positive,
//! so that its given label has the largest logit.

use crate::logs::run_log::PassLog;
use crate::rules::window::Window;

/// What the margins of one sample in one pass say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MarginScores {
    pub(crate) last_margin: f64,
    pub(crate) correctness: f64,
    pub(crate) forgetting_events: f64,
}

/// For each sample; `None` for one without a margin in the window.
pub(crate) fn margin_scores(pass: &PassLog, window: Window) -> Vec<Option<MarginScores>> {
    let samples = pass.assigned_labels.len();
    let mut counts = vec![Counts::default(); samples];
    for epoch in pass.epochs_within(window) {
        for (sample, counts) in counts.iter_mut().enumerate() {
            if let Some(margin) = epoch.margin(sample) {
                counts.add(margin);
            }
        }
    }
    counts.iter().map(Counts::scores).collect()
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    epochs: u32,
    right: u32,
    forgotten: u32,
    last_margin: f32,
}

impl Counts {
    fn add(&mut self, margin: f32) {
        let was_right = self.epochs > 0 && self.last_margin > 0.0;
        let is_right = margin > 0.0;
        self.epochs += 1;
        self.right += u32::from(is_right);
        self.forgotten += u32::from(was_right && !is_right);
        self.last_margin = margin;
    }

    fn scores(&self) -> Option<MarginScores> {
        let forgotten = if self.right == 0 {
            self.epochs
        } else {
            self.forgotten
        };
        (self.epochs > 0).then(|| MarginScores {
            last_margin: self.last_margin.into(),
            correctness: f64::from(self.right) / f64::from(self.epochs),
            forgetting_events: forgotten.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(margins: &[f32]) -> Option<MarginScores> {
        let mut counts = Counts::default();
        margins.iter().for_each(|&margin| counts.add(margin));
        counts.scores()
    }

    #[test]
    fn a_sample_is_forgotten_where_it_goes_from_right_to_wrong() {
        let found = scores(&[-1.0, 2.0, -1.0, -2.0, 1.0, 0.0, 3.0, 0.5]).unwrap();
        assert_eq!(found.forgetting_events, 2.0);
        assert_eq!(found.correctness, 0.5);
        assert_eq!(found.last_margin, 0.5);
    }

    #[test]
    fn a_sample_that_is_never_right_is_forgotten_in_every_epoch() {
        assert_eq!(scores(&[-1.0, 0.0, -1.0]).unwrap().forgetting_events, 3.0);
        assert_eq!(scores(&[1.0, 2.0, 1.0]).unwrap().forgetting_events, 0.0);
        assert_eq!(scores(&[]), None);
    }
}
