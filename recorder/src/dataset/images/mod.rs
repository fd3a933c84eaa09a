//! Images of data sets: where they lie, how they are read and decoded, and what of them is kept.

pub(crate) mod background;
pub(crate) mod baseline_jpeg;
pub(crate) mod content;
pub(crate) mod decoders;
pub(crate) mod decoding;
pub(crate) mod encoded;
pub(crate) mod held;
pub(crate) mod image_set;
pub(crate) mod jpeg;
pub(crate) mod memory;
pub(crate) mod parquet_rows;
pub(crate) mod picture;
pub(crate) mod pixel_file;
pub(crate) mod plain_pixels;
pub(crate) mod random_resized_crop;
pub(crate) mod reading;
pub(crate) mod resampling;
pub(crate) mod source;
pub(crate) mod stats;
pub(crate) mod tar_entries;
pub(crate) mod thumbnail;
pub(crate) mod whole_file;
