//! From the order in which samples were taken up to the order of their ids, in which a log has them.
//! Files of our own writer have them in that order already, so that nothing moves.

/// Where each sample stands so far, in the order of the ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    samples: usize,
    /// `None` where each stands in its place.
    places: Option<Vec<u32>>,
}

impl Order {
    /// Of so many samples, each in its place.
    pub(crate) fn as_they_are(samples: usize) -> Self {
        Self {
            samples,
            places: None,
        }
    }

    pub(crate) fn of_places(places: Vec<u32>) -> Self {
        Self {
            samples: places.len(),
            places: Some(places),
        }
    }

    /// The number of samples.
    pub(crate) fn len(&self) -> usize {
        self.samples
    }

    /// The values of the samples in this order; `missing` for those beyond the end of `column`.
    pub(crate) fn of<T: Copy>(&self, mut column: Vec<T>, missing: T) -> Vec<T> {
        column.resize(self.samples, missing);
        match &self.places {
            None => column,
            Some(places) => places.iter().map(|&at| column[at as usize]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_their_samples_and_what_is_missing_is_filled_in() {
        let order = Order::of_places(vec![2, 0, 1, 3]);
        assert_eq!(order.of(vec!['a', 'b', 'c'], '-'), ['c', 'a', 'b', '-']);
        let order = Order::as_they_are(3);
        assert_eq!(order.of(vec!['a', 'b'], '-'), ['a', 'b', '-']);
    }
}
