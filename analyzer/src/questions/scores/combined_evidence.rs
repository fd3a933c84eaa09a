//! AUM and held-out evidence together, 0 to 1: what `--rule combined` ranks by.

use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "combined",
    title: "Combined",
    is_low_for_mislabeled: false,
    is_drawn: false,
    from: Source::HeldOut(|evidence| Some(&evidence.combined.suspicions)),
};
