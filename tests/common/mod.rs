//! What tests of several packages need alike, said once: what a program printed and how it refused,
//! the exit status of each fault, files as others write them, a server on this machine, and what Cargo builds a package from.

pub mod cargo_tree;
pub mod faults;
pub mod http;
pub mod numpy;
pub mod parquet_file;
pub mod program;
