//! The log probability of the given label less the largest other one, from the held-out logits of all models beside
//! the log, pooled.

use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "held_out_margin",
    title: "Held-out margin",
    is_low_for_mislabeled: true,
    is_drawn: false,
    from: Source::HeldOut(|evidence| Some(&evidence.margins)),
};
