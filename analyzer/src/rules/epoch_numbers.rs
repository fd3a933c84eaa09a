//! How the epochs of a run are numbered, as far as its numbers tell: one by one, by a step (as where a
//! training counts its steps), or anyhow, so that no gap can be told from what was never recorded.

/// The numbers that a run's epochs should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EpochNumbers {
    /// `first`, and every `step`-th after it.
    Counted { first: u32, step: u32 },
    /// Any that increase.
    Anyhow,
}

impl EpochNumbers {
    /// Those of a run with the `recorded` epochs (ascending): such that fewer are missing than there are,
    /// one by one from 1 (or 0) if that is so.
    pub(crate) fn of(recorded: &[u32]) -> Self {
        let Some(&first) = recorded.first() else {
            return Self::Anyhow;
        };
        let differences = recorded.iter().zip(&recorded[1..]);
        let step = differences.fold(0, |step, (one, next)| common_divisor(step, next - one));
        let candidates = [(first.min(1), 1), (first, step.max(1))];
        let candidates = candidates.map(|(first, step)| Self::Counted { first, step });
        let has_few_gaps = |numbers: &Self| match numbers.missing(recorded) {
            Some((missing, _)) => missing < recorded.len(),
            None => true,
        };
        let found = candidates.into_iter().find(has_few_gaps);
        found.unwrap_or(Self::Anyhow)
    }

    /// Whether they are those of a run that counts its epochs.
    pub(crate) fn are_one_by_one(self) -> bool {
        matches!(
            self,
            Self::Counted {
                first: 0 | 1,
                step: 1
            }
        )
    }

    /// How many there should be from one of them to another.
    pub(crate) fn count_between(self, one: u32, other: u32) -> Option<usize> {
        match self {
            Self::Counted { step, .. } => Some(((other - one) / step) as usize + 1),
            Self::Anyhow => None,
        }
    }

    /// How many are missing up to the last of the `found` ones (ascending), and the first of them.
    pub(crate) fn missing(self, found: &[u32]) -> Option<(usize, u32)> {
        let Self::Counted { first, step } = self else {
            return None;
        };
        let count = self.count_between(first, *found.last()?)? - found.len();
        let mut expected = (first..).step_by(step as usize).zip(found);
        let (missing, _) = expected.find(|(expected, found)| expected != *found)?;
        Some((count, missing))
    }
}

fn common_divisor(one: u32, other: u32) -> u32 {
    match one {
        0 => other,
        _ => common_divisor(other % one, one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_count_from_0_or_1_by_steps_or_anyhow() {
        let counted = |first, step| EpochNumbers::Counted { first, step };
        for (recorded, expected) in [
            (&[1, 2, 3][..], counted(1, 1)),
            (&[0, 1, 2], counted(0, 1)),
            (&[2, 3, 5], counted(1, 1)),
            (&[70, 71, 72], counted(70, 1)),
            (&[391, 782, 1173], counted(391, 391)),
            (&[391, 1173, 1564], counted(391, 391)),
            (&[3, 1000, 1013], EpochNumbers::Anyhow),
            (&[], EpochNumbers::Anyhow),
        ] {
            assert_eq!(EpochNumbers::of(recorded), expected, "{recorded:?}");
        }
    }

    #[test]
    fn gaps_are_counted_by_the_step() {
        let missing = |recorded: &[u32]| EpochNumbers::of(recorded).missing(recorded);
        assert_eq!(missing(&[1, 2, 3]), None);
        assert_eq!(missing(&[1, 3, 5]), Some((2, 2)));
        assert_eq!(missing(&[2, 3, 4]), Some((1, 1)));
        assert_eq!(missing(&[391, 1173, 1564]), Some((1, 782)));
        assert_eq!(missing(&[3, 1000, 1013]), None);
        let steps = EpochNumbers::of(&[391, 782, 1173]);
        assert_eq!(steps.count_between(782, 1173), Some(2));
    }
}
