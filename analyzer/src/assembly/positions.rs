//! Where the samples of some rows stand in the index of their run, and whether they stand in a row:
//! then their margins are copied rather than put in their places one by one.

use std::sync::Arc;

/// The position of the sample of each row.
#[derive(Debug, Clone)]
pub(super) struct Positions {
    samples: Arc<Vec<u32>>,
    is_consecutive: bool,
}

impl Positions {
    pub(super) fn new(samples: Vec<u32>) -> Self {
        let mut pairs = samples.iter().zip(samples.iter().skip(1));
        Self {
            is_consecutive: pairs.all(|(&one, &next)| next == one.wrapping_add(1)),
            samples: Arc::new(samples),
        }
    }

    pub(super) fn as_slice(&self) -> &[u32] {
        &self.samples
    }

    /// The first position, where each is one after the one before.
    pub(super) fn consecutive_from(&self) -> Option<usize> {
        let first = self.samples.first().filter(|_| self.is_consecutive);
        first.map(|&first| first as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_in_a_row_are_noticed() {
        let from = |samples: &[u32]| Positions::new(samples.to_vec()).consecutive_from();
        assert_eq!(from(&[4, 5, 6]), Some(4));
        assert_eq!(from(&[4]), Some(4));
        assert_eq!(from(&[4, 6]), None);
        assert_eq!(from(&[5, 4]), None);
        assert_eq!(from(&[]), None);
    }
}
