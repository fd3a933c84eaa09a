//! What a hub, a file or another program does to the recorder that it should not: each ends in one line,
//! and nothing outside the recorder's own folders is touched.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod checkpoints;
mod file_memory;
mod hub;
mod inputs;
mod memory;
#[path = "../program.rs"]
mod program;
mod resume;
mod runs;
mod signals;
mod two_writers;
