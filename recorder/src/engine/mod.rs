//! What trains: parameters whose first values come from the run's seed, the optimiser, and the state
//! of both between epochs.

pub mod operators;
mod optimiser;
mod parameters;
mod state;
mod threads;

pub use optimiser::{AdamW, AdamWSettings, NesterovSgd, Optimiser, OptimiserSettings, SgdSettings};
pub use parameters::Parameters;

pub use state::{restore_state, state_to_bytes};
pub use threads::join_pool;
