//! Class names of several files: the labels of each are indices among its own names, and the classes of the
//! set are joined by name. Shards of one set need not name their classes in the same order.

use std::collections::BTreeSet;
use std::path::Path;

use crate::dataset::files::classes::StoredLabels;
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// The names of a set's classes, as far as its files were read.
#[derive(Debug, Default)]
pub(crate) struct JoinedNames {
    names: Vec<String>,
    /// Whether no file has told names yet: those that are there hold unless the first file has others.
    are_expected: bool,
}

impl JoinedNames {
    /// Of a set whose classes are well known; where its files call them otherwise, the files' names hold.
    pub(crate) fn expected(names: &[&str]) -> Self {
        Self {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            are_expected: true,
        }
    }

    /// The names that files have told; `None` where none has.
    pub(crate) fn told(self) -> Option<Vec<String>> {
        (!self.are_expected && !self.names.is_empty()).then_some(self.names)
    }

    /// Makes the labels of a file, indices among its `own` names, such among the names of all.
    pub(crate) fn join(
        &mut self,
        path: &Path,
        own: &[String],
        labels: &mut StoredLabels,
    ) -> Result<(), DatasetError> {
        let StoredLabels::Indices(indices) = labels else {
            return Ok(());
        };
        let places = self.places(path, own)?;
        for (row, label) in (0..).zip(indices) {
            // Negative ones are no classes in any file, and refused or left aside later.
            if *label >= 0 {
                let place = usize::try_from(*label).ok().and_then(|own| places.get(own));
                *label = *place.ok_or_else(|| DatasetError::LabelOutOfRange {
                    path: path.to_owned(),
                    row,
                    label: *label,
                    class_count: own.len(),
                })?;
            }
        }
        Ok(())
    }

    /// Where each of a file's names is among those of all; new ones are put behind.
    fn places(&mut self, path: &Path, own: &[String]) -> Result<Vec<i64>, DatasetError> {
        if self.are_expected && !own.iter().all(|name| self.names.contains(name)) {
            self.names.clear();
        }
        self.are_expected = false;
        if self.names.is_empty() {
            self.names = own.to_vec();
        }
        if self.names == own {
            return Ok((0..).take(own.len()).collect());
        }
        for names in [own, &self.names] {
            let mut seen = BTreeSet::new();
            if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
                return Err(DatasetError::from(LayoutError::NamesDiffer {
                    path: path.to_owned(),
                    class: twice.clone(),
                }));
            }
        }
        let place = |name: &String| {
            let known = self.names.iter().position(|other| other == name);
            let place = known.unwrap_or_else(|| {
                self.names.push(name.clone());
                self.names.len() - 1
            });
            place as i64
        };
        Ok(own.iter().map(place).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(joined: &mut JoinedNames, own: &[&str], labels: &[i64]) -> Result<Vec<i64>, String> {
        let own: Vec<String> = own.iter().map(|&name| name.to_owned()).collect();
        let mut labels = StoredLabels::Indices(labels.to_vec());
        let done = joined.join(Path::new("a.parquet"), &own, &mut labels);
        done.map_err(|error| error.to_string())?;
        match labels {
            StoredLabels::Indices(labels) => Ok(labels),
            StoredLabels::Names(_) => unreachable!("they stay indices"),
        }
    }

    #[test]
    fn each_file_is_read_by_its_own_names() {
        let joined = &mut JoinedNames::default();
        assert_eq!(
            join(joined, &["cat", "dog", "owl"], &[0, 1, 2]),
            Ok(vec![0, 1, 2])
        );
        assert_eq!(
            join(joined, &["owl", "cat", "dog"], &[0, 1, -1]),
            Ok(vec![2, 0, -1])
        );
        assert_eq!(join(joined, &["emu", "cat"], &[0, 1]), Ok(vec![3, 0]));
        let refused = join(joined, &["emu", "cat"], &[2]).unwrap_err();
        assert!(
            refused.contains("sample 0 has label 2, but the classes are 0 to 1"),
            "{refused}"
        );
        let told = std::mem::take(joined).told().unwrap();
        assert_eq!(told, ["cat", "dog", "owl", "emu"]);
    }

    #[test]
    fn a_name_twice_is_refused_only_where_orders_differ() {
        let joined = &mut JoinedNames::default();
        let names = ["crane", "dog", "crane"];
        assert_eq!(join(joined, &names, &[2]), Ok(vec![2]));
        assert_eq!(join(joined, &names, &[0]), Ok(vec![0]));
        let refused = join(joined, &["dog", "crane"], &[0]).unwrap_err();
        assert!(
            refused.contains("crane is the name of two classes"),
            "{refused}"
        );
    }

    #[test]
    fn well_known_names_hold_unless_files_have_others() {
        let joined = &mut JoinedNames::expected(&["a", "b"]);
        assert_eq!(join(joined, &["b", "a"], &[0]), Ok(vec![1]));
        let joined = &mut JoinedNames::expected(&["a", "b"]);
        assert_eq!(join(joined, &["x", "b"], &[0, 1]), Ok(vec![0, 1]));
        assert_eq!(std::mem::take(joined).told().unwrap(), ["x", "b"]);
        assert_eq!(JoinedNames::expected(&["a"]).told(), None);
    }
}
