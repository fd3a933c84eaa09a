//! Where the samples of some rows stand in the index of their run. Most stand in a row: then their
//! columns are copied rather than put in their places one by one.

use std::ops::Range;
use std::sync::Arc;

/// The position of the sample of each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Positions {
    /// One after the other.
    InARow(Range<u32>),
    Scattered(Arc<Vec<u32>>),
}

impl Positions {
    pub(crate) fn new(samples: Vec<u32>) -> Self {
        let mut pairs = samples.iter().zip(samples.iter().skip(1));
        match (samples.first(), samples.last()) {
            (Some(&first), Some(&last))
                if pairs.all(|(&one, &next)| next == one.wrapping_add(1)) =>
            {
                Self::InARow(first..last.wrapping_add(1))
            }
            _ => Self::Scattered(Arc::new(samples)),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        let (in_a_row, scattered) = match self {
            Self::InARow(positions) => (positions.clone(), &[][..]),
            Self::Scattered(positions) => (0..0, &positions[..]),
        };
        in_a_row.chain(scattered.iter().copied())
    }

    /// Whether they are in a row from `first` on.
    pub(crate) fn are_in_a_row_from(&self, first: usize) -> bool {
        match self {
            Self::InARow(positions) => positions.start as usize == first,
            Self::Scattered(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_in_a_row_are_noticed() {
        let of = |samples: &[u32]| Positions::new(samples.to_vec());
        assert_eq!(of(&[4, 5, 6]), Positions::InARow(4..7));
        assert!(of(&[4, 5, 6]).are_in_a_row_from(4));
        assert!(!of(&[4, 5, 6]).are_in_a_row_from(5));
        assert!(of(&[4]).are_in_a_row_from(4));
        assert!(!of(&[4, 6]).are_in_a_row_from(4));
        assert!(!of(&[5, 4]).are_in_a_row_from(5));
        assert!(!of(&[]).are_in_a_row_from(0));
        for samples in [&[4, 5, 6][..], &[6, 4], &[]] {
            assert_eq!(of(samples).iter().collect::<Vec<_>>(), samples);
        }
    }
}
