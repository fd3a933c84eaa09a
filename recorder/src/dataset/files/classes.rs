//! Labels as tables have them, and the class indices that they become: which class a label means is said in
//! [`logformat::ClassLabels`], for every file alike.

use logformat::{ClassLabels, Label, ReadAs, first_missing, name_of_several, told_classes};

use crate::dataset::samples::origins::Origins;
use crate::error::dataset::DatasetError;

/// More classes than any data set for classification has: a greater label is no class index.
const MOST_CLASSES: i64 = 100_000;
/// That of samples whose labels are not asked for.
pub(crate) const UNKNOWN_CLASS: &str = "unknown";

/// The labels of some samples, as stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StoredLabels {
    /// Indices of classes that something else names.
    Indices(Vec<i64>),
    /// As they are written, numbers too.
    Names(Vec<String>),
}

impl StoredLabels {
    pub(crate) fn len(&self) -> usize {
        match self {
            StoredLabels::Indices(indices) => indices.len(),
            StoredLabels::Names(names) => names.len(),
        }
    }

    /// Puts those of the next file behind; `false` where one has numbers and the other texts.
    pub(crate) fn append(&mut self, next: StoredLabels) -> bool {
        match (self, next) {
            (StoredLabels::Indices(all), StoredLabels::Indices(next)) => all.extend(next),
            (StoredLabels::Names(all), StoredLabels::Names(next)) => all.extend(next),
            _ => return false,
        }
        true
    }

    /// Numbers that nothing else names, as they are written: one reading for them and for texts.
    pub(crate) fn into_names(self) -> Self {
        match self {
            StoredLabels::Indices(numbers) => {
                StoredLabels::Names(numbers.iter().map(ToString::to_string).collect())
            }
            names => names,
        }
    }

    /// Of which type they are, for people.
    pub(crate) fn in_words(&self) -> &'static str {
        let is_number = |name: &String| Label::Text(name).number().is_some();
        match self {
            StoredLabels::Names(names) if !names.iter().all(is_number) => "texts",
            _ => "whole numbers",
        }
    }

    /// Refuses what programs write for a missing label, unless that `is_a_class`.
    pub(crate) fn check_missing(
        &self,
        is_a_class: bool,
        origins: &Origins,
    ) -> Result<(), DatasetError> {
        let StoredLabels::Names(names) = self else {
            return Ok(());
        };
        match first_missing(names.iter().map(|name| Label::Text(name))) {
            Some(sample) if !is_a_class => {
                let (path, row) = origins.place(sample);
                let label = names[sample].clone();
                Err(DatasetError::MissingLabel { path, row, label })
            }
            _ => Ok(()),
        }
    }

    /// The class names that these training labels tell.
    pub(crate) fn class_names(&self, origins: &Origins) -> Result<Vec<String>, DatasetError> {
        let names = match self {
            StoredLabels::Names(names) => told_classes(names.iter().map(|name| Label::Text(name))),
            StoredLabels::Indices(numbers) => {
                told_classes(numbers.iter().map(|&number| Label::Number(number.into())))
            }
        };
        if names.len() > 1 {
            return Ok(names);
        }
        let below = match self {
            StoredLabels::Names(names) => first_below_0(names),
            StoredLabels::Indices(_) => None,
        };
        Err(match below {
            Some((sample, reason)) => {
                let (path, row) = origins.place(sample);
                DatasetError::NoClass { path, row, reason }
            }
            None => DatasetError::OneClass {
                path: origins.files.first().map(Into::into).unwrap_or_default(),
            },
        })
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
                let labels = || names.iter().map(|name| Label::Text(name));
                let refused = |sample: usize, reason: String| {
                    let (path, row) = origins.place(sample);
                    DatasetError::NoClass { path, row, reason }
                };
                let unknown = |sample: usize| {
                    let label = names[sample].clone();
                    if let Some(reason) = Label::Text(&label).below_0() {
                        return refused(sample, reason);
                    }
                    let (path, row) = origins.place(sample);
                    DatasetError::UnknownClass { path, row, label }
                };
                let classes =
                    ClassLabels::of(labels(), class_names).map_err(|reason| refused(0, reason))?;
                // Labels of one set are written alike: numbers are no indices of classes with other names.
                if classes.read_as() == ReadAs::Indices {
                    return Err(unknown(0));
                }
                let class = |(sample, label)| match classes.classes(label)[..] {
                    [class] => Ok(class),
                    [first, second, ..] => {
                        Err(refused(sample, name_of_several(label, first, second)))
                    }
                    [] => Err(unknown(sample)),
                };
                labels().enumerate().map(class).collect()
            }
        }
    }
}

/// The first label that is a number below 0, and why that is no class.
pub(crate) fn first_below_0(labels: &[String]) -> Option<(usize, String)> {
    let mut labels = labels.iter().enumerate();
    labels.find_map(|(row, label)| Some((row, Label::Text(label).below_0()?)))
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
    fn minus_1_is_a_class_beside_1_alone() {
        let origins = Origins::rows_of("a.csv", 3);
        let signs = names(&["1", "-1", "1"]);
        let classes = signs.class_names(&origins).unwrap();
        assert_eq!(classes, ["-1", "1"]);
        assert_eq!(signs.class_indices(&classes, &origins).unwrap(), [1, 0, 1]);
        let missing = names(&["0", "-1", "1"]);
        let classes = missing.class_names(&origins).unwrap();
        let reason = missing.class_indices(&classes, &origins).unwrap_err();
        let reason = reason.to_string();
        assert!(
            reason.starts_with("a.csv: sample 1: the label -1 is below 0"),
            "{reason}"
        );
    }

    #[test]
    fn classes_that_are_numbered_below_0_are_refused_as_such() {
        let origins = Origins::rows_of("a.csv", 3);
        let refused =
            |labels: &[&str]| names(labels).class_names(&origins).unwrap_err().to_string();
        let reason = refused(&["0", "-2", "-1"]);
        assert!(
            reason.starts_with("a.csv: sample 1: the label -2 is below 0"),
            "{reason}"
        );
        let reason = refused(&["0", "0", "0"]);
        assert!(
            reason.contains("all samples have the same label"),
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
    fn the_labels_of_a_set_are_written_alike_in_all_its_parts() {
        let origins = Origins::rows_of("a.csv", 3);
        let train = names(&["1", "2", "2b"]);
        let classes = train.class_names(&origins).unwrap();
        // "1" is the first class, not the second.
        assert_eq!(
            names(&["1", "2"])
                .class_indices(&classes, &origins)
                .unwrap(),
            [0, 1]
        );
        let pets = ["cat", "dog"].map(str::to_owned);
        let reason = names(&["0", "1"])
            .class_indices(&pets, &origins)
            .unwrap_err();
        assert!(
            reason
                .to_string()
                .contains("sample 0 has label 0, which no training sample has")
        );
    }

    #[test]
    fn numbers_that_are_far_apart_are_names() {
        let origins = Origins::rows_of("a.csv", 2);
        let labels = StoredLabels::Indices(vec![2021, 2019]).into_names();
        let classes = labels.class_names(&origins).unwrap();
        assert_eq!(classes, ["2019", "2021"]);
        assert_eq!(labels.class_indices(&classes, &origins).unwrap(), [1, 0]);
    }

    #[test]
    fn a_missing_label_that_became_a_text_is_refused_with_its_row() {
        let origins = Origins::rows_of("a.csv", 2);
        let labels = names(&["cat", "nan"]);
        let reason = labels
            .check_missing(false, &origins)
            .unwrap_err()
            .to_string();
        assert!(
            reason.starts_with("a.csv: row 1 has the label \"nan\""),
            "{reason}"
        );

        assert!(labels.check_missing(true, &origins).is_ok());
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
