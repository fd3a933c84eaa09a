//! What held-out probabilities say of the given labels, and what is flagged by them and the AUM together.
//! Nothing of it is in the paper.

pub(crate) mod combined;
pub(crate) mod confident_learning;
pub(crate) mod noise_model;
pub(crate) mod rounding;
pub(crate) mod verdict;
pub(crate) mod weights;
