//! Columns that number the rows, or what they are of: they are no features, and tell the label wherever a file was once
//! sorted by it.

use crate::dataset::files::label_column::{is_called_as_ids, is_called_id};
use crate::dataset::kinds::features::columns::{Columns, Names};

/// From so many rows on, a column that counts them is none by chance.
const LEAST_ROWS: usize = 4;

/// So many rows are looked at first.
const FIRST_ROWS: usize = 64;

/// The features that are numbers of rows, each with the reason: their values are those of a count in whatever
/// order, or they are called so and no two are equal; and whole numbers that are called as ids are.
pub(crate) fn row_numbers(values: &[f32], columns: &Columns) -> Vec<(usize, &'static str)> {
    let width = columns.width.max(1);
    let rows = values.len() / width;
    if rows < LEAST_ROWS || matches!(columns.names, Names::List(_)) {
        return Vec::new();
    }
    let column = |feature: usize| values.iter().copied().skip(feature).step_by(width);
    let is_called = |feature: usize, fits: fn(&str) -> bool| match &columns.names {
        Names::Columns(names) => fits(&names[feature]),
        _ => false,
    };
    let number = |feature: usize| {
        // Most columns have equal values soon, or some that are not whole.
        if !are_all_different(column(feature).take(FIRST_ROWS), FIRST_ROWS) {
            return None;
        }
        let (low, high) = whole_range(column(feature))?;
        let is_called_so = is_called(feature, is_called_id);
        let is_count = high - low == (rows - 1) as f64;
        if !(is_count || is_called_so) || !are_all_different(column(feature), rows) {
            return None;
        }
        Some(match is_count {
            true => "it counts the rows, in some order",
            false => "it is called as numbers of rows are, and no two are equal",
        })
    };
    let id = |feature: usize| {
        let are_ids =
            is_called(feature, is_called_as_ids) && whole_range(column(feature)).is_some();
        are_ids.then_some("it is called as ids are; `feature_column` takes it")
    };
    let reason = |feature: usize| Some((feature, number(feature).or_else(|| id(feature))?));
    (0..columns.width).filter_map(reason).collect()
}

/// The smallest and largest of whole numbers; `None` where one is not whole.
fn whole_range(column: impl Iterator<Item = f32>) -> Option<(f64, f64)> {
    column
        .map(f64::from)
        .try_fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (value.fract() == 0.0).then(|| (low.min(value), high.max(value)))
        })
}

fn are_all_different(column: impl Iterator<Item = f32>, rows: usize) -> bool {
    let mut values: Vec<f32> = Vec::with_capacity(rows);
    values.extend(column);
    values.sort_by(f32::total_cmp);
    values.windows(2).all(|pair| pair[0] != pair[1])
}

/// The rows without these features, where they lie.
pub(crate) fn without(values: &mut Vec<f32>, width: usize, features: &[usize]) {
    let mut to = 0;
    for from in 0..values.len() {
        if !features.contains(&(from % width)) {
            values[to] = values[from];
            to += 1;
        }
    }
    values.truncate(to);
    values.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str], values: &[f32]) -> Vec<usize> {
        let columns = Columns {
            width: names.len(),
            names: Names::Columns(names.iter().map(|&name| name.to_owned()).collect()),
        };
        row_numbers(values, &columns)
            .into_iter()
            .map(|(feature, _)| feature)
            .collect()
    }

    #[test]
    fn a_count_of_the_rows_is_known_in_any_order() {
        assert_eq!(
            found(&["n", "x"], &[2.0, 0.5, 0.0, 1.5, 3.0, 2.5, 1.0, 3.5]),
            [0]
        );
        assert_eq!(found(&["n"], &[7.0, 6.0, 5.0, 4.0]), [0]);
        assert!(found(&["n"], &[2.0, 0.0, 3.0, 3.0]).is_empty());
        assert!(found(&["n"], &[2.0, 0.0, 1.0]).is_empty());
        // Part of a larger table.
        assert!(found(&["n"], &[2.0, 0.0, 9.0, 5.0]).is_empty());
        assert_eq!(found(&["sample_id"], &[2.0, 0.0, 9.0, 5.0]), [0]);
    }

    #[test]
    fn ids_are_known_by_their_name_also_where_some_are_equal() {
        assert_eq!(found(&["store_id"], &[2.0, 2.0, 9.0, 5.0]), [0]);
        assert!(found(&["acid"], &[2.0, 2.0, 9.0, 5.0]).is_empty());
        assert!(found(&["store_id"], &[2.0, 2.5, 9.0, 5.0]).is_empty());
    }

    #[test]
    fn features_are_taken_out_of_each_row() {
        let mut values = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        without(&mut values, 3, &[1]);
        assert_eq!(values, [1.0, 3.0, 4.0, 6.0]);
    }
}
