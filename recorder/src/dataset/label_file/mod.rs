//! Labels from a file: what people or another model say about the training samples, one label a
//! sample in the order of the training set, and beside it what is known to be right, or to be wrong.
//!
//! Parquet and CSV files have named columns; an NPY file is one column. A label is a whole number of
//! any width, the index of the class, or the name of the class.

pub(crate) mod cells;
pub(crate) mod classes;
pub(crate) mod columns;
pub(crate) mod csv;
pub(crate) mod decisions;
pub(crate) mod file;
pub(crate) mod keys;
pub(crate) mod marks;
pub(crate) mod npy;
pub(crate) mod parquet;
mod table_checksum;
#[cfg(test)]
mod tests;
