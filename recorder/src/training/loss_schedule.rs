//! What each epoch of a training minimises.

use crate::engine::operators::losses::Loss;

/// A loss, and how much of the training goes by cross-entropy before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossSchedule {
    loss: Loss,
    begins_after: f64,
}

impl LossSchedule {
    /// Minimises the loss in every epoch.
    pub fn throughout(loss: Loss) -> Self {
        Self {
            loss,
            begins_after: 0.0,
        }
    }

    /// Minimises cross-entropy in the first quarter of the epochs, rounded up, and the loss in those after it (or in the only
    /// one): by losses that doubt what the network does not say, classes are hardly learnt at first, the less so the more there are.
    pub fn after_cross_entropy(loss: Loss) -> Self {
        Self {
            loss,
            begins_after: 0.25,
        }
    }

    /// How many of so many epochs minimise cross-entropy before the loss.
    fn cross_entropy_epochs(self, epochs: usize) -> usize {
        let share = (self.begins_after * epochs as f64).ceil() as usize;
        share.min(epochs.saturating_sub(1))
    }

    /// Such as ", by sce after 3 of cross-entropy" behind a number of epochs; empty for cross-entropy.
    pub(crate) fn in_words(self, epochs: usize) -> String {
        match self.loss {
            Loss::CrossEntropy => String::new(),
            loss => format!(
                ", by {} after {} of cross-entropy",
                loss.name(),
                self.cross_entropy_epochs(epochs)
            ),
        }
    }

    /// What the 1-based `epoch` of so many minimises.
    pub fn at(self, epoch: usize, epochs: usize) -> Loss {
        match epoch > self.cross_entropy_epochs(epochs) {
            true => self.loss,
            false => Loss::CrossEntropy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_comes_after_a_quarter_of_the_epochs() {
        let loss = Loss::BootstrapSoft(0.95);
        let schedule = LossSchedule::after_cross_entropy(loss);
        for (epochs, first) in [(1, 1), (2, 2), (3, 2), (4, 2), (8, 3), (10, 4), (12, 4)] {
            let found = (1..=epochs).find(|&epoch| schedule.at(epoch, epochs) == loss);
            assert_eq!(found, Some(first), "of {epochs} epochs");
        }
        assert_eq!(LossSchedule::throughout(loss).at(1, 12), loss);
        assert_eq!(
            schedule.in_words(12),
            ", by bootstrap-soft after 3 of cross-entropy"
        );
    }
}
