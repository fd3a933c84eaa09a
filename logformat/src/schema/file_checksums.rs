//! What is checksummed of a file of the log, besides all of it.

use std::collections::BTreeMap;

/// Of files up to this size the checksum of the whole file is compared, of larger ones those of what is
/// read: a log with margins and logits is read without its logits, a few percent of it.
pub const SMALL_FILE_BYTES: u64 = 1 << 20;

/// The CRC-32 of column chunks, by the path of their column and the number of their row group.
pub type ChunkChecksums = BTreeMap<(String, usize), u32>;
