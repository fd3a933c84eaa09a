//! The decisions of a report, given in the place of labels: kept and corrected labels replace those that were
//! under suspicion, and the samples to be removed are left out. Decisions of samples that are not here, that lie
//! elsewhere, or that kept another label are those of another run, and refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use logformat::{ClassLabels, DECISION_COLUMNS, Decided, Decision, Label};

use crate::dataset::files::text_table::TextTable;
use crate::dataset::label_file::csv::read_cells;
use crate::dataset::label_file::file::GivenLabels;
use crate::dataset::samples::origins::Origins;
use crate::error::label_file::LabelFileProblem;
use crate::error::run::RecorderError;

/// A file of decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionFile {
    /// A CSV file as a report saves it.
    pub path: PathBuf,
}

impl DecisionFile {
    /// The file `path`, where it is one of decisions by its columns; what cannot be read is none.
    pub fn at(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?;
        let table = suffix
            .eq_ignore_ascii_case("csv")
            .then(|| TextTable::open(path).ok())??;
        let is_one = Decided::has_columns(table.header.iter().map(String::as_str));
        is_one.then(|| Self {
            path: path.to_owned(),
        })
    }

    /// The places of the samples that are to be left out. Every decision has to be of one of these samples.
    pub(crate) fn removed(&self, samples: &Origins) -> Result<BTreeSet<usize>, RecorderError> {
        let mut removed = BTreeSet::new();
        for (row, decided, place) in self.placed(samples)? {
            let place = place.ok_or_else(|| self.unknown(row, &decided))?;
            let (file, row_there) = samples.place(place);
            decided
                .check_place(&file.to_string_lossy(), Some(row_there))
                .map_err(|reason| self.refused(row, reason))?;
            if decided.decision == Decision::Remove {
                removed.insert(place);
            }
        }
        Ok(removed)
    }

    /// The labels after the decisions, of the samples that were not left out.
    pub(crate) fn applied(
        &self,
        mut labels: GivenLabels,
        samples: &Origins,
        class_names: &[String],
    ) -> Result<GivenLabels, RecorderError> {
        let decided = self.placed(samples)?;
        let texts = decided.iter().map(|(_, decided, _)| decided.label.as_str());
        let texts = texts.filter(|label| !label.is_empty()).map(Label::Text);
        let classes =
            ClassLabels::of(texts, class_names).map_err(|reason| self.refused(1, reason))?;
        let (mut kept, mut corrected) = (0, 0);
        for (row, decided, place) in &decided {
            let (Some(place), false) = (*place, decided.decision == Decision::Remove) else {
                continue;
            };
            let refused = |reason| self.refused(*row, reason);
            let label = classes
                .class(Label::Text(&decided.label))
                .map_err(refused)?;
            let given = labels.given[place];
            let name = class_names.get(given as usize).map_or("", String::as_str);
            decided.check_kept(label == given, name).map_err(refused)?;
            let count = match decided.decision {
                Decision::Keep => &mut kept,
                Decision::Correct | Decision::Remove => &mut corrected,
            };
            *count += 1;
            labels.given[place] = label;
            // What was known to be wrong was another label.
            if let (Some(marks), true) = (&mut labels.mislabeled, label != given) {
                marks[place] = None;
            }
        }
        labels.notes.push(format!(
            "{}: {corrected} labels are corrected, {kept} kept",
            self.path.display()
        ));
        Ok(labels)
    }

    /// The rows from 1 with their decisions, and the place of each sample that is there.
    fn placed(
        &self,
        samples: &Origins,
    ) -> Result<Vec<(usize, Decided, Option<usize>)>, RecorderError> {
        let places: BTreeMap<String, usize> = (0..samples.rows.len())
            .map(|place| (samples.sample_id(place).to_string(), place))
            .collect();
        let mut seen = BTreeMap::new();
        let mut placed = Vec::new();
        for (row, decided) in (1..).zip(self.read()?) {
            if let Some(first) = seen.insert(decided.sample_id.clone(), row) {
                let id = &decided.sample_id;
                let reason = format!("sample {id} was decided in row {first} already");
                return Err(self.refused(row, reason));
            }
            let place = places.get(&decided.sample_id).copied();
            placed.push((row, decided, place));
        }
        Ok(placed)
    }

    fn read(&self) -> Result<Vec<Decided>, RecorderError> {
        let problem = |problem| self.error(problem);
        let header = TextTable::open(&self.path)
            .map_err(|error| problem(error.into()))?
            .header;
        let column = |name: &&str| {
            let at = header.iter().position(|column| column == name);
            let cells = read_cells(&self.path, at.unwrap_or_default()).map_err(problem)?;
            let texts = cells.iter().map(|cell| match cell.label() {
                Some(label) => label.name().into_owned(),
                None => String::new(),
            });
            Ok(texts.collect::<Vec<String>>())
        };
        let columns = DECISION_COLUMNS.iter().map(column);
        let columns = columns.collect::<Result<Vec<_>, RecorderError>>()?;
        let rows = (0..columns[0].len()).map(|row| {
            let cells = [0, 1, 2, 3, 4].map(|column| columns[column][row].as_str());
            Decided::new(cells).map_err(|reason| self.refused(row + 1, reason))
        });
        rows.collect()
    }

    fn unknown(&self, row: usize, decided: &Decided) -> RecorderError {
        let id = &decided.sample_id;
        self.refused(row, format!("sample {id} is no training sample here; these are decisions of other data, or read with other options"))
    }

    fn refused(&self, row: usize, reason: String) -> RecorderError {
        self.error(LabelFileProblem::Decision { row, reason })
    }

    fn error(&self, problem: LabelFileProblem) -> RecorderError {
        RecorderError::LabelFile {
            path: self.path.clone(),
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The labels of four samples of the classes cat and dog, all given cat, in the rows 0 to 3 of a file,
    /// after these decisions; and which samples are left out.
    fn decided(rows: &str) -> Result<(Vec<u32>, Vec<usize>), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("decisions.csv");
        std::fs::write(&path, format!("{}\n{rows}", DECISION_COLUMNS.join(","))).unwrap();
        let file = DecisionFile::at(&path).unwrap();
        let names = ["cat", "dog"].map(str::to_owned);
        let all = Origins::rows_of("set.csv", 4);
        let decided = || {
            let removed = file.removed(&all)?;
            let kept: Vec<usize> = (0..4).filter(|place| !removed.contains(place)).collect();
            let given = GivenLabels {
                given: vec![0; kept.len()],
                truth: None,
                mislabeled: None,
                notes: Vec::new(),
            };
            let after = file.applied(given, &all.select(&kept), &names)?;
            Ok((after.given, removed.into_iter().collect()))
        };
        let decided: Result<_, RecorderError> = decided();
        decided.map_err(|error| {
            let text = error.to_string();
            text[text.find("decisions.csv").unwrap()..].to_owned()
        })
    }

    #[test]
    fn labels_are_kept_or_corrected_and_samples_left_out() {
        let decisions = "0,set.csv,0,keep,cat\n1,set.csv,1,remove,\n3,set.csv,3,correct,dog\n";
        assert_eq!(decided(decisions), Ok((vec![0, 0, 1], vec![1])));
        assert_eq!(decided(""), Ok((vec![0; 4], vec![])));
    }

    #[test]
    fn decisions_that_are_not_of_these_data_are_refused_with_their_row() {
        for (rows, reason) in [
            (
                "0,set.csv,0,keep,cat\n9,set.csv,9,keep,cat\n",
                "row 2: sample 9 is no training sample here",
            ),
            (
                "1,set.csv,2,keep,cat\n",
                "row 1: sample 1 is row 2 of set.csv there, but row 1 of set.csv here",
            ),
            (
                "1,set.csv,1,keep,dog\n",
                "row 1: sample 1 is kept as \"dog\", but its given label is \"cat\" here",
            ),
            (
                "1,set.csv,1,correct,owl\n",
                "row 1: the label \"owl\" is neither the name of a class nor a whole number",
            ),
            (
                "1,set.csv,1,drop,\n",
                "row 1: the decision of sample 1 is \"drop\"",
            ),
            (
                "1,set.csv,1,remove,\n1,set.csv,1,keep,cat\n",
                "row 2: sample 1 was decided in row 1 already",
            ),
        ] {
            let said = decided(rows).unwrap_err();
            assert!(said.contains(reason), "{said}");
            assert_eq!(said.lines().count(), 1);
        }
    }

    #[test]
    fn other_files_hold_no_decisions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.csv");
        assert_eq!(DecisionFile::at(&path), None);
        std::fs::write(&path, "sample_id,label\n0,cat\n").unwrap();
        assert_eq!(DecisionFile::at(&path), None);
    }
}
