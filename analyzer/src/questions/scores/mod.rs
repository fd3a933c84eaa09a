//! The statistics that others use to find mislabeled samples, from the same logs as the AUM: what
//! each is, and in which direction it signals a mislabeled sample. Each is a file and a line of [`SCORES`].
//!
//! All are taken over the epochs of the window, in each pass that judges the sample (where it is
//! ordinary), and averaged over these passes, as the AUM is. Probabilities are the softmax over all
//! outputs, the extra class of the threshold samples included, because that is what the network is
//! trained with and what the margin is taken over. Sums are f64, added up in the order of the epochs.

pub(crate) mod aum;
pub(crate) mod combined;
pub(crate) mod combined_evidence;
pub(crate) mod confidence;
pub(crate) mod correctness;
pub(crate) mod el2n;
pub(crate) mod forgetting_events;
pub(crate) mod from_logits;
pub(crate) mod held_out_margin;
pub(crate) mod last_margin;
pub(crate) mod logit_row;
pub(crate) mod mean_held_out_margin;
pub(crate) mod mean_loss;
pub(crate) mod over_epochs;
pub(crate) mod report;
pub(crate) mod score;
pub(crate) mod self_confidence;
pub(crate) mod variability;

use crate::questions::scores::score::Score;

/// All of them, the AUM first; tables and plots have them in this order.
pub const SCORES: &[Score] = &[
    aum::SCORE,
    last_margin::SCORE,
    correctness::SCORE,
    forgetting_events::SCORE,
    confidence::SCORE,
    variability::SCORE,
    el2n::SCORE,
    mean_loss::SCORE,
    held_out_margin::SCORE,
    mean_held_out_margin::SCORE,
    self_confidence::SCORE,
    combined_evidence::SCORE,
];
