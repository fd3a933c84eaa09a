//! The margin in the last epoch of the window.

use crate::questions::scores::over_epochs::{OverEpochs, each_sample};
use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "last_margin",
    title: "Last margin",
    is_low_for_mislabeled: true,
    is_drawn: true,
    from: Source::Margins(each_sample::<LastMargin>),
};

#[derive(Debug, Clone, Default)]
struct LastMargin(f64);

impl OverEpochs for LastMargin {
    fn add(&mut self, margin: f64) {
        self.0 = margin;
    }

    fn value(&self) -> f64 {
        self.0
    }
}
