//! What the cells of a column mean: class indices, or names of classes.

use std::collections::{BTreeMap, BTreeSet};

use crate::dataset::label_file::cells::Cell;

/// So many class names are told in an error; the rest is counted.
const NAMES_IN_ERRORS: usize = 12;

/// The class of each cell, or the first row (from 0) that has none, with the reason.
pub(crate) fn from_cells(
    cells: &[Cell],
    class_names: &[String],
) -> Result<Vec<u32>, (usize, String)> {
    let by_name: BTreeMap<&str, u32> = class_names.iter().map(String::as_str).zip(0..).collect();
    let texts = || {
        cells.iter().filter_map(|cell| match cell {
            Cell::Text(text) => Some(text.as_str()),
            _ => None,
        })
    };
    let is_name = |text: &str| by_name.contains_key(text);
    let is_number = |text: &str| text.parse::<i128>().is_ok();
    // One meaning for the whole column: where classes are called "1", "2", "10", a text is a name
    // as long as all texts are.
    let are_names = texts().all(is_name) || (texts().any(is_name) && !texts().all(is_number));
    let class = |cell: &Cell| match cell {
        Cell::Integer(number) => index(*number, class_names.len()),
        Cell::Text(text) if are_names => by_name
            .get(text.as_str())
            .copied()
            .ok_or_else(|| unknown_name(text, class_names)),
        Cell::Text(text) => {
            let number = text.parse().map_err(|_| unknown_name(text, class_names))?;
            index(number, class_names.len())
        }
        Cell::Null => Err("there is no label; every training sample needs one".to_owned()),
    };
    cells
        .iter()
        .enumerate()
        .map(|(row, cell)| class(cell).map_err(|reason| (row, reason)))
        .collect()
}

/// Beyond this, a number is no class index, and is refused once classes are known.
const MOST_CLASSES: i128 = 100_000;

/// The names of the classes that these cells tell.
pub(crate) fn names(cells: &[Cell]) -> Vec<String> {
    let number = |cell: &Cell| match cell {
        Cell::Integer(number) => Some(*number),
        Cell::Text(text) => text.parse().ok(),
        Cell::Null => None,
    };
    let is_number = |cell: &Cell| matches!(cell, Cell::Null) || number(cell).is_some();
    if cells.iter().all(is_number) {
        let most = cells.iter().filter_map(number).max().unwrap_or(-1);
        return (0..=most.min(MOST_CLASSES - 1))
            .map(|class| class.to_string())
            .collect();
    }
    let texts = cells.iter().filter_map(|cell| match cell {
        Cell::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let sorted: BTreeSet<&str> = texts.collect();
    sorted.into_iter().map(str::to_owned).collect()
}

fn index(number: i128, class_count: usize) -> Result<u32, String> {
    u32::try_from(number)
        .ok()
        .filter(|&class| (class as usize) < class_count)
        .ok_or_else(|| {
            format!(
                "the label is {number}, but the classes are 0 to {}",
                class_count.saturating_sub(1)
            )
        })
}

fn unknown_name(text: &str, class_names: &[String]) -> String {
    let told: Vec<&str> = class_names
        .iter()
        .take(NAMES_IN_ERRORS)
        .map(String::as_str)
        .collect();
    let rest = match class_names.len() - told.len() {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    format!(
        "the label {text:?} is neither the name of a class nor a whole number; the classes are {}{rest}",
        told.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(texts: &[&str], names: &[&str]) -> Result<Vec<u32>, (usize, String)> {
        let cells: Vec<Cell> = texts
            .iter()
            .map(|text| Cell::Text((*text).to_owned()))
            .collect();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        from_cells(&cells, &names)
    }

    #[test]
    fn texts_are_names_where_all_of_them_are_and_else_numbers() {
        assert_eq!(classes(&["dog", "cat"], &["cat", "dog"]), Ok(vec![1, 0]));
        assert_eq!(classes(&["1", "0"], &["cat", "dog"]), Ok(vec![1, 0]));
        assert_eq!(classes(&["10", "2"], &["1", "10", "2"]), Ok(vec![1, 2]));
        assert_eq!(classes(&["0", "2"], &["1", "10", "2"]), Ok(vec![0, 2]));
    }

    #[test]
    fn the_first_row_without_a_class_is_named() {
        let (row, reason) = classes(&["cat", "dgo", "x"], &["cat", "dog"]).unwrap_err();
        assert_eq!(row, 1);
        assert!(reason.contains("\"dgo\" is neither"), "{reason}");
        assert!(reason.ends_with("the classes are cat, dog"), "{reason}");
        let (row, reason) = classes(&["1", "2"], &["cat", "dog"]).unwrap_err();
        assert_eq!(
            (row, reason.as_str()),
            (1, "the label is 2, but the classes are 0 to 1")
        );
        let names: Vec<String> = (0..100).map(|class| format!("c{class}")).collect();
        let (_, reason) = from_cells(&[Cell::Text("x".to_owned())], &names).unwrap_err();
        assert!(reason.ends_with("c10, c11 and 88 more"), "{reason}");
    }
}
