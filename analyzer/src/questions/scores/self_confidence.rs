//! The probability of the given label, 0 to 1, from the held-out logits of all models beside the log, pooled:
//! Northcutt, Jiang and Chuang, JAIR 2021.

use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "self_confidence",
    title: "Self-confidence",
    is_low_for_mislabeled: true,
    is_drawn: false,
    from: Source::HeldOut(|evidence| Some(&evidence.self_confidence)),
};
