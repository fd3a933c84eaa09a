//! The AUM, the mean margin: Pleiss et al., NeurIPS 2020.

use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "aum",
    title: "AUM",
    is_low_for_mislabeled: true,
    is_drawn: false,
    from: Source::Aums,
};
