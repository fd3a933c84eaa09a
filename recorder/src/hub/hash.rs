//! Which texts of a hub may become names of files: hashes, and nothing that leads elsewhere.

/// Longer than any hash in hexadecimal digits (SHA-512 has 128).
const LONGEST: usize = 128;

/// The text, where it is letters, digits and dashes alone: no path has that shape but a plain name.
pub(crate) fn plain_hash(text: &str) -> Option<&str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    ((1..=LONGEST).contains(&text.len()) && text.chars().all(is_plain)).then_some(text)
}

/// The hash in an `ETag` header: `"0a1b"`, or `W/"0a1b"` of a proxy that compresses.
pub(crate) fn hash_of_etag(etag: &str) -> Option<&str> {
    plain_hash(etag.trim_start_matches("W/").trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_name_is_a_hash() {
        let commit = "77f3279092a1c1579b2250db8eafed0ad422088c";
        assert_eq!(plain_hash(commit), Some(commit));
        let long = "a".repeat(129);
        for text in [
            "",
            "..",
            "../..",
            "/etc/passwd",
            "a/b",
            "a.b",
            "a\\b",
            "a\0",
            &long,
        ] {
            assert_eq!(plain_hash(text), None, "{text}");
        }
        assert_eq!(hash_of_etag("W/\"0a1b\""), Some("0a1b"));
        assert_eq!(hash_of_etag("\"/some/file\""), None);
    }
}
