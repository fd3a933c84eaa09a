//! Compressions of Parquet that this program was built without: what they hold is not known, so a file of them is
//! not damaged.

/// What is wrong, where it is a compression that this program was built without.
pub(crate) fn compression_not_read(error: &str) -> Option<String> {
    let (_, name) = error.split_once("Disabled feature at compile time: ")?;
    let name = name.split(|c: char| !c.is_alphanumeric()).next()?;
    Some(format!(
        "it is compressed by {name}, which is not read; write it with zstd, snappy or no compression"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compression_that_is_not_built_in_is_named_with_those_that_are() {
        let error =
            "Parquet argument error: Parquet error: Disabled feature at compile time: brotli";
        let expected = "it is compressed by brotli, which is not read; write it with zstd, snappy or no compression";
        assert_eq!(compression_not_read(error).as_deref(), Some(expected));
        assert_eq!(compression_not_read("Parquet error: EOF"), None);
    }
}
