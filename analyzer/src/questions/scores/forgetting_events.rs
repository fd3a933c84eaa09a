//! How many times a sample goes from right in one epoch to wrong in the next; one that is never right counts
//! as forgotten in every epoch: Toneva et al., ICLR 2019.

use crate::questions::scores::over_epochs::{OverEpochs, each_sample};
use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "forgetting_events",
    title: "Forgetting events",
    is_low_for_mislabeled: false,
    is_drawn: true,
    from: Source::Margins(each_sample::<Forgetting>),
};

#[derive(Debug, Clone, Default)]
struct Forgetting {
    epochs: u32,
    forgotten: u32,
    was_ever_right: bool,
    was_right: bool,
}

impl OverEpochs for Forgetting {
    fn add(&mut self, margin: f64) {
        let is_right = margin > 0.0;
        self.epochs += 1;
        self.forgotten += u32::from(self.was_right && !is_right);
        self.was_ever_right |= is_right;
        self.was_right = is_right;
    }

    fn value(&self) -> f64 {
        let forgotten = if self.was_ever_right {
            self.forgotten
        } else {
            self.epochs
        };
        forgotten.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forgotten(margins: &[f64]) -> f64 {
        let mut forgetting = Forgetting::default();
        margins.iter().for_each(|&margin| forgetting.add(margin));
        forgetting.value()
    }

    #[test]
    fn a_sample_is_forgotten_where_it_goes_from_right_to_wrong() {
        assert_eq!(forgotten(&[-1.0, 2.0, -1.0, -2.0, 1.0, 0.0, 3.0, 0.5]), 2.0);
        assert_eq!(forgotten(&[1.0, 2.0, 1.0]), 0.0);
    }

    #[test]
    fn a_sample_that_is_never_right_is_forgotten_in_every_epoch() {
        assert_eq!(forgotten(&[-1.0, 0.0, -1.0]), 3.0);
    }
}
