//! Labels as files have them, and the class indices that they become.
//!
//! Whole numbers are class indices from 0; texts are class names, whose order is that of their
//! sorting, as in scikit-learn and torchvision.

use std::collections::{BTreeMap, BTreeSet};

use crate::dataset::samples::origins::Origins;
use crate::error::dataset::DatasetError;

/// More classes than any data set for classification has: a greater label is no class index.
const MOST_CLASSES: i64 = 100_000;

/// The labels of some samples, as stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StoredLabels {
    Indices(Vec<i64>),
    Names(Vec<String>),
}

impl StoredLabels {
    /// Puts those of the next file behind; `false` where one has numbers and the other texts.
    pub(crate) fn append(&mut self, next: StoredLabels) -> bool {
        match (self, next) {
            (StoredLabels::Indices(all), StoredLabels::Indices(next)) => all.extend(next),
            (StoredLabels::Names(all), StoredLabels::Names(next)) => all.extend(next),
            _ => return false,
        }
        true
    }

    /// The class names that these training labels tell.
    pub(crate) fn class_names(&self, origins: &Origins) -> Result<Vec<String>, DatasetError> {
        let names: Vec<String> = match self {
            StoredLabels::Names(names) => {
                let sorted: BTreeSet<&String> = names.iter().collect();
                sorted.into_iter().cloned().collect()
            }
            StoredLabels::Indices(indices) => {
                let most = indices
                    .iter()
                    .copied()
                    .max()
                    .unwrap_or(-1)
                    .min(MOST_CLASSES);
                (0..=most).map(|class| class.to_string()).collect()
            }
        };
        if names.len() < 2 {
            return Err(DatasetError::OneClass {
                path: origins.files.first().map(Into::into).unwrap_or_default(),
            });
        }
        Ok(names)
    }

    /// The class index of each sample among `class_names`.
    pub(crate) fn class_indices(
        &self,
        class_names: &[String],
        origins: &Origins,
    ) -> Result<Vec<u32>, DatasetError> {
        match self {
            StoredLabels::Indices(indices) => {
                let index = |(sample, &label): (usize, &i64)| {
                    let index = u32::try_from(label).ok();
                    let is_class =
                        |&index: &u32| (index as usize) < class_names.len() && label < MOST_CLASSES;
                    index.filter(is_class).ok_or_else(|| {
                        let (path, row) = origins.place(sample);
                        DatasetError::LabelOutOfRange {
                            path,
                            row,
                            label,
                            class_count: class_names.len().min(MOST_CLASSES as usize),
                        }
                    })
                };
                indices.iter().enumerate().map(index).collect()
            }
            StoredLabels::Names(names) => {
                let by_name: BTreeMap<&str, u32> =
                    class_names.iter().map(String::as_str).zip(0..).collect();
                let index = |(sample, name): (usize, &String)| {
                    by_name.get(name.as_str()).copied().ok_or_else(|| {
                        let (path, row) = origins.place(sample);
                        DatasetError::UnknownClass {
                            path,
                            row,
                            label: name.clone(),
                        }
                    })
                };
                names.iter().enumerate().map(index).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(labels: &[&str]) -> StoredLabels {
        StoredLabels::Names(labels.iter().map(|&label| label.to_owned()).collect())
    }

    #[test]
    fn texts_become_classes_in_the_order_of_their_sorting() {
        let origins = Origins::rows_of("a.csv", 3);
        let labels = names(&["dog", "cat", "dog"]);
        let classes = labels.class_names(&origins).unwrap();
        assert_eq!(classes, ["cat", "dog"]);
        assert_eq!(labels.class_indices(&classes, &origins).unwrap(), [1, 0, 1]);
        let reason = names(&["cat", "cow"]).class_indices(&classes, &origins);
        let reason = reason.unwrap_err().to_string();
        assert!(
            reason.starts_with("a.csv: sample 1 has label cow"),
            "{reason}"
        );
    }

    #[test]
    fn numbers_are_indices_and_those_that_cannot_be_are_refused() {
        let origins = Origins::rows_of("a.csv", 3);
        let labels = StoredLabels::Indices(vec![2, 0, 2]);
        let classes = labels.class_names(&origins).unwrap();
        assert_eq!(classes, ["0", "1", "2"]);
        assert_eq!(labels.class_indices(&classes, &origins).unwrap(), [2, 0, 2]);
        for wrong in [-1, 3, i64::MAX] {
            let labels = StoredLabels::Indices(vec![0, wrong]);
            let reason = labels
                .class_indices(&classes, &origins)
                .unwrap_err()
                .to_string();
            assert!(
                reason.contains(&format!("sample 1 has label {wrong}, but")),
                "{reason}"
            );
        }
    }

    #[test]
    fn a_number_that_no_class_index_can_be_is_refused() {
        let origins = Origins::rows_of("a.csv", 2);
        let labels = StoredLabels::Indices(vec![0, 1_700_000_000]);
        let classes = labels.class_names(&origins).unwrap();
        let reason = labels
            .class_indices(&classes, &origins)
            .unwrap_err()
            .to_string();
        assert!(
            reason.contains("has label 1700000000, but the classes are 0 to 99999"),
            "{reason}"
        );
    }

    #[test]
    fn one_class_is_none() {
        let origins = Origins::rows_of("a.csv", 1);
        let reason = names(&["cat"])
            .class_names(&origins)
            .unwrap_err()
            .to_string();
        assert!(
            reason.contains("a.csv: all samples have the same label"),
            "{reason}"
        );
    }
}
