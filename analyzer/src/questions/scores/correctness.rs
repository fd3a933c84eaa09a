//! The share of the epochs in which the given label has the largest logit, 0 to 1: Swayamdipta et al.,
//! *Dataset Cartography*, EMNLP 2020.

use crate::questions::scores::over_epochs::{Mean, OverEpochs, each_sample};
use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "correctness",
    title: "Correctness",
    is_low_for_mislabeled: true,
    is_drawn: true,
    from: Source::Margins(each_sample::<Correctness>),
};

#[derive(Debug, Clone, Default)]
struct Correctness(Mean);

impl OverEpochs for Correctness {
    fn add(&mut self, margin: f64) {
        self.0.add(if margin > 0.0 { 1.0 } else { 0.0 });
    }

    fn value(&self) -> f64 {
        self.0.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_right_where_its_margin_is_positive() {
        let mut right = Correctness::default();
        for margin in [-1.0, 2.0, 0.0, 0.5] {
            right.add(margin);
        }
        assert_eq!(right.value(), 0.5);
    }
}
