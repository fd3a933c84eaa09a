//! What trains: parameters whose first values come from the run's seed, and the optimiser.

pub mod operators;
mod parameters;
mod sgd;

pub use parameters::Parameters;
pub use sgd::{NesterovSgd, SgdSettings};
