//! A file that says something of training samples by their ids, those of the log or their owner's: an AUM table as the
//! analyzer writes it, the decisions of its report, its suggestions, or a list of ids, one a line. What it says beside the
//! ids (given labels, files and rows) must be true of the samples here.

mod checks;
mod meaning;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::dataset::files::text_table::read_utf8;
use crate::dataset::label_file::cells::Cell;
use crate::dataset::label_file::file::LabelFile;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::OwnIds;
use crate::error::label_file::LabelFileProblem;
use crate::error::removal::{FinalTrainingError, RemovalProblem};
use crate::labels::training_labels::TrainingLabels;

/// A list of 10 million ids takes less.
const MOST_LIST_BYTES: u64 = 256 << 20;

const FLAGGED: &str = "flagged";
const SAMPLE_ID: &str = "sample_id";
/// What the analyzer calls the ids of the data's owner.
const OWN_ID: &str = "id";
const FILE: &str = "file";
const ROW: &str = "row";

type Found<T> = Result<T, FinalTrainingError>;
type Read<T> = Result<T, RemovalProblem>;

/// Such a file, whose samples were found.
pub(crate) struct SampleList<'a> {
    file: LabelFile,
    dataset: &'a Dataset,
    labels: &'a TrainingLabels,
    /// Empty for a list of ids alone.
    columns: Vec<String>,
    /// Of each sample, the row (from 0) that is about it.
    rows: Vec<usize>,
    /// Places in the training set, in the order of the file.
    samples: Vec<usize>,
}

impl<'a> SampleList<'a> {
    /// Reads the file of samples with these labels.
    pub(crate) fn open(
        path: &Path,
        dataset: &'a Dataset,
        labels: &'a TrainingLabels,
        run: Option<&str>,
    ) -> Found<Self> {
        let mut list = Self {
            file: LabelFile {
                path: path.to_owned(),
                ..LabelFile::default()
            },
            dataset,
            labels,
            columns: Vec::new(),
            rows: Vec::new(),
            samples: Vec::new(),
        };
        let read = list.read(run);
        list.placed(read)?;
        Ok(list)
    }

    fn read(&mut self, run: Option<&str>) -> Read<()> {
        let ids = match self.table_columns()? {
            Some(columns) => {
                self.columns = columns;
                let own = self.own_id_column();
                let by_place = own.is_none() && !self.has(SAMPLE_ID);
                let all = match own {
                    Some(at) => self.file.read_decoded(at)?,
                    None if by_place => self.column(ROW)?,
                    None => self.column(SAMPLE_ID)?,
                };
                self.rows = self.rows_of(run, all.len())?;
                let cells = self.rows.iter().map(|&row| (row, &all[row]));
                match own {
                    Some(_) => self.ids_of_own(cells.map(|(_, cell)| text(cell)))?,
                    None if by_place => self.ids_at_places()?,
                    None => cells
                        .map(|(row, cell)| id(cell, || format!("row {row}")))
                        .collect::<Read<Vec<i64>>>()?,
                }
            }
            None => self.listed_ids()?,
        };
        self.find(&ids)?;
        // An AUM table has a row for every sample; a shorter one is of something else.
        if self.has(FLAGGED) && ids.len() != self.labels.given.len() {
            return Err(RemovalProblem::OtherCount {
                listed: ids.len(),
                samples: self.labels.given.len(),
            });
        }
        self.check()
    }

    /// The column of the owner's ids in a table without those of the log, under their own name or as the analyzer calls
    /// them.
    fn own_id_column(&self) -> Option<usize> {
        let own = self.dataset.train.origins.own_ids.as_ref()?;
        // One of the analyzer's has both.
        let is_log = self.has(SAMPLE_ID) && (own.column != SAMPLE_ID || self.has(OWN_ID));
        let at = |name: &str| self.columns.iter().position(|column| column == name);
        let own = at(&own.column).or_else(|| at(OWN_ID));
        own.filter(|_| !is_log)
    }

    /// The ids in the log of these of the owner.
    fn ids_of_own(&self, own_ids: impl Iterator<Item = String>) -> Read<Vec<i64>> {
        let Some(own) = &self.dataset.train.origins.own_ids else {
            return Ok(Vec::new());
        };
        let places = places_of(own);
        let id = |own_id: String| match places.get(&own_id) {
            Some(&place) => Ok(self.labels.sample_ids[place]),
            None => Err(RemovalProblem::UnknownOwnId {
                id: own_id,
                column: own.column.clone(),
            }),
        };
        own_ids.map(id).collect()
    }

    /// The columns of a table; `None` of a plain list of ids.
    fn table_columns(&self) -> Read<Option<Vec<String>>> {
        let is_id = |column: &String| column == SAMPLE_ID;
        match self.file.columns() {
            Ok(columns) if columns.iter().any(is_id) => Ok(Some(columns)),
            Ok(columns) if columns.len() > 1 => {
                let has = |name: &str| columns.iter().any(|column| column == name);
                let own = self.dataset.train.origins.own_ids.as_ref();
                let is_own = |own: &OwnIds| has(&own.column) || has(OWN_ID);
                match own.is_some_and(is_own) || has(FILE) && has(ROW) {
                    true => Ok(Some(columns)),
                    false => self.columns_without_id(&columns),
                }
            }
            Ok(_) | Err(LabelFileProblem::Suffix) => Ok(None),
            Err(problem) => Err(problem.into()),
        }
    }

    fn columns_without_id<T>(&self, columns: &[String]) -> Read<T> {
        Err(RemovalProblem::NoColumn {
            wanted: SAMPLE_ID,
            columns: columns.join(", "),
            way_out: "it says which samples the rows are about, as file and row do",
        })
    }

    /// Those of a list: its owner's, or else those of the log.
    fn listed_ids(&mut self) -> Read<Vec<i64>> {
        let text = read_utf8(&self.file.path, MOST_LIST_BYTES).map_err(LabelFileProblem::from)?;
        let own = self.dataset.train.origins.own_ids.as_ref();
        let is_name = |line: &str| own.is_some_and(|own| own.column == line || line == OWN_ID);
        let lines = text.lines().map(str::trim).enumerate();
        let lines: Vec<(usize, &str)> = lines
            .filter(|(number, line)| !(line.is_empty() || *number == 0 && is_name(line)))
            .collect();
        self.rows = (0..lines.len()).collect();
        let in_log = lines.iter().map(|(number, line)| {
            let cell = Cell::Text((*line).to_owned());
            id(&cell, || format!("line {}", number + 1))
        });
        let in_log = in_log.collect::<Read<Vec<i64>>>();
        let Some(own) = own else {
            return in_log;
        };
        let places = places_of(own);
        let column = own.column.clone();
        let Some((_, unknown)) = lines.iter().find(|(_, id)| !places.contains_key(*id)) else {
            let of = |(_, id): &(usize, &str)| self.labels.sample_ids[places[*id]];
            let ids: Vec<i64> = lines.iter().map(of).collect();
            let known: BTreeSet<&i64> = self.labels.sample_ids.iter().collect();
            return match in_log {
                Ok(in_log) if in_log != ids && in_log.iter().all(|id| known.contains(id)) => {
                    Err(RemovalProblem::TwoMeanings { column })
                }
                _ => Ok(ids),
            };
        };
        let are_some_own = lines.iter().any(|(_, id)| places.contains_key(*id));
        in_log.map_err(|problem| match are_some_own {
            true => RemovalProblem::UnknownOwnId {
                id: (*unknown).to_owned(),
                column,
            },
            false => problem,
        })
    }

    /// The rows of the run that is asked for, or of the only one.
    fn rows_of(&self, run: Option<&str>, count: usize) -> Read<Vec<usize>> {
        if !self.has("run") {
            return Ok((0..count).collect());
        }
        let runs: Vec<String> = self.column("run")?.iter().map(text).collect();
        let names: BTreeSet<&str> = runs.iter().map(String::as_str).collect();
        let told = || {
            let names: Vec<&str> = names.iter().copied().collect();
            names.join(", ")
        };
        let wanted = match (run, names.len()) {
            (Some(run), _) if names.contains(run) => run,
            (Some(run), _) => {
                return Err(RemovalProblem::NoSuchRun {
                    run: run.to_owned(),
                    found: told(),
                });
            }
            (None, 0 | 1) => return Ok((0..count).collect()),
            (None, _) => return Err(RemovalProblem::SeveralRuns(told())),
        };
        Ok((0..count).filter(|&row| runs[row] == wanted).collect())
    }

    fn find(&mut self, ids: &[i64]) -> Read<()> {
        let places = self.labels.sample_ids.iter().enumerate();
        let places: BTreeMap<i64, usize> = places.map(|(place, &id)| (id, place)).collect();
        let unknown: Vec<i64> = ids
            .iter()
            .copied()
            .filter(|id| !places.contains_key(id))
            .collect();
        if let Some(&id) = unknown.first() {
            return Err(RemovalProblem::UnknownId {
                id,
                unknown: unknown.len(),
                listed: ids.len(),
                first: places.keys().next().copied().unwrap_or_default(),
                last: places.keys().next_back().copied().unwrap_or_default(),
            });
        }
        self.samples = ids.iter().map(|id| places[id]).collect();
        let mut seen = BTreeSet::new();
        match ids.iter().find(|id| !seen.insert(**id)) {
            None => Ok(()),
            Some(&id) => Err(RemovalProblem::Twice { id }),
        }
    }

    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    /// The cells of a column in the rows of the samples.
    fn cells(&self, column: &'static str) -> Read<Vec<Cell>> {
        let all = self.column(column)?;
        Ok(self.rows.iter().map(|&row| all[row].clone()).collect())
    }

    fn column(&self, column: &'static str) -> Read<Vec<Cell>> {
        match self.columns.iter().position(|name| name == column) {
            Some(at) => Ok(self.file.read_decoded(at)?),
            None => Err(self.no_column(column, "it is needed beside the others")),
        }
    }

    fn no_column(&self, wanted: &'static str, way_out: &'static str) -> RemovalProblem {
        RemovalProblem::NoColumn {
            wanted,
            columns: self.columns.join(", "),
            way_out,
        }
    }

    fn placed<T>(&self, read: Read<T>) -> Found<T> {
        read.map_err(|problem| FinalTrainingError::List {
            path: self.file.path.clone(),
            problem,
        })
    }
}

/// The place of each of the owner's ids.
fn places_of(own: &OwnIds) -> BTreeMap<String, usize> {
    let pairs = (0..own.ids.len()).filter_map(|at| Some((own.ids.get(at)?.to_string(), at)));
    pairs.collect()
}

fn id(cell: &Cell, place: impl Fn() -> String) -> Read<i64> {
    let id = whole(cell).and_then(|id| i64::try_from(id).ok());
    id.ok_or_else(|| RemovalProblem::NoId {
        place: place(),
        found: text(cell),
    })
}

fn whole(cell: &Cell) -> Option<i128> {
    match cell {
        Cell::Integer(number) => Some(*number),
        Cell::Text(text) => text.parse().ok(),
        Cell::Null => None,
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Integer(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Null => String::new(),
    }
}
