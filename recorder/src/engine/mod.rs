//! What trains: parameters whose first values come from the run's seed, the optimiser, and the state
//! of both between epochs.

pub mod operators;
pub(crate) mod optimiser;
pub(crate) mod parameters;
pub(crate) mod state;
pub(crate) mod threads;

pub use crate::engine::optimiser::adamw::{AdamW, AdamWSettings};
pub use crate::engine::optimiser::settings::OptimiserSettings;
pub use crate::engine::optimiser::sgd::{NesterovSgd, SgdSettings};
pub use crate::engine::optimiser::stepping::Optimiser;
pub use crate::engine::parameters::Parameters;

pub use crate::engine::state::{restore_state, state_to_bytes};
pub use crate::engine::threads::join_pool;
