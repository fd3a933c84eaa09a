//! The kinds of samples that plots tell apart: clean and mislabeled where the truth is known,
//! ordinary where it is not, and threshold samples.

use crate::logs::run_log::{PassLog, RunLog};
use crate::plots::drawing::axis::signed;
use crate::plots::drawing::figure::{Key, Mark};
use crate::plots::drawing::theme::{Colour, Theme};
use crate::rules::evaluation::is_mislabeled;

/// A kind of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    Clean,
    Mislabeled,
    /// Not a threshold sample, its true label unknown.
    Ordinary,
    Threshold,
}

impl Group {
    pub(crate) const ALL: [Self; 4] = [
        Self::Ordinary,
        Self::Clean,
        Self::Mislabeled,
        Self::Threshold,
    ];

    /// The group of an ordinary sample.
    pub(crate) fn of(log: &RunLog, sample: usize) -> Self {
        Self::of_labels(log.given_labels[sample], log.true_labels[sample])
    }

    /// The group of an ordinary sample with this given and true label.
    pub(crate) fn of_labels(given: Option<u32>, truth: Option<u32>) -> Self {
        match is_mislabeled(given, truth) {
            Some(false) => Self::Clean,
            Some(true) => Self::Mislabeled,
            None => Self::Ordinary,
        }
    }

    /// The group of a sample in a pass; `None` where it is not in it.
    pub(crate) fn in_pass(log: &RunLog, pass: &PassLog, sample: usize) -> Option<Self> {
        pass.assigned_labels[sample]?;
        Some(if pass.is_threshold_sample[sample] {
            Self::Threshold
        } else {
            Self::of(log, sample)
        })
    }

    pub(crate) fn colour(self) -> fn(Theme) -> Colour {
        match self {
            Self::Clean => Theme::clean,
            Self::Mislabeled => Theme::mislabeled,
            Self::Ordinary => ordinary,
            Self::Threshold => Theme::threshold,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Mislabeled => "mislabeled",
            Self::Ordinary => "ordinary",
            Self::Threshold => "threshold samples",
        }
    }

    /// An entry of the legend, with how many there are.
    pub(crate) fn key(self, mark: Mark, count: usize) -> Key {
        Key {
            mark,
            colour: self.colour(),
            label: format!("{} ({})", self.name(), signed(count as f64, 0)),
        }
    }
}

/// Between clean and unknown there is no colour to learn: with truth for a part only, both appear.
fn ordinary(theme: Theme) -> Colour {
    theme.series(2)
}

/// Whether some sample is known to be mislabeled, so that plots can speak of such.
pub(crate) fn knows_mislabeled(log: &RunLog) -> bool {
    (0..log.sample_count()).any(|sample| Group::of(log, sample) == Group::Mislabeled)
}

/// What is said where a sample has a margin in each of several passes.
pub(crate) fn passes_note(log: &RunLog) -> Option<String> {
    (log.passes.len() > 1).then(|| "A sample counts once for each pass that it is in.".to_owned())
}

/// What is said below a plot that tells clean and mislabeled samples apart, where it cannot.
pub(crate) fn truth_note(log: &RunLog) -> Option<String> {
    let known = log.true_labels.iter().filter(|label| label.is_some());
    match known.count() {
        0 => Some(
            "The log has no true labels, so clean and mislabeled samples are not told apart."
                .to_owned(),
        ),
        count if count < log.sample_count() => Some(format!(
            "The true label is known for {} of {} samples; the others are shown as ordinary.",
            signed(count as f64, 0),
            signed(log.sample_count() as f64, 0)
        )),
        _ => None,
    }
}
