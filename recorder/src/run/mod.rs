//! A run from its settings to its log: passes, checkpoints, going on after an interruption, and what is told
//! on the way.

pub(crate) mod backbone_progress;
pub mod checkpoints;
pub(crate) mod description;
pub(crate) mod forecast;
pub(crate) mod held_out;
pub(crate) mod held_out_epochs;
pub(crate) mod passes;
pub mod progress;
pub mod recording;
pub mod resume;
pub mod sample_table;
pub(crate) mod seal;
pub mod settings;
pub(crate) mod short_runs;
pub mod step_time;
