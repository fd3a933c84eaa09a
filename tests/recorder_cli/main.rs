//! The command line of the recorder: what a run leaves behind, that equal seeds leave equal bytes, and how
//! it refuses what cannot be: one line on stderr and an exit status. A module per topic, in one program,
//! which is linked once.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod bad_data;
mod data;
mod decisions;
mod embed;
mod exit_status;
mod features;
mod folds;
mod given_labels;
mod hub;
mod image_cases;
mod images;
mod losses;
mod noise;
mod own_ids;
mod own_labels;
mod own_tables;
mod resume;
mod run;
mod setup;
mod short_runs;
mod train;
mod tuning;
mod usage;
