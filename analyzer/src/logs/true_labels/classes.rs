//! What the texts of a column of labels mean for a run: indices of classes, or names of them.

use std::collections::BTreeMap;

use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::logs::true_labels::table::TrueLabels;

/// So many class names are told in an error; the rest is counted.
const NAMES_IN_ERRORS: usize = 12;

/// The classes of a run, and how the labels of a table name them.
pub(crate) struct Classes<'a> {
    labels: &'a TrueLabels,
    log: &'a RunLog,
    /// How many there are, where the log tells.
    count: Option<usize>,
    by_name: BTreeMap<&'a str, u32>,
    are_names: bool,
}

impl<'a> Classes<'a> {
    pub(crate) fn of(labels: &'a TrueLabels, log: &'a RunLog) -> Self {
        let names = log.class_names.iter().map(String::as_str);
        let by_name: BTreeMap<&str, u32> = names.zip(0..).collect();
        let mut texts = labels
            .labels
            .values()
            .filter_map(|entry| entry.label.as_deref());
        let is_name = |text: &str| by_name.contains_key(text);
        // One meaning for the whole column, as the recorder has it for its file of labels: where classes
        // are called "1", "2", "10", a text is a name as long as all texts are.
        let are_names = !labels.are_indices
            && (texts.clone().all(is_name)
                || (texts.clone().any(is_name) && texts.any(|text| text.parse::<i64>().is_err())));
        Self {
            labels,
            log,
            count: log.class_count(),
            are_names,
            by_name,
        }
    }

    /// The class that the text in this row is; refused where it is none of the run.
    pub(crate) fn label(&self, row: usize, text: &str) -> Result<u32, AnalyzerError> {
        let found = if self.are_names {
            self.by_name.get(text).copied()
        } else {
            let index = text.parse::<u32>().ok();
            // Labels of logs are 32-bit integers with a sign.
            let count = self.count.unwrap_or(1 << 31);
            index.filter(|&index| (index as usize) < count)
        };
        found.ok_or_else(|| self.no_class(row, text))
    }

    fn no_class(&self, row: usize, text: &str) -> AnalyzerError {
        let shown = match text.parse::<i64>() {
            Ok(number) if !self.are_names => number.to_string(),
            _ => format!("{text:?}"),
        };
        self.labels.refused(format!(
            "row {row}: the true label {shown} is no class of run {}, {}",
            self.log.title(),
            self.choice()
        ))
    }

    fn choice(&self) -> String {
        let names = &self.log.class_names;
        let told: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .take(NAMES_IN_ERRORS)
            .collect();
        match (self.count, names.len() - told.len()) {
            (None, _) => "which has no class names; give class indices from 0".to_owned(),
            (Some(count), _) if names.is_empty() => {
                format!(
                    "whose classes are 0 to {}, without names",
                    count.saturating_sub(1)
                )
            }
            (Some(count), 0) => format!(
                "whose classes are 0 to {} or {}",
                count.saturating_sub(1),
                told.join(", ")
            ),
            (Some(count), more) => format!(
                "whose classes are 0 to {} or {} and {more} more",
                count.saturating_sub(1),
                told.join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::logs::true_labels::table::{Entry, IdKind};
    use crate::logs::two_passes::two_passes;

    /// The classes of these labels in a run with these class names, or the first refusal.
    fn classes(texts: &[&str], names: &[&str], are_indices: bool) -> Result<Vec<u32>, String> {
        let entry = |(row, text): (usize, &&str)| {
            let label = Some((*text).to_owned());
            (row.to_string(), Entry { row, label })
        };
        let labels = TrueLabels {
            path: PathBuf::from("experts.csv"),
            id_kind: IdKind::Unknown,
            are_indices,
            labels: texts.iter().enumerate().map(entry).collect(),
        };
        let mut log = two_passes();
        log.class_names = names.iter().map(|&name| name.to_owned()).collect();
        let classes = Classes::of(&labels, &log);
        let found = texts.iter().enumerate();
        found
            .map(|(row, text)| classes.label(row, text).map_err(|error| error.to_string()))
            .collect()
    }

    #[test]
    fn texts_are_names_where_all_of_them_are_and_else_indices() {
        let pets = ["cat", "dog"];
        assert_eq!(classes(&["dog", "cat"], &pets, false), Ok(vec![1, 0]));
        assert_eq!(classes(&["1", "0"], &pets, false), Ok(vec![1, 0]));
        let numbers = ["1", "10", "2"];
        assert_eq!(classes(&["10", "2"], &numbers, false), Ok(vec![1, 2]));
        assert_eq!(classes(&["0", "2"], &numbers, false), Ok(vec![0, 2]));
        assert_eq!(classes(&["1", "2"], &numbers, true), Ok(vec![1, 2]));
    }

    #[test]
    fn the_classes_of_the_run_are_told_where_a_label_is_none_of_them() {
        let pets = ["cat", "dog"];
        assert_eq!(
            classes(&["cat", "dgo"], &pets, false).unwrap_err(),
            "experts.csv: row 1: the true label \"dgo\" is no class of run two-passes, whose classes are 0 to 1 or cat, dog"
        );
        // Without names, the extra class of the threshold samples tells that there are two.
        assert_eq!(
            classes(&["1", "2"], &[], false).unwrap_err(),
            "experts.csv: row 1: the true label 2 is no class of run two-passes, whose classes are 0 to 1, without names"
        );
        let many: Vec<String> = (0..100).map(|class| format!("c{class}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let said = classes(&["x"], &many, false).unwrap_err();
        assert!(said.ends_with("c10, c11 and 88 more"), "{said}");
    }
}
