//! Rows as arrow decodes them, which takes every type and encoding that the format allows.

pub(crate) mod columns;
pub(crate) mod decode;
