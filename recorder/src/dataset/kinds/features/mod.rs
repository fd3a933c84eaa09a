//! Vectors instead of images: features that somebody measured, or embeddings from another network. They
//! are in Parquet files (a column of lists, or many columns), CSV files or NPY arrays, also in NPZ archives; their labels
//! in the same file, in an array beside it, or in the file of `--labels`.

pub(crate) mod columns;
pub(crate) mod csv_file;
pub(crate) mod feature_file;
pub(crate) mod labels_again;
pub(crate) mod npy;
pub(crate) mod numbers;
pub(crate) mod parquet_table;
pub(crate) mod part;
pub(crate) mod row_numbers;
#[cfg(test)]
mod tests;
pub(crate) mod whole_set;
