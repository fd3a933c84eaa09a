//! Features that are the labels once more, whatever their columns are called: they have one value for each class, and
//! that of a sample nearly tells its label. So do the true labels beside the given ones, and the indices of classes
//! beside their names.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::dataset::kinds::features::columns::{Columns, MOST_NAMED, Names};
use crate::dataset::reading_report::first_names;

/// From so many classes on their table of counts would be a large one, and no feature is looked at.
const MOST_CLASSES: usize = 200;

/// What is to be said of the features that may be labels: their values and the classes are one to one, and fit in most
/// rows. Those of good features may as well.
pub(crate) fn labels_again(
    values: &[f32],
    labels: &[u32],
    columns: &Columns,
    class_names: &[String],
) -> Vec<String> {
    let names = match &columns.names {
        Names::Columns(names) => &names[..],
        Names::List(_) | Names::Array => &[],
    };
    // Classes without samples do not count.
    let occurring: BTreeSet<u32> = labels.iter().copied().collect();
    let rank: BTreeMap<u32, usize> = occurring.into_iter().zip(0..).collect();
    let classes = rank.len();
    // Features that tell two classes apart are not rare.
    let least = match classes {
        0 | 1 | MOST_CLASSES.. => return Vec::new(),
        _ if labels.len() < 2 * classes => return Vec::new(),
        2 => 0.8,
        _ => 0.5,
    };
    let labels: Vec<usize> = labels.iter().map(|label| rank[label]).collect();
    let share_of = |feature: usize| {
        let column = values.iter().skip(feature).step_by(columns.width);
        share_one_to_one(column.copied().zip(labels.iter().copied()), classes)
    };
    let found = (0..columns.width)
        .into_par_iter()
        .filter_map(|feature| {
            let share = share_of(feature).filter(|share| *share > least)?;
            Some(format!(
                "{} has a value for each class, which fits the labels of {:.1} % of the samples: if it holds labels, name the features by `feature_column`",
                columns.place(feature),
                100.0 * share
            ))
        });
    let mut found: Vec<String> = found.collect();
    let more = found.len().saturating_sub(MOST_NAMED);
    found.truncate(MOST_NAMED);
    found.extend((more > 0).then(|| format!("and so have {more} more columns")));
    let of_class = |feature: usize| {
        let column = values.iter().skip(feature).step_by(columns.width);
        Some((
            indicated_class(column.copied().zip(labels.iter().copied()), classes)?,
            feature,
        ))
    };
    let indicators: BTreeMap<usize, usize> = (0..columns.width)
        .into_par_iter()
        .filter_map(of_class)
        .collect();
    let called = called_as_classes(names, class_names);
    let indicators: Vec<String> = match called.is_empty() {
        // Of two classes, one such column is found above.
        true if classes > 2 && indicators.len() + 1 >= classes => indicators
            .values()
            .map(|&feature| columns.place(feature).replacen("column ", "", 1))
            .collect(),
        _ => called.into_iter().map(str::to_owned).collect(),
    };
    found.extend((!indicators.is_empty()).then(|| {
        format!(
            "there is a column for each class, {}: if they hold the labels, or what a network made of them, name the features by `feature_column`",
            first_names(indicators.iter().map(String::as_str), MOST_NAMED)
        )
    }));
    found
}

/// The columns that are called as each of the classes is, behind the same letters: `cat`, `dog`; `prob_cat`, `prob_dog`.
fn called_as_classes<'a>(columns: &'a [String], classes: &[String]) -> Vec<&'a str> {
    let are_names = classes
        .iter()
        .all(|class| class.contains(char::is_alphabetic));
    let first = classes.first().filter(|_| are_names && classes.len() > 1);
    let begins = columns
        .iter()
        .filter_map(|column| column.strip_suffix(first?.as_str()));
    let all = |begin: &str| -> Option<Vec<&str>> {
        let called = |class: &String| {
            columns
                .iter()
                .find(|column| column.strip_prefix(begin) == Some(class))
                .map(String::as_str)
        };
        classes.iter().map(called).collect()
    };
    begins.filter_map(all).next().unwrap_or_default()
}

/// The class that a column of two values tells from all others, in most of the rows that are of it by the column or
/// by the label.
fn indicated_class(rows: impl Iterator<Item = (f32, usize)>, classes: usize) -> Option<usize> {
    let mut counts: Vec<(f32, Vec<usize>)> = Vec::new();
    for (value, class) in rows {
        let at = counts.iter().position(|(known, _)| *known == value);
        let at = match (at, counts.len()) {
            (Some(at), _) => at,
            (None, 2) => return None,
            (None, next) => {
                counts.push((value, vec![0; classes]));
                next
            }
        };
        counts[at].1[class] += 1;
    }
    let [(_, one), (_, other)] = &counts[..] else {
        return None;
    };
    let of = |counts: &[usize], rest: &[usize]| {
        let all: usize = counts.iter().sum();
        (0..classes).find(|&class| 2 * counts[class] > all + rest[class])
    };
    of(one, other).or_else(|| of(other, one))
}

/// The share of rows whose value is the one of their class, where each of so many values is the commonest of another
/// class; `None` where there are more values or fewer, or two of one class.
fn share_one_to_one(rows: impl Iterator<Item = (f32, usize)>, classes: usize) -> Option<f64> {
    let mut found: Vec<(f32, Vec<usize>)> = Vec::new();
    let mut count = 0;
    for (value, class) in rows {
        count += 1;
        let at = match found.iter().position(|(known, _)| *known == value) {
            Some(at) => at,
            None if found.len() == classes => return None,
            None => {
                found.push((value, vec![0; classes]));
                found.len() - 1
            }
        };
        found[at].1[class] += 1;
    }
    let commonest = |counts: &Vec<usize>| (0..classes).max_by_key(|&class| counts[class]);
    let mut of: Vec<usize> = found
        .iter()
        .filter_map(|(_, counts)| commonest(counts))
        .collect();
    let fitting: usize = found
        .iter()
        .zip(&of)
        .map(|((_, counts), &class)| counts[class])
        .sum();
    of.sort_unstable();
    of.dedup();
    (of.len() == classes).then(|| fitting as f64 / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shares that are told.
    fn found(values: &[f32], labels: &[u32]) -> Vec<String> {
        let columns = Columns {
            width: 1,
            names: Names::Columns(vec!["x".to_owned()]),
        };
        let told = labels_again(values, labels, &columns, &[]);
        let share = |told: &String| {
            let rest = told.split_once("the labels of ").unwrap().1;
            rest.split_once(" %").unwrap().0.to_owned()
        };
        told.iter().map(share).collect()
    }

    #[test]
    fn a_value_for_each_class_is_a_label_where_it_fits_most_rows() {
        let labels = [0, 1, 2, 0, 1, 2, 0, 1];
        assert_eq!(
            found(&[0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 2.0], &labels),
            ["87.5"]
        );
        // Codes of the classes in another order, and a third of them wrong.
        assert_eq!(
            found(&[7.0, 5.0, 9.0, 7.0, 5.0, 9.0, 5.0, 7.0], &labels),
            ["75.0"]
        );
        // Fewer values than classes, more, and two of one class.
        assert!(found(&[0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0], &labels).is_empty());
        assert!(found(&[0.0, 1.0, 2.0, 3.0, 1.0, 2.0, 0.0, 1.0], &labels).is_empty());
        assert!(
            found(
                &[0.0, 2.0, 1.0, 1.0, 2.0, 1.0, 1.0, 2.0],
                &[0, 1, 2, 0, 1, 1, 0, 1]
            )
            .is_empty()
        );
    }

    #[test]
    fn arrays_and_lists_are_looked_at_as_columns_are() {
        let labels = [0, 1, 2, 0, 1, 2];
        let values: Vec<f32> = labels
            .iter()
            .flat_map(|&label| [0.5, label as f32])
            .collect();
        for (names, place) in [
            (Names::Array, "column 1 has a value for each class"),
            (
                Names::List("x".to_owned()),
                "column x, element 1 has a value",
            ),
        ] {
            let told = labels_again(&values, &labels, &Columns { width: 2, names }, &[]);
            assert!(told.len() == 1 && told[0].starts_with(place), "{told:?}");
        }
        let width = 3 * MOST_NAMED;
        let values: Vec<f32> = labels
            .iter()
            .flat_map(|&label| vec![label as f32; width])
            .collect();
        let columns = Columns {
            width,
            names: Names::Array,
        };
        let told = labels_again(&values, &labels, &columns, &[]);
        assert_eq!(told.len(), MOST_NAMED + 1);
        assert_eq!(told[MOST_NAMED], "and so have 12 more columns");
    }

    #[test]
    fn of_many_classes_nothing_is_asked() {
        let labels: Vec<u32> = (0..4000).map(|row| row / 2).collect();
        let values: Vec<f32> = labels.iter().map(|&label| label as f32).collect();
        assert!(found(&values, &labels).is_empty());
        let (values, labels) = (&values[..100], &labels[..100]);
        assert_eq!(found(values, labels), ["100.0"]);
    }

    #[test]
    fn of_two_classes_more_is_needed() {
        let labels: Vec<u32> = (0..20).map(|row| row % 2).collect();
        let with_wrong = |wrong: usize| -> Vec<f32> {
            let value = |(row, &label): (usize, &u32)| match row < wrong {
                true => 1.0 - label as f32,
                false => label as f32,
            };
            labels.iter().enumerate().map(value).collect()
        };
        assert_eq!(found(&with_wrong(0), &labels), ["100.0"]);
        assert_eq!(found(&with_wrong(2), &labels), ["90.0"]);
        assert!(found(&with_wrong(6), &labels).is_empty());
    }

    #[test]
    fn a_column_for_each_class_is_told() {
        let labels: Vec<u32> = (0..30).map(|row| row % 3).collect();
        let classes = ["cat", "dog", "owl"].map(str::to_owned);
        let told = |names: [&str; 3], value: &dyn Fn(u32, u32) -> f32| {
            let names = names.map(str::to_owned).to_vec();
            let columns = Columns {
                width: 3,
                names: Names::Columns(names),
            };
            let values = labels
                .iter()
                .flat_map(|&label| [0, 1, 2].map(|class| value(class, label)));
            let values: Vec<f32> = values.collect();
            labels_again(&values, &labels, &columns, &classes)
        };
        let is_label = |class, label| f32::from(class == label);
        // Under any name, and where a few labels are wrong.
        let said = told(["a", "b", "c"], &is_label);
        assert!(
            said[0].starts_with("there is a column for each class, a, b, c: "),
            "{said:?}"
        );
        // By their names, whatever they hold.
        let constant = |class, _| class as f32;
        assert_eq!(told(["p_cat", "p_dog", "p_owl"], &constant).len(), 1);
        assert!(told(["p_cat", "p_dog", "owl"], &constant).is_empty());
        // Good features that all tell one class.
        assert!(told(["a", "b", "c"], &|_, label| f32::from(label == 0)).is_empty());
    }
}
