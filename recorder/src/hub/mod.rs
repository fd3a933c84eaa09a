//! Data sets and weights from the hub of Hugging Face: which repository holds which set, its files in the
//! hub's usual cache, and their download, which goes on where an earlier one was cut.
//!
//! The protocol and the cache's layout are those of `huggingface_hub`, so Python programs find what
//! is downloaded here, and the other way round. Files that are in the cache need no network.

pub(crate) mod cache;
pub(crate) mod download;
pub(crate) mod error;
pub(crate) mod fetching;
pub(crate) mod hash;
pub(crate) mod parts;
pub(crate) mod place;
pub(crate) mod repository;
pub(crate) mod requests;
pub(crate) mod transfer;

pub use crate::hub::error::HubError;
pub use crate::hub::fetching::{HubWeights, fetch, fetch_weights};
pub use crate::hub::place::Access;
