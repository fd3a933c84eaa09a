//! Features that are the labels once more, whatever their columns are called: they have one value for each class, and
//! that of a sample nearly tells its label. So do the true labels beside the given ones, and the indices of classes
//! beside their names.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::dataset::kinds::features::columns::{Columns, Names};

/// From so many classes on their table of counts would be a large one, and no feature is looked at.
const MOST_CLASSES: usize = 200;

/// What is to be said of the features that may be labels: their values and the classes are one to one, and fit in most
/// rows. Those of good features may as well.
pub(crate) fn labels_again(values: &[f32], labels: &[u32], columns: &Columns) -> Vec<String> {
    if !matches!(columns.names, Names::Columns(_)) {
        return Vec::new();
    }
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
    (0..columns.width)
        .into_par_iter()
        .filter_map(|feature| {
            let share = share_of(feature).filter(|share| *share > least)?;
            Some(format!(
                "{} has a value for each class, which fits the labels of {:.1} % of the samples: if it holds labels, name the features by `feature_column`",
                columns.place(feature),
                100.0 * share
            ))
        })
        .collect()
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
        let told = labels_again(values, labels, &columns);
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
}
