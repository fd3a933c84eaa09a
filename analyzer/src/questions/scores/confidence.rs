//! The mean probability of the given label, 0 to 1: Swayamdipta et al. 2020.

use crate::questions::scores::over_epochs::{Moments, each_sample};
use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "confidence",
    title: "Confidence",
    is_low_for_mislabeled: true,
    is_drawn: true,
    from: Source::Logits(|row| row.log_probability().exp(), each_sample::<Moments>),
};
