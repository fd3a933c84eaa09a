//! The contract of `FORMAT.md`: what the writer really puts into a file, and what the reader makes
//! of files that others wrote. (What the analyzer refuses as a program is in `analyzer_cli/`.)
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

#[path = "../damage.rs"]
mod damage;
mod damaged_files;
mod encodings;
mod logs;
mod nothing_lost;
mod other_writers;
mod ranks;
mod read_back;
mod refusals;
mod run_record;
