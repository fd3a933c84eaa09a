//! What the texts of a column of labels mean for a run: indices of classes, or names of them.

use logformat::{ClassLabels, Label, name_of_several};

use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::logs::true_labels::table::{TRUE_CLASS, TRUE_LABEL, TrueLabels};
use crate::rules::evaluation::{ANOTHER_CLASS, WRONG};

/// So many class names are told in an error; the rest is counted.
const NAMES_IN_ERRORS: usize = 12;

/// The classes of a run, and how the labels of a table name them.
pub(crate) struct Classes<'a> {
    labels: &'a TrueLabels,
    log: &'a RunLog,
    /// How many there are, where the log tells.
    count: Option<usize>,
    /// By the one rule of the log format; `None` where the log has no names.
    meaning: Option<ClassLabels<'a>>,
}

impl<'a> Classes<'a> {
    /// # Errors
    /// [`AnalyzerError::Table`] for numbers that may be indices or names of classes.
    pub(crate) fn of(labels: &'a TrueLabels, log: &'a RunLog) -> Result<Self, AnalyzerError> {
        let texts = labels.labels.iter().flatten().filter(|_| !labels.are_marks);
        let texts = texts.map(|text| Label::Text(text));
        let meaning = (!log.class_names.is_empty())
            .then(|| ClassLabels::of(texts, &log.class_names))
            .transpose();
        Ok(Self {
            labels,
            log,
            count: log.class_count(),
            meaning: meaning.map_err(|reason| labels.refused(reason))?,
        })
    }

    /// What is known of a sample by the text in this row, for a label that was `given`: of a table that only says
    /// whether that is wrong, it or that it is another one.
    pub(crate) fn known(
        &self,
        row: usize,
        text: &str,
        given: Option<u32>,
    ) -> Result<Option<u32>, AnalyzerError> {
        match (self.labels.are_marks, text) {
            (false, _) => self.label(row, text).map(Some),
            (true, WRONG) => Ok(Some(ANOTHER_CLASS)),
            (true, _) => Ok(given),
        }
    }

    /// The class that the text in this row is; refused where it is none of the run.
    pub(crate) fn label(&self, row: usize, text: &str) -> Result<u32, AnalyzerError> {
        let label = Label::Text(text);
        let found = match &self.meaning {
            Some(meaning) => meaning.classes(label),
            None => {
                let index = label.number().and_then(|number| u32::try_from(number).ok());
                // Labels of logs are 32-bit integers with a sign.
                let count = self.count.unwrap_or(1 << 31);
                let index = index.filter(|&index| (index as usize) < count);
                index.into_iter().collect()
            }
        };
        match found[..] {
            [class] => self.check_index(row, text, class),
            [first, second, ..] => {
                let reason = name_of_several(label, first, second);
                Err(self
                    .labels
                    .refused(format!("row {row}: the true label {reason}")))
            }
            [] => Err(self.no_class(row, text)),
        }
    }

    /// Refuses an index that stands beside the name of another class.
    fn check_index(&self, row: usize, name: &str, class: u32) -> Result<u32, AnalyzerError> {
        let index = self.labels.indices.get(row).and_then(Option::as_deref);
        match index {
            Some(index) if index != name && index != class.to_string() => {
                Err(self.labels.refused(format!(
                    "row {row}: {TRUE_LABEL} is {index} and {TRUE_CLASS} {name:?}, which are two classes; correct both, or leave one column out"
                )))
            }
            _ => Ok(class),
        }
    }

    fn no_class(&self, row: usize, text: &str) -> AnalyzerError {
        // Not of a code such as 02.
        let is_number = |number: i64| number.to_string() == text;
        let shown = match text.parse().is_ok_and(is_number) {
            true => text.to_owned(),
            false => format!("{text:?}"),
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
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;
    use crate::logs::two_passes::two_passes;

    /// The classes of these labels in a run with these class names, or the first refusal.
    fn classes(texts: &[&str], names: &[&str]) -> Result<Vec<u32>, String> {
        let labels = TrueLabels {
            path: PathBuf::from("experts.csv"),
            names: Vec::new(),
            keys: BTreeMap::new(),
            column: "true_label".to_owned(),
            labels: texts.iter().map(|&text| Some(text.to_owned())).collect(),
            indices: Vec::new(),
            are_marks: false,
        };
        let mut log = two_passes();
        log.class_names = names.iter().map(|&name| name.to_owned()).collect();
        let classes = Classes::of(&labels, &log).map_err(|error| error.to_string())?;
        let found = texts.iter().enumerate();
        found
            .map(|(row, text)| classes.label(row, text).map_err(|error| error.to_string()))
            .collect()
    }

    #[test]
    fn labels_are_names_where_classes_are_called_so_and_else_indices() {
        let pets = ["cat", "dog"];
        assert_eq!(classes(&["dog", "cat"], &pets), Ok(vec![1, 0]));
        assert_eq!(classes(&["1", "0"], &pets), Ok(vec![1, 0]));
        let numbers = ["1", "10", "2"];
        assert_eq!(classes(&["10", "2"], &numbers), Ok(vec![1, 2]));
        // "0.0" is what pandas makes of numbers beside a missing one, in names as in labels.
        let floats = ["0.0", "1.0", "10.0", "2.0"];
        assert_eq!(classes(&["10", "2"], &floats), Ok(vec![2, 3]));
        assert_eq!(classes(&["10.0", "2.0"], &floats), Ok(vec![2, 3]));
        let said = classes(&["0", "2"], &numbers).unwrap_err();
        assert!(
            said.contains("row 0: the true label 0 is no class"),
            "{said}"
        );
    }

    #[test]
    fn a_name_of_two_classes_is_refused() {
        let said = classes(&["cat", "crane"], &["crane", "cat", "crane"]).unwrap_err();
        assert_eq!(
            said,
            "experts.csv: row 1: the true label \"crane\" is the name of the classes 0 and 2; give the indices of classes, from 0"
        );
    }

    #[test]
    fn the_classes_of_the_run_are_told_where_a_label_is_none_of_them() {
        let pets = ["cat", "dog"];
        assert_eq!(
            classes(&["cat", "dgo"], &pets).unwrap_err(),
            "experts.csv: row 1: the true label \"dgo\" is no class of run two-passes, whose classes are 0 to 1 or cat, dog"
        );
        let said = classes(&["02"], &pets).unwrap_err();
        assert!(said.contains("the true label \"02\" is no class"), "{said}");
        // Without names, the extra class of the threshold samples tells that there are two.
        assert_eq!(
            classes(&["1", "2"], &[]).unwrap_err(),
            "experts.csv: row 1: the true label 2 is no class of run two-passes, whose classes are 0 to 1, without names"
        );
        let many: Vec<String> = (0..100).map(|class| format!("c{class}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let said = classes(&["x"], &many).unwrap_err();
        assert!(said.ends_with("c10, c11 and 88 more"), "{said}");
    }
}
