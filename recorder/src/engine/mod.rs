//! What trains: parameters whose first values come from the run's seed, the optimiser, and the state
//! of both between epochs.

pub mod operators;
mod parameters;
mod sgd;
mod state;

pub use parameters::Parameters;
pub use sgd::{NesterovSgd, SgdSettings};
pub use state::{restore_state, state_to_bytes};
