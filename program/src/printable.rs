//! Text from files as a terminal may be given it: names can hold line breaks, codes that it would obey, and
//! marks that turn what follows around, so that a name reads as another.

/// The text with such characters written out: `\n`, `\u{1b}`, `\u{202e}`.
pub fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        c if c.is_control() || is_mark_without_width(c) => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// Direction marks, embeddings, overrides and isolates (Unicode Standard Annex 9), separators of lines,
/// and what shows nothing at all. Joiners are left: words of several scripts need them.
fn is_mark_without_width(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_line_breaks_and_marks_that_turn_text_around_are_written_out() {
        assert_eq!(printable("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(
            printable("dog\u{202e}tac\u{2066}"),
            "dog\\u{202e}tac\\u{2066}"
        );
        for text in ["größe=3", "猫", "शक्‍ति", "👩‍🚀", "e\u{301}"] {
            assert_eq!(printable(text), text);
        }
    }
}
