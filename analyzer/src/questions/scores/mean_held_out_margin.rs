//! The mean over the epochs of the margin of the given label in the pass that does not train on the sample: as the AUM,
//! but of a network that cannot know the label by heart.

use crate::questions::scores::score::{Score, Source};

pub(crate) const SCORE: Score = Score {
    name: "mean_held_out_margin",
    title: "Mean held-out margin",
    is_low_for_mislabeled: true,
    is_drawn: false,
    from: Source::HeldOut(|evidence| evidence.mean_margins.as_deref()),
};
