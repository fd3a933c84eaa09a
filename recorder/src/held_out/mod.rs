//! What two models in closed form say of samples that they were not trained on: the shrunk discriminant and
//! the neighbours' vote. They need features but no training, and err elsewhere than a network that
//! has memorised its labels. Each gives log probabilities of the classes
//! for the given labels; none of them learns of threshold samples.

pub(crate) mod cholesky;
pub(crate) mod discriminant;
pub(crate) mod features;
pub(crate) mod folds;
pub(crate) mod log_probabilities;
pub(crate) mod neighbours;
pub(crate) mod shrinkage;
