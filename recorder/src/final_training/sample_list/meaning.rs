//! What a list says of its samples: which are left out, and which get another label.

use logformat::{Decided, Decision};

use crate::dataset::label_file::cells::Cell;
use crate::dataset::label_file::decisions::{DecidedClasses, decisions_in};
use crate::dataset::reading_report::first_names;
use crate::error::removal::RemovalProblem;
use crate::final_training::sample_list::{
    FILE, FLAGGED, Found, OWN_ID, ROW, Read, SAMPLE_ID, SampleList, text, whole,
};

const DECISION: &str = "decision";
const SUGGESTED: &str = "suggested_label";
/// Its name, where people write it.
const SUGGESTED_CLASS: &str = "suggested_class";

/// So many classes are named in an error.
const MOST_NAMED: usize = 12;

impl SampleList<'_> {
    /// The samples that the file says to leave out: the flagged ones, those to be removed, or all of a list.
    pub(crate) fn left_out(&self) -> Found<Vec<usize>> {
        self.placed(match (self.has(FLAGGED), self.has(DECISION)) {
            (_, true) => self.removed(),
            (true, false) => self.flagged(),
            (false, false) if self.is_list() => Ok(self.samples.clone()),
            _ => Err(self.no_column(
                FLAGGED,
                "give an AUM table, the decisions of a report, or a list of ids; suggested labels are for `relabel`",
            )),
        })
    }

    /// Whether it says nothing but which samples it is of.
    fn is_list(&self) -> bool {
        let own = self.dataset.train.origins.own_ids.as_ref();
        let says_which = |column: &String| {
            [SAMPLE_ID, OWN_ID, FILE, ROW].contains(&column.as_str())
                || own.is_some_and(|own| own.column == *column)
        };
        self.columns.iter().all(says_which)
    }

    /// The labels of those that were decided to be corrected; none where there are no decisions.
    pub(crate) fn corrections(&self) -> Found<Vec<(usize, u32)>> {
        match self.has(DECISION) {
            true => self.relabelled(),
            false => Ok(Vec::new()),
        }
    }

    /// The labels that were decided or suggested.
    pub(crate) fn relabelled(&self) -> Found<Vec<(usize, u32)>> {
        let suggests = self.has(SUGGESTED) || self.has(SUGGESTED_CLASS);
        self.placed(match (self.has(DECISION), suggests) {
            (true, _) => self.decided_labels(),
            (false, true) => self.suggested_labels(),
            _ => Err(self.no_column(
                SUGGESTED,
                "give the labels that the analyzer suggests for confusions, or the decisions of a report",
            )),
        })
    }

    /// All but this share with the highest AUMs; of equal ones the later sample goes first.
    pub(crate) fn low_aums(&self, kept: f64) -> Found<Vec<usize>> {
        self.placed(self.read_low_aums(kept))
    }

    fn read_low_aums(&self, kept: f64) -> Read<Vec<usize>> {
        let at = self.columns.iter().position(|column| column == "aum");
        let at = at.ok_or_else(|| self.no_column("aum", "give a table of analyzer aum -o"))?;
        let aums = self.file.read_numbers(at)?;
        let samples = self.samples.iter().zip(&self.rows);
        let mut judged: Vec<(f64, usize)> = samples
            .filter_map(|(&sample, &row)| Some((aums[row]?, sample)))
            .collect();
        judged.sort_by(|(a, first), (b, second)| b.total_cmp(a).then(first.cmp(second)));
        let count = (kept * judged.len() as f64).round() as usize;
        Ok(judged[count.min(judged.len())..]
            .iter()
            .map(|(_, sample)| *sample)
            .collect())
    }

    /// The samples that are flagged.
    fn flagged(&self) -> Read<Vec<usize>> {
        let mut flagged = Vec::new();
        for (place, cell) in self.cells(FLAGGED)?.into_iter().enumerate() {
            let found = text(&cell);
            match found.as_str() {
                // As spreadsheets write them, too.
                "true" | "True" | "TRUE" => flagged.push(self.samples[place]),
                "false" | "False" | "FALSE" | "" => {}
                _ => {
                    return Err(RemovalProblem::UnknownValue {
                        row: self.rows[place],
                        column: FLAGGED,
                        found,
                        known: "true and false",
                    });
                }
            }
        }
        Ok(flagged)
    }

    /// What was decided of each sample.
    fn decided(&self) -> Read<Vec<Decided>> {
        let all = decisions_in(&self.file)?;
        Ok(self.rows.iter().map(|&row| all[row].clone()).collect())
    }

    fn removed(&self) -> Read<Vec<usize>> {
        let decided = self.decided()?.into_iter().zip(&self.samples);
        let removed = decided.filter(|(decided, _)| decided.decision == Decision::Remove);
        Ok(removed.map(|(_, &sample)| sample).collect())
    }

    fn decided_labels(&self) -> Read<Vec<(usize, u32)>> {
        let decided = self.decided()?;
        let refused = |place: Option<usize>, reason| RemovalProblem::Label {
            row: place.map(|place| self.rows[place]),
            reason,
        };
        let classes = DecidedClasses::of(decided.iter(), &self.dataset.class_names);
        let classes = classes.map_err(|reason| refused(None, reason))?;
        let mut labels = Vec::new();
        for (place, decided) in decided.iter().enumerate() {
            let sample = self.samples[place];
            if decided.decision != Decision::Remove {
                let label = classes.after(decided, self.labels.given[sample]);
                labels.push((
                    sample,
                    label.map_err(|reason| refused(Some(place), reason))?,
                ));
            }
        }
        Ok(labels)
    }

    /// Class indices, whatever the classes are called, or their names; a sample without a suggestion keeps its label.
    fn suggested_labels(&self) -> Read<Vec<(usize, u32)>> {
        let cells = |column| match self.has(column) {
            true => self.cells(column),
            false => Ok(vec![Cell::Null; self.samples.len()]),
        };
        let mut labels = Vec::new();
        let pairs = cells(SUGGESTED)?.into_iter().zip(cells(SUGGESTED_CLASS)?);
        for (at, (index, name)) in pairs.enumerate() {
            let index = (index != Cell::Null).then(|| self.class_index(at, &index));
            let name = text(&name);
            let named = (!name.is_empty()).then(|| self.class_called(at, &name));
            match (index.transpose()?, named.transpose()?) {
                (Some(index), Some(named)) if index != named => {
                    return Err(RemovalProblem::Label {
                        row: Some(self.rows[at]),
                        reason: format!(
                            "{SUGGESTED} is {index} and {SUGGESTED_CLASS} {name:?}, which are two classes; correct both, or leave one column out"
                        ),
                    });
                }
                (index, named) => {
                    let class = index.or(named);
                    labels.extend(class.map(|class| (self.samples[at], class)));
                }
            }
        }
        Ok(labels)
    }

    fn class_index(&self, at: usize, cell: &Cell) -> Read<u32> {
        let class = whole(cell).and_then(|class| u32::try_from(class).ok());
        let class = class.filter(|&class| class < self.labels.class_count);
        class.ok_or_else(|| RemovalProblem::Label {
            row: Some(self.rows[at]),
            reason: format!(
                "{:?} is no index of a class, 0 to {}",
                text(cell),
                self.labels.class_count.saturating_sub(1)
            ),
        })
    }

    fn class_called(&self, at: usize, name: &str) -> Read<u32> {
        let mut names = (0..).zip(&self.dataset.class_names);
        let class = names.find(|(_, class)| *class == name);
        class
            .map(|(class, _)| class)
            .ok_or_else(|| RemovalProblem::Label {
                row: Some(self.rows[at]),
                reason: format!(
                    "{name:?} in {SUGGESTED_CLASS} is no class; they are {}",
                    first_names(
                        self.dataset.class_names.iter().map(String::as_str),
                        MOST_NAMED
                    )
                ),
            })
    }
}
