//! Texts in a CSV file that a spreadsheet would take for a formula and run: they get an apostrophe before
//! them there, which is taken off again where a table is read.

use std::borrow::Cow;

/// What a formula begins with, also after a tab or a line break (OWASP, *CSV Injection*).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a spreadsheet would run it. A number is none.
fn is_formula(text: &str) -> bool {
    text.starts_with(FORMULA) && text.parse::<f64>().is_err()
}

/// The text as a cell of a CSV file.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    // One that begins with apostrophes gets one more, so that taking it off gives it back.
    match is_formula(text.trim_start_matches('\'')) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// The text of such a cell.
pub(crate) fn text(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_get_an_apostrophe_and_numbers_do_not() {
        for formula in ["=1+1", "+cmd", "-x", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        for plain in ["", "cat", "-1", "+2.5", "-1e-3", "7=7", "'tis"] {
            assert_eq!(cell(plain), plain);
        }
    }

    #[test]
    fn every_text_is_read_back_as_it_was() {
        for written in ["=1", "'=1", "''-x", "'tis", "'", "-1", "'-1", "", "a'=b"] {
            assert_eq!(text(&cell(written)), written);
        }
    }
}
