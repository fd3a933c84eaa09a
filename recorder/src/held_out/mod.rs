//! What three models say of samples that they were not trained on: the shrunk discriminant, the neighbours' vote and,
//! of tables, randomised trees. They need features but no network, and err elsewhere than one that has memorised its
//! labels. Each gives log probabilities of the classes for the given labels; none of them learns of threshold samples.

pub(crate) mod cholesky;
pub(crate) mod discriminant;
pub(crate) mod features;
pub(crate) mod log_probabilities;
pub(crate) mod neighbours;
pub(crate) mod shrinkage;
pub(crate) mod size;
pub(crate) mod tree;
pub(crate) mod trees;
