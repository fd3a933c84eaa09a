//! Rows as they lie in the pages of a file, which is several times faster than arrow and takes the types
//! that this crate writes.

pub(crate) mod chunk_checksums;
pub(crate) mod flat_column;
pub(crate) mod group_bytes;
pub(crate) mod group_columns;
pub(crate) mod list_levels;
pub(crate) mod logit_pages;
pub(crate) mod one_value;
pub(crate) mod row_groups;
pub(crate) mod shared_columns;
pub(crate) mod unread_groups;
