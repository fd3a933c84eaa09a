//! Files that hold samples: IDX, Parquet, compressed or not, in parts or whole.

pub(crate) mod classes;
pub(crate) mod compression;
pub(crate) mod embedding_table;
pub(crate) mod finding;
pub(crate) mod idx;
pub(crate) mod joined_names;
pub(crate) mod label_column;
pub(crate) mod label_texts;
pub(crate) mod npy_file;
pub(crate) mod parquet_file;
pub(crate) mod part_names;
pub(crate) mod parts;
pub(crate) mod room;
pub(crate) mod shard_names;
pub(crate) mod shard_pattern;
pub(crate) mod text_table;
pub(crate) mod unlabelled;
pub(crate) mod versions;
