//! Which epochs count towards an AUM.
//!
//! Default: all but the first that was recorded (the authors' code leaves it out: it shows the random
//! initialisation) up to the last one before the learning rate first drops, because a network with a
//! low learning rate memorises its labels and the margins of mislabeled samples rise (Pleiss et
//! al., NeurIPS 2020, section 3.1). Epochs may count from 0 or 1, or be the steps of a training.

use std::fmt;
use std::str::FromStr;

use crate::rules::protocol::FirstEpoch;

/// The epochs that a user asks for, as the log numbers them: both ends included, either end open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EpochRange {
    first: Option<u32>,
    last: Option<u32>,
}

/// Why a text names no range of epochs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EpochRangeError {
    /// Not of the form `A..B`.
    #[error("give the first and last epoch as A..B, such as 2..20, 5.. or ..20")]
    Form,
    /// The last epoch comes before the first.
    #[error("the range ends before it begins; give the first and last epoch as A..B")]
    Reversed,
}

impl EpochRange {
    /// The range from `first` to `last`, both included; `None` is an open end.
    ///
    /// # Errors
    /// [`EpochRangeError::Reversed`] for a range that ends before it begins.
    pub fn new(first: Option<u32>, last: Option<u32>) -> Result<Self, EpochRangeError> {
        match (first, last) {
            (Some(first), Some(last)) if last < first => Err(EpochRangeError::Reversed),
            _ => Ok(Self { first, last }),
        }
    }

    /// The first and the last epoch; `None` for an open end.
    pub(crate) fn ends(self) -> (Option<u32>, Option<u32>) {
        (self.first, self.last)
    }

    /// Whether it has `epoch`.
    pub(crate) fn contains(self, epoch: u32) -> bool {
        self.first.is_none_or(|first| epoch >= first) && self.last.is_none_or(|last| epoch <= last)
    }
}

impl FromStr for EpochRange {
    type Err = EpochRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once("..").ok_or(EpochRangeError::Form)?;
        let end = |text: &str| match text.trim() {
            "" => Ok(None),
            digits => digits.parse().map(Some).map_err(|_| EpochRangeError::Form),
        };
        Self::new(end(first)?, end(last)?)
    }
}

impl fmt::Display for EpochRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |epoch: Option<u32>| epoch.map_or_else(String::new, |epoch| epoch.to_string());
        write!(f, "{}..{}", end(self.first), end(self.last))
    }
}

/// The epochs that count, and why these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first recorded epoch that counts.
    pub first: u32,
    /// The last recorded epoch that counts.
    pub last: u32,
    /// What made the choice.
    pub rule: WindowRule,
}

/// What chose a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowRule {
    /// The user.
    Requested,
    /// The default, in a run without learning-rate drops: from the second recorded epoch on.
    FromSecond,
    /// The default with the first epoch counted, in a run without learning-rate drops.
    FromFirst,
    /// The default, in a run whose learning rate first drops at this epoch.
    BeforeDrop(u32),
    /// The default would leave no epoch, so all count.
    EveryEpoch,
    /// As it would be otherwise, but up to the epoch after which held-out accuracy was highest.
    UntilBest,
    /// Whoever computed the AUM table; its epochs are not known, and are 0 here.
    AumTable,
}

impl WindowRule {
    /// Its name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::FromSecond => "from_second_epoch",
            Self::FromFirst => "from_first_epoch",
            Self::BeforeDrop(_) => "before_learning_rate_drop",
            Self::EveryEpoch => "every_epoch",
            Self::UntilBest => "until_best_epoch",
            Self::AumTable => "aum_table",
        }
    }
}

impl Window {
    /// That of an AUM table.
    pub(crate) const OF_AUM_TABLE: Self = Self {
        first: 0,
        last: 0,
        rule: WindowRule::AumTable,
    };

    /// Up to the epoch of the highest of the `accuracies` after each, the first of equal ones; its first epoch
    /// alone where that lies before it. `None` without accuracies.
    pub fn until_best(self, accuracies: &[(u32, f64)]) -> Option<Self> {
        let highest = accuracies.iter().map(|&(_, accuracy)| accuracy);
        let highest = highest.fold(f64::NEG_INFINITY, f64::max);
        let (best, _) = accuracies
            .iter()
            .find(|&&(_, accuracy)| accuracy == highest)?;
        Some(Self {
            last: self.last.min(*best).max(self.first),
            rule: WindowRule::UntilBest,
            ..self
        })
    }

    /// Whether `epoch` counts.
    pub fn contains(self, epoch: u32) -> bool {
        (self.first..=self.last).contains(&epoch)
    }
}

/// Chooses the window among the `recorded` epochs (ascending): the requested one, or the default
/// for a run whose learning rate drops at the beginning of the epochs `learning_rate_drops`.
///
/// `None` where no epoch was recorded within the request, or none at all.
pub fn choose_window(
    requested: Option<EpochRange>,
    recorded: &[u32],
    learning_rate_drops: &[u32],
    first_epoch: FirstEpoch,
) -> Option<Window> {
    if let Some(range) = requested {
        return clipped(range, recorded, WindowRule::Requested);
    }
    let first_drop = learning_rate_drops.iter().min().copied();
    let without_drop = match first_epoch {
        FirstEpoch::LeftOut => WindowRule::FromSecond,
        FirstEpoch::Counted => WindowRule::FromFirst,
    };
    let range = default_epochs(*recorded.first()?, learning_rate_drops, first_epoch);
    let rule = first_drop.map_or(without_drop, WindowRule::BeforeDrop);
    clipped(range, recorded, rule)
        .or_else(|| clipped(EpochRange::default(), recorded, WindowRule::EveryEpoch))
}

/// The epochs that count by default where `first_recorded` is the first of the run: those after it (or
/// it as well, where `first_epoch` is counted) up to the last before the learning rate first drops.
/// (Where that leaves none, [`choose_window`] has all count.)
pub fn default_epochs(
    first_recorded: u32,
    learning_rate_drops: &[u32],
    first_epoch: FirstEpoch,
) -> EpochRange {
    let first_drop = learning_rate_drops.iter().min();
    EpochRange {
        first: Some(match first_epoch {
            FirstEpoch::LeftOut => first_recorded.saturating_add(1),
            FirstEpoch::Counted => first_recorded,
        }),
        last: first_drop.map(|drop| drop.saturating_sub(1)),
    }
}

fn clipped(range: EpochRange, recorded: &[u32], rule: WindowRule) -> Option<Window> {
    let mut within = recorded
        .iter()
        .copied()
        .filter(|&epoch| range.contains(epoch));
    let first = within.next()?;
    Some(Window {
        first,
        last: within.next_back().unwrap_or(first),
        rule,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(requested: Option<&str>, recorded: &[u32], drops: &[u32]) -> Option<(u32, u32)> {
        let requested = requested.map(|text| text.parse().unwrap());
        choose_window(requested, recorded, drops, FirstEpoch::LeftOut)
            .map(|window| (window.first, window.last))
    }

    #[test]
    fn the_first_recorded_epoch_is_left_out_by_default_however_epochs_are_numbered() {
        assert_eq!(chosen(None, &[1, 2, 3, 4], &[]), Some((2, 4)));
        assert_eq!(chosen(None, &[0, 1, 2], &[]), Some((1, 2)));
        assert_eq!(chosen(None, &[391, 782, 1173], &[]), Some((782, 1173)));
        assert_eq!(chosen(None, &[391, 782, 1173], &[1000]), Some((782, 782)));
    }

    #[test]
    fn the_default_ends_before_the_first_learning_rate_drop() {
        assert_eq!(chosen(None, &[1, 2, 3, 4, 5], &[5, 4]), Some((2, 3)));
        let window = choose_window(None, &[1, 2, 3, 4, 5], &[5, 4], FirstEpoch::LeftOut).unwrap();
        assert_eq!(window.rule, WindowRule::BeforeDrop(4));
    }

    #[test]
    fn the_first_epoch_can_be_counted() {
        let counted = |requested, drops: &[u32]| {
            let window = choose_window(requested, &[1, 2, 3], drops, FirstEpoch::Counted);
            window.map(|window| (window.first, window.last, window.rule))
        };
        assert_eq!(counted(None, &[]), Some((1, 3, WindowRule::FromFirst)));
        assert_eq!(counted(None, &[3]), Some((1, 2, WindowRule::BeforeDrop(3))));
        let requested = Some("2..2".parse().unwrap());
        assert_eq!(counted(requested, &[]), Some((2, 2, WindowRule::Requested)));
    }

    #[test]
    fn every_epoch_counts_where_the_default_would_leave_none() {
        for (recorded, drops) in [(&[1][..], &[][..]), (&[1, 2, 3], &[2]), (&[1, 2], &[1])] {
            let window = choose_window(None, recorded, drops, FirstEpoch::LeftOut).unwrap();
            assert_eq!(window.rule, WindowRule::EveryEpoch);
            assert_eq!((window.first, Some(&window.last)), (1, recorded.last()));
        }
    }

    #[test]
    fn a_window_ends_with_the_first_of_the_best_epochs_but_keeps_one() {
        let window = choose_window(None, &[1, 2, 3, 4], &[], FirstEpoch::LeftOut).unwrap();
        let until = |accuracies: &[(u32, f64)]| {
            let window = window.until_best(accuracies)?;
            Some((window.first, window.last))
        };
        assert_eq!(
            until(&[(1, 0.2), (2, 0.5), (3, 0.7), (4, 0.7)]),
            Some((2, 3))
        );
        assert_eq!(until(&[(1, 0.9), (2, 0.5)]), Some((2, 2)));
        assert_eq!(until(&[]), None);
    }

    #[test]
    fn a_requested_window_is_clipped_to_what_was_recorded() {
        assert_eq!(chosen(Some("1..2"), &[1, 2, 3], &[2]), Some((1, 2)));
        assert_eq!(chosen(Some("2.."), &[1, 2, 3], &[]), Some((2, 3)));
        assert_eq!(chosen(Some("..9"), &[1, 2, 3], &[]), Some((1, 3)));
        assert_eq!(chosen(Some("2..2"), &[1, 2, 3], &[]), Some((2, 2)));
        assert_eq!(chosen(Some("0..1"), &[0, 1, 2], &[]), Some((0, 1)));
    }

    #[test]
    fn a_requested_window_without_a_recorded_epoch_is_none() {
        assert_eq!(chosen(Some("4..9"), &[1, 2, 3], &[]), None);
        assert_eq!(chosen(Some("2..3"), &[1, 4], &[]), None);
    }

    #[test]
    fn what_is_no_range_of_epochs_is_refused() {
        for (text, error) in [
            ("5", EpochRangeError::Form),
            ("a..b", EpochRangeError::Form),
            ("2..=5", EpochRangeError::Form),
            ("-1..5", EpochRangeError::Form),
            ("5..2", EpochRangeError::Reversed),
        ] {
            assert_eq!(text.parse::<EpochRange>(), Err(error), "{text}");
        }
        assert_eq!("3..".parse::<EpochRange>().unwrap().to_string(), "3..");
    }
}
