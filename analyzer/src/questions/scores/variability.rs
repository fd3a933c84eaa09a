//! The standard deviation of the given label's probability over the epochs, 0 to 0.5: Swayamdipta et al.
//! 2020. Mislabeled samples lie where it is low and confidence is low too; clean easy ones have a low one as
//! well, so that alone it is a weak sign.

use crate::questions::scores::over_epochs::{Moments, OverEpochs, each_sample};
use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "variability",
    title: "Variability",
    is_low_for_mislabeled: true,
    is_drawn: false,
    from: Source::Logits(
        |row| row.log_probability().exp(),
        each_sample::<Variability>,
    ),
};

#[derive(Debug, Clone, Default)]
struct Variability(Moments);

impl OverEpochs for Variability {
    fn add(&mut self, probability: f64) {
        self.0.add(probability);
    }

    fn value(&self) -> f64 {
        self.0.deviation()
    }
}
