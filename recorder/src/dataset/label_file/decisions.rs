//! The decisions of a report, given in the place of labels: kept and corrected labels replace those that were
//! under suspicion, and the samples to be removed are left out. Decisions of samples that are not here, that lie
//! elsewhere, or that kept another label are those of another run, and refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use logformat::{ClassLabels, DECISION_COLUMNS, Decided, Decision, Label};

use crate::dataset::label_file::cells::Cell;
use crate::dataset::label_file::file::{GivenLabels, LabelFile};
use crate::dataset::samples::origins::Origins;
use crate::error::label_file::LabelFileProblem;
use crate::error::run::RecorderError;

/// A file of decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionFile {
    /// A CSV file as a report saves it, or as TSV or Parquet.
    pub path: PathBuf,
}

impl DecisionFile {
    /// The file `path`, where it is one of decisions by its columns; what cannot be read is none.
    pub fn at(path: &Path) -> Option<Self> {
        let file = Self {
            path: path.to_owned(),
        };
        let columns = file.table().columns().ok()?;
        Decided::has_columns(columns.iter().map(String::as_str)).then_some(file)
    }

    fn table(&self) -> LabelFile {
        LabelFile {
            path: self.path.clone(),
            ..LabelFile::default()
        }
    }

    /// The places of the samples that are to be left out. Every decision has to be of one of these samples.
    pub(crate) fn removed(&self, samples: &Origins) -> Result<BTreeSet<usize>, RecorderError> {
        let mut removed = BTreeSet::new();
        for (row, decided, place) in self.placed(samples)? {
            let place = place.ok_or_else(|| self.unknown(row, &decided))?;
            let (file, row_there) = samples.place(place);
            decided
                .check_place(&file.to_string_lossy(), Some(row_there))
                .map_err(|reason| self.refused(Some(row), reason))?;
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
        let classes =
            DecidedClasses::of(decided.iter().map(|(_, decided, _)| decided), class_names)
                .map_err(|reason| self.refused(None, reason))?;
        let (mut kept, mut corrected) = (0, 0);
        for (row, decided, place) in &decided {
            let (Some(place), false) = (*place, decided.decision == Decision::Remove) else {
                continue;
            };
            let given = labels.given[place];
            let label = classes.after(decided, given);
            let label = label.map_err(|reason| self.refused(Some(*row), reason))?;
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

    /// The rows from 0 with their decisions, and the place of each sample that is there.
    fn placed(
        &self,
        samples: &Origins,
    ) -> Result<Vec<(usize, Decided, Option<usize>)>, RecorderError> {
        let places: BTreeMap<String, usize> = (0..samples.rows.len())
            .map(|place| (samples.sample_id(place).to_string(), place))
            .collect();
        let mut seen = BTreeMap::new();
        let mut placed = Vec::new();
        for (row, decided) in self.read()?.into_iter().enumerate() {
            if let Some(first) = seen.insert(decided.sample_id.clone(), row) {
                let id = &decided.sample_id;
                let reason = format!("sample {id} was decided in row {first} already");
                return Err(self.refused(Some(row), reason));
            }
            let place = places.get(&decided.sample_id).copied();
            placed.push((row, decided, place));
        }
        Ok(placed)
    }

    fn read(&self) -> Result<Vec<Decided>, RecorderError> {
        decisions_in(&self.table()).map_err(|problem| self.error(problem))
    }

    fn unknown(&self, row: usize, decided: &Decided) -> RecorderError {
        let id = &decided.sample_id;
        self.refused(Some(row), format!("sample {id} is no training sample here; these are decisions of other data, or read with other options"))
    }

    fn refused(&self, row: Option<usize>, reason: String) -> RecorderError {
        self.error(LabelFileProblem::Decision { row, reason })
    }

    fn error(&self, problem: LabelFileProblem) -> RecorderError {
        RecorderError::LabelFile {
            path: self.path.clone(),
            problem,
        }
    }
}

/// The decisions of a file that has the columns of one, row by row.
pub(crate) fn decisions_in(file: &LabelFile) -> Result<Vec<Decided>, LabelFileProblem> {
    let names = file.columns()?;
    let texts = |name: &&str| {
        let Some(at) = names.iter().position(|column| column == name) else {
            return Ok(Vec::new());
        };
        let cells = file.read_decoded(at)?;
        Ok(cells.iter().map(text).collect())
    };
    let columns = DECISION_COLUMNS.iter().map(texts);
    let columns = columns.collect::<Result<Vec<Vec<String>>, LabelFileProblem>>()?;
    let rows = (0..columns[0].len()).map(|row| {
        let cell = |column: usize| columns[column].get(row).map_or("", String::as_str);
        Decided::new([0, 1, 2, 3, 4].map(cell)).map_err(|reason| LabelFileProblem::Decision {
            row: Some(row),
            reason,
        })
    });
    rows.collect()
}

fn text(cell: &Cell) -> String {
    let label = cell.label();
    label.map_or_else(String::new, |label| label.name().into_owned())
}

/// What the labels of decisions are, for samples of these classes.
pub(crate) struct DecidedClasses<'a> {
    classes: ClassLabels<'a>,
    names: &'a [String],
}

impl<'a> DecidedClasses<'a> {
    /// How the labels are read: as names, or as numbers where all of them are.
    pub(crate) fn of<'d>(
        decided: impl Iterator<Item = &'d Decided> + Clone,
        names: &'a [String],
    ) -> Result<Self, String> {
        let texts = decided.map(|decided| decided.label.as_str());
        let texts = texts.filter(|label| !label.is_empty()).map(Label::Text);
        let classes = ClassLabels::of(texts, names)?;
        Ok(Self { classes, names })
    }

    /// The label of a sample that stays after its decision, `given` before it; refuses one that was kept as another.
    pub(crate) fn after(&self, decided: &Decided, given: u32) -> Result<u32, String> {
        if decided.label.is_empty() {
            return Ok(given);
        }
        let label = self.classes.class(Label::Text(&decided.label))?;
        let name = self.names.get(given as usize).map_or("", String::as_str);
        decided.check_kept(label == given, name)?;
        Ok(label)
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
                "row 1: sample 9 is no training sample here",
            ),
            (
                "1,set.csv,2,keep,cat\n",
                "row 0: sample 1 is row 2 of set.csv there, but row 1 of set.csv here",
            ),
            (
                "1,set.csv,1,keep,dog\n",
                "row 0: sample 1 is kept as \"dog\", but its given label is \"cat\" here",
            ),
            (
                "1,set.csv,1,correct,owl\n",
                "row 0: the label \"owl\" is neither the name of a class nor a whole number",
            ),
            (
                "1,set.csv,1,drop,\n",
                "row 0: the decision of sample 1 is \"drop\"",
            ),
            (
                "1,set.csv,1,remove,\n1,set.csv,1,keep,cat\n",
                "row 1: sample 1 was decided in row 0 already",
            ),
        ] {
            let said = decided(rows).unwrap_err();
            assert!(said.contains(reason), "{said}");
            assert_eq!(said.lines().count(), 1);
        }
    }

    /// As somebody types them, or writes a part of them again.
    #[test]
    fn decisions_need_a_sample_and_a_word_and_may_be_separated_by_tabs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("decisions.tsv");
        std::fs::write(&path, "decision\tsample_id\nremove\t2\nkeep\t0\n").unwrap();
        let file = DecisionFile::at(&path).unwrap();
        let all = Origins::rows_of("set.csv", 4);
        assert_eq!(file.removed(&all).unwrap(), [2].into());
        let given = GivenLabels {
            given: vec![1, 0, 0],
            truth: None,
            mislabeled: None,
            notes: Vec::new(),
        };
        let names = ["cat", "dog"].map(str::to_owned);
        let after = file.applied(given, &all.select(&[0, 1, 3]), &names);
        assert_eq!(after.unwrap().given, [1, 0, 0]);
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
