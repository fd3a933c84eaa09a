//! Results on stdout: as they are for another program, and without what a terminal would obey for one.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use crate::printable::printable;

/// Writes a result to stdout, all of it.
///
/// # Errors
/// Where stdout cannot be written to.
pub fn print(result: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.is_terminal() {
        true => stdout.write_all(&for_terminal(result))?,
        false => stdout.write_all(result)?,
    }
    stdout.flush()
}

/// A text line by line with what a terminal would obey written out; what is no text stays.
fn for_terminal(result: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = str::from_utf8(result) else {
        return result.into();
    };
    let line = |line: &str| {
        line.split('\t')
            .map(printable)
            .collect::<Vec<_>>()
            .join("\t")
    };
    let lines: Vec<String> = text.split('\n').map(line).collect();
    lines.join("\n").into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_lines_and_tabs_and_nothing_else_that_it_obeys() {
        let table = "id\tname\n1\tdog\u{202e}tac\u{1b}[31m\n";
        let shown = "id\tname\n1\tdog\\u{202e}tac\\u{1b}[31m\n";
        assert_eq!(*for_terminal(table.as_bytes()), *shown.as_bytes());
        let png = b"\x89PNG\r\n\x1a\n";
        assert_eq!(*for_terminal(png), *png);
    }
}
