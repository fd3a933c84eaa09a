//! Which character separates the cells of a table of text, told by the line that names its columns.

/// The separators that are looked for, the first of equally frequent ones, and how they are called: spreadsheets write
/// semicolons where the comma is decimal.
pub const SEPARATORS: [(u8, &str); 4] = [
    (b',', "commas"),
    (b';', "semicolons"),
    (b'\t', "tabs"),
    (b'|', "bars"),
];

/// The one that stands most often in the first line of a text that begins so, outside quotes; the comma where there is
/// none.
pub fn separator_of(beginning: &[u8]) -> u8 {
    let mut counts = [0; SEPARATORS.len()];
    let mut is_quoted = false;
    for &byte in beginning {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                let separator = SEPARATORS
                    .iter()
                    .position(|(separator, _)| *separator == byte);
                if let Some(separator) = separator {
                    counts[separator] += 1;
                }
            }
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let first = counts.iter().position(|&count| count == most).unwrap_or(0);
    SEPARATORS[first].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_outside_quotes_separates_and_else_the_comma() {
        for (line, separator) in [
            ("a,b;c,d\n;;;;", b','),
            ("\"a,b,c\";d", b';'),
            ("a\tb|c\td", b'\t'),
            ("a|b", b'|'),
            ("a", b','),
            ("", b','),
        ] {
            assert_eq!(separator_of(line.as_bytes()), separator, "{line:?}");
        }
    }
}
