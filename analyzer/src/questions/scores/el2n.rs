//! The mean distance between the probabilities and the given label as a vector of 0 and one 1, 0 to √2: Paul
//! et al., NeurIPS 2021 (there at one early epoch, over several networks).

use crate::questions::scores::over_epochs::{Mean, each_sample};
use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "el2n",
    title: "EL2N",
    is_low_for_mislabeled: false,
    is_drawn: true,
    from: Source::Logits(|row| row.error_norm(), each_sample::<Mean>),
};
