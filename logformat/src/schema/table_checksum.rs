//! The checksum of a table of results in Parquet, such as an AUM table, kept in the file's metadata. It is of the names,
//! types and values and not of the bytes, so that a table that another program has written again keeps it or loses it
//! whole. CSV has none: it is there to be edited.

use crc32fast::Hasher;

/// The key of the checksum in the metadata of a file, eight hexadecimal digits.
pub const TABLE_CHECKSUM_KEY: &str = "aum.table_crc32";

/// CRC-32 (the one of zlib) of all columns one after the other, each value with its length or as eight bytes.
#[derive(Default)]
pub struct TableChecksum(Hasher);

impl TableChecksum {
    /// Begins a column of this type: bool, i32, i64, f64, str, or one of lists, such as list\[i64\].
    pub fn column(&mut self, name: &str, type_name: &str) {
        self.0.update(format!("{name} {type_name}\0").as_bytes());
    }

    /// A cell without a value.
    pub fn null(&mut self) {
        self.0.update(b"null");
    }

    /// A cell of booleans.
    pub fn boolean(&mut self, value: bool) {
        self.0.update(&[u8::from(value)]);
    }

    /// A cell of whole numbers.
    pub fn integer(&mut self, value: i64) {
        self.0.update(&value.to_le_bytes());
    }

    /// A cell of floats.
    pub fn float(&mut self, value: f64) {
        self.0.update(&value.to_bits().to_le_bytes());
    }

    /// A cell of texts.
    pub fn text(&mut self, text: &str) {
        self.list(text.len());
        self.0.update(text.as_bytes());
    }

    /// A cell of lists, so many of whose elements follow.
    pub fn list(&mut self, length: usize) {
        self.integer(length as i64);
    }

    /// Eight hexadecimal digits.
    pub fn finish(self) -> String {
        format!("{:08x}", self.0.finalize())
    }
}
