//! The command line of the analyzer: what it prints and writes for logs with hand-made numbers, and
//! how it refuses what it cannot use: one line on stderr that names the thing, the place, the reason
//! and the way out, and an exit status. A module per topic, in one program, which is linked once.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod aum_table;
mod check;
mod contradictions;
mod evaluate;
mod examples;
mod exit_status;
mod export;
mod golden;
mod held_out;
mod import;
mod inputs;
mod odd_names;
mod origins;
mod other_logs;
mod plots;
mod questions;
mod results;
mod setup;
mod sql;
mod synthetic;
mod true_labels;
mod unreadable;
mod usage;
