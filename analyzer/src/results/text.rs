//! How single values and columns of them look in a text for people.

use comfy_table::{CellAlignment, Table, presets};
pub(crate) use program::printable;

/// What stands for a value that is not defined or not known.
pub(crate) const NONE: &str = "–";
pub(crate) const INDENT: &str = "  ";

pub(crate) fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// Aligned and indented; the columns `right` to the right.
pub(crate) fn columns(rows: &[Vec<String>], right: &[usize]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.add_rows(rows);
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if right.contains(&number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.lines();
    lines
        .map(|line| format!("{INDENT}{}\n", line.trim_end()))
        .collect()
}

/// More characters of a name would push the columns behind it off the screen.
const LONGEST_NAME: usize = 64;

/// The name of a sample or a class in a table for people: in one line, a long one without its middle, and one
/// of nothing but white space in quotation marks.
pub(crate) fn name(text: &str) -> String {
    if text.trim().is_empty() {
        return format!("{text:?}");
    }
    let text = printable(text);
    let length = text.chars().count();
    if length <= LONGEST_NAME {
        return text;
    }
    let end = LONGEST_NAME / 2 - 1;
    let start: String = text.chars().take(LONGEST_NAME - end - 1).collect();
    let end: String = text.chars().skip(length - end).collect();
    format!("{start}…{end}")
}

/// 1437 as `1,437`.
pub(crate) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An AUM, in logit units.
pub(crate) fn number(value: Option<f64>) -> String {
    match value {
        None => NONE.to_owned(),
        // Three decimals would leave little or nothing of it.
        Some(value) if value != 0.0 && value.abs() < 0.01 => format!("{value:.1e}"),
        Some(value) => format!("{value:.3}"),
    }
}

pub(crate) fn ratio(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.3}"))
}

pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(
        || NONE.to_owned(),
        |share| format!("{:.1} %", 100.0 * share),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_lacks_its_middle_and_an_empty_one_is_seen() {
        assert_eq!(name("images/ä.png"), "images/ä.png");
        let long = format!("{}{}", "a".repeat(40), "b".repeat(260));
        let expected = format!("{}…{}", "a".repeat(32), "b".repeat(31));
        assert_eq!(name(&long), expected);
        assert_eq!(name(&"é".repeat(64)), "é".repeat(64));
        assert_eq!(
            (name(""), name(" ")),
            ("\"\"".to_owned(), "\" \"".to_owned())
        );
    }

    #[test]
    fn digits_are_grouped_by_three() {
        let texts = [7, 999, 1000, 60_000, 1_234_567].map(grouped);
        assert_eq!(texts, ["7", "999", "1,000", "60,000", "1,234,567"]);
    }

    #[test]
    fn small_aums_keep_two_digits_and_undefined_ones_are_a_dash() {
        let texts = [Some(-1.0 / 3.0), Some(-0.0004), Some(0.0), None].map(number);
        assert_eq!(texts, ["-0.333", "-4.0e-4", "0.000", "–"]);
    }
}
