//! Words as a shell takes them, for commands that are told and pasted.

/// A word of a command, in quotation marks where a shell would make something else of it.
pub fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=,:".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell_where_they_must() {
        assert_eq!(quoted("logs/a.parquet"), "logs/a.parquet");
        assert_eq!(quoted("logs/*.parquet"), "'logs/*.parquet'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
