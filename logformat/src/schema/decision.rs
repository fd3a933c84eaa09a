//! What a person decided of a sample that was flagged: the rows of the file that a report saves, which the
//! recorder takes for labels and the analyzer for true ones. The label is the name of the class after the
//! decision, empty where the sample is to be left out.

/// The columns of such a file, in their order.
pub const DECISION_COLUMNS: [&str; 5] = ["sample_id", "file", "row", "decision", "label"];

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The given label is right.
    Keep,
    /// Another label is right.
    Correct,
    /// No label is right: the sample is to be left out.
    Remove,
}

/// A row of such a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The id in the log.
    pub sample_id: String,
    /// The file that the sample came from; empty where it is not known.
    pub file: String,
    /// Its row there; empty where it is not known.
    pub row: String,
    /// What was decided.
    pub decision: Decision,
    /// The name of the class afterwards; empty for a sample that is to be left out, or where the one that is kept is
    /// not named.
    pub label: String,
}

impl Decided {
    /// Whether a file with these columns is one of decisions: it says of which sample each is. Those that a report
    /// saves have all of [`DECISION_COLUMNS`], in that order.
    pub fn has_columns<'a>(columns: impl Iterator<Item = &'a str> + Clone) -> bool {
        let has = |wanted: &str| columns.clone().any(|column| column == wanted);
        has("sample_id") && has("decision")
    }

    /// Reads the cells of [`DECISION_COLUMNS`]; absent ones are empty. A label that is kept need not be named.
    ///
    /// # Errors
    /// The reason.
    pub fn new(cells: [&str; 5]) -> Result<Self, String> {
        let [sample_id, file, row, decision, label] = cells.map(str::to_owned);
        if sample_id.is_empty() {
            return Err("the column sample_id is empty".to_owned());
        }
        let decision = match &*decision {
            "keep" => Decision::Keep,
            "correct" => Decision::Correct,
            "remove" => Decision::Remove,
            other => {
                return Err(format!(
                    "the decision of sample {sample_id} is {other:?}; it can be keep, correct or remove"
                ));
            }
        };
        if label.is_empty() && decision == Decision::Correct {
            return Err(format!(
                "sample {sample_id} has no label, though it is to be corrected"
            ));
        }
        // As pandas writes whole numbers beside missing ones.
        let row = row.strip_suffix(".0").unwrap_or(&row).to_owned();
        Ok(Self {
            sample_id,
            file,
            row,
            decision,
            label,
        })
    }

    /// Refuses a sample that lies elsewhere: then the decisions are of another run. Folders are not compared,
    /// since they follow from where a program was started.
    ///
    /// # Errors
    /// The reason.
    pub fn check_place(&self, file: &str, row: Option<u64>) -> Result<(), String> {
        let name = |file: &str| file.rsplit(['/', '\\']).next().map(str::to_owned);
        let row = row.map_or_else(String::new, |row| row.to_string());
        let is_known = !self.file.is_empty() && !file.is_empty();
        if is_known && (name(&self.file), &self.row) != (name(file), &row) {
            return Err(format!(
                "sample {} is row {} of {} there, but row {row} of {file} here; these are decisions of other data",
                self.sample_id, self.row, self.file
            ));
        }
        Ok(())
    }

    /// Refuses a label that was kept, and is another here: then the decisions are about other labels.
    ///
    /// # Errors
    /// The reason.
    pub fn check_kept(&self, is_given: bool, given: &str) -> Result<(), String> {
        match self.decision {
            Decision::Keep if !is_given && !self.label.is_empty() => Err(format!(
                "sample {} is kept as {:?}, but its given label is {given:?} here; these are decisions about other labels",
                self.sample_id, self.label
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(cells: [&str; 5]) -> Decided {
        Decided::new(cells).unwrap()
    }

    #[test]
    fn a_decision_is_one_of_three_words_with_a_label_unless_the_sample_is_removed() {
        let kept = decided(["7", "a.csv", "7", "keep", "cat"]);
        assert_eq!((kept.decision, &*kept.label), (Decision::Keep, "cat"));
        let removed = decided(["7", "", "", "remove", ""]);
        assert_eq!(removed.decision, Decision::Remove);
        let unnamed = decided(["7", "a.csv", "7.0", "keep", ""]);
        assert_eq!(unnamed.check_kept(false, "cat"), Ok(()));
        assert_eq!(unnamed.check_place("a.csv", Some(7)), Ok(()));
        for (cells, reason) in [
            (
                ["7", "", "", "drop", ""],
                "the decision of sample 7 is \"drop\"",
            ),
            (["7", "", "", "correct", ""], "sample 7 has no label"),
            (["", "", "", "remove", ""], "the column sample_id is empty"),
        ] {
            let said = Decided::new(cells).unwrap_err();
            assert!(said.starts_with(reason), "{said}");
        }
    }

    #[test]
    fn decisions_of_other_data_or_about_other_labels_are_refused() {
        let kept = decided(["7", "data/a.csv", "5", "keep", "cat"]);
        assert_eq!(kept.check_place("/home/me/a.csv", Some(5)), Ok(()));
        assert_eq!(kept.check_place("", None), Ok(()));
        let said = kept.check_place("a.csv", Some(6)).unwrap_err();
        assert!(said.starts_with("sample 7 is row 5 of data/a.csv there, but row 6 of a.csv here"));
        assert!(kept.check_place("b.csv", Some(5)).is_err());
        assert_eq!(kept.check_kept(true, "cat"), Ok(()));
        let said = kept.check_kept(false, "dog").unwrap_err();
        assert!(said.contains("is kept as \"cat\", but its given label is \"dog\" here"));
        let corrected = decided(["7", "", "", "correct", "cat"]);
        assert_eq!(corrected.check_kept(false, "dog"), Ok(()));
    }

    #[test]
    fn a_file_of_decisions_is_known_by_its_columns() {
        let is = |columns: &str| Decided::has_columns(columns.split(','));
        assert!(is("sample_id,file,row,decision,label") && is("by,decision,sample_id"));
        assert!(!is("sample_id,label") && !is("file,row,decision,label"));
    }
}
