//! The mean cross-entropy of the given label, in nats.

use crate::questions::scores::over_epochs::{Mean, each_sample};
use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "mean_loss",
    title: "Mean loss",
    is_low_for_mislabeled: false,
    is_drawn: true,
    from: Source::Logits(|row| -row.log_probability(), each_sample::<Mean>),
};
