//! Images as people have them, of kinds that other tools read as something else in silence: each is read
//! for what it is, or refused in one line. Which formats and places each kind was tried in stands in
//! `README.md`.

mod arrays;
mod decoding;
mod folders;
mod lists;
pub(crate) mod place;
mod shards;
mod tables;
