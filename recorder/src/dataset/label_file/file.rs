//! A file of labels, and which of its columns are read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use logformat::{Label, MislabeledColumn, told_classes};

use crate::dataset::files::label_column::{is_called_id, looks_like_labels};
use crate::dataset::label_file::cells::Cell;
use crate::dataset::label_file::classes::{names, without_missing};
use crate::dataset::label_file::columns::choose_column;
use crate::dataset::label_file::keys::{
    Joined, join, join_ids_called_otherwise, join_unnamed, key_column, may_join_unnamed,
};
use crate::dataset::label_file::marks::TruthColumn;
use crate::dataset::label_file::{classes, csv, npy, parquet};
use crate::dataset::reading_report::first_names;
use crate::dataset::samples::origins::{Origins, OwnIds};
use crate::error::label_file::LabelFileProblem;
use crate::error::run::RecorderError;

/// So many columns that are not read are named.
const MOST_NAMED: usize = 6;

/// Where labels are read from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelFile {
    /// A Parquet, CSV, TSV or NPY file; the suffix says which.
    pub path: PathBuf,
    /// The column of the given labels; `None` for the only one there is.
    pub column: Option<String>,
    /// What is known of the labels, where anything is.
    pub truth: Option<TruthColumn>,
    /// Whether it is the data's own table.
    pub is_of_data: bool,
    /// Whether "nan" and other texts for a missing label are the name of a class.
    pub missing_is_a_class: bool,
}

impl LabelFile {
    /// Reads the labels of the samples with these classes: each from the row that names its file or its id, or
    /// else from that at its place. Where the samples were kept of a larger set, the file may have a label for
    /// each sample of that one.
    ///
    /// # Errors
    /// [`RecorderError::LabelFile`] with the column, the row and the reason.
    pub fn read(
        &self,
        samples: &Origins,
        class_names: &[String],
    ) -> Result<GivenLabels, RecorderError> {
        let read = || {
            let columns = self.columns()?;
            let given = self.choose(&columns, self.column.as_deref())?;
            let truth = self.truth_among(&columns)?;
            let labels: Vec<usize> = [Some(given), truth].into_iter().flatten().collect();
            for &at in &labels {
                check_no_indices(&columns[at], &columns, class_names)?;
            }
            let (joined, note) = self.join(&columns, &labels, samples)?;
            let mut notes: Vec<String> = note.into_iter().collect();
            let (mut labels, mut mislabeled) = (None, None);
            match (truth, &self.truth) {
                (Some(at), Some(TruthColumn::Mislabeled(column))) => {
                    mislabeled = Some(self.read_marks(at, column, &joined)?);
                }
                (Some(at), _) => {
                    let cells = self.read_truth(at)?;
                    let read = self.read_column(&cells, &columns[at], &joined, class_names)?;
                    let (known, all) = (read.classes.iter().flatten().count(), read.classes.len());
                    if known < all {
                        notes.push(format!(
                            "the true label of {known} of {all} samples is known, by column {} of {}",
                            columns[at],
                            self.path.display()
                        ));
                    }
                    labels = Some(read.classes);
                }
                (None, _) => {}
            }
            Ok(GivenLabels {
                given: self.read_all(given, &columns[given], &joined, class_names)?,
                truth: labels,
                mislabeled,
                notes,
            })
        };
        read().map_err(|problem| self.error(problem))
    }

    /// The row about each sample, where a column of the file is what their owner calls them: that does not say
    /// which row it is.
    ///
    /// # Errors
    /// Those of [`LabelFile::read`].
    pub(crate) fn rows_beside(
        &self,
        samples: &Origins,
        own_ids: &str,
    ) -> Result<Vec<usize>, RecorderError> {
        let read = || {
            let columns = self.columns()?;
            let own = self.choose(&columns, Some(own_ids))?;
            let given = self.choose(&columns, self.column.as_deref())?;
            let truth = self.truth.as_ref().map(TruthColumn::name);
            let truth = truth.and_then(|name| columns.iter().position(|column| column == name));
            let others: Vec<usize> = [Some(own), Some(given), truth]
                .into_iter()
                .flatten()
                .collect();
            let (rows, _) = self.join(&columns, &others, samples)?;
            let count = self.read_decoded(own)?.len();
            rows.of(count, |labels, samples| {
                self.length_error(labels, samples, own_ids)
            })
        };
        read().map_err(|problem| self.error(problem))
    }

    /// Which labels are wrong, of samples that were read from this very table with their labels `given`.
    ///
    /// # Errors
    /// As for [`LabelFile::read`].
    pub fn read_own_marks(
        &self,
        column: &MislabeledColumn,
        samples: &Origins,
        given: &[u32],
    ) -> Result<GivenLabels, RecorderError> {
        let read = || {
            let columns = self.columns()?;
            let at = self.choose(&columns, Some(&column.name))?;
            self.read_marks(at, column, &Rows::ByPlace(samples.clone()))
        };
        let mislabeled = read().map_err(|problem| self.error(problem))?;
        Ok(GivenLabels {
            given: given.to_vec(),
            truth: None,
            mislabeled: Some(mislabeled),
            notes: Vec::new(),
        })
    }

    /// The names of the classes that the file tells, for samples without labels of their own.
    ///
    /// # Errors
    /// [`RecorderError::LabelFile`] where it cannot be read, or has fewer than two classes.
    pub fn class_names(&self) -> Result<Vec<String>, RecorderError> {
        let told = || {
            let columns = self.columns()?;
            let at = self.choose(&columns, self.column.as_deref())?;
            let mut cells = self.read_decoded(at)?;
            names(&cells, self.missing_is_a_class).map_err(|(row, reason)| {
                LabelFileProblem::Label {
                    column: columns[at].clone(),
                    row: Some(row),
                    sample: None,
                    reason,
                }
            })?;
            if let Some(TruthColumn::Labels(name)) = &self.truth {
                cells.extend(self.read_truth(self.choose(&columns, Some(name))?)?);
            }
            let names = told_classes(cells.iter().filter_map(Cell::label));
            match names.len() {
                0 | 1 => Err(LabelFileProblem::OneClass),
                _ => Ok(names),
            }
        };
        told().map_err(|problem| self.error(problem))
    }

    /// Refuses a folder, before its files are read for something else.
    pub(crate) fn check_is_table(&self) -> Result<(), RecorderError> {
        match self.path.is_dir() {
            false => Ok(()),
            true => Err(self.error(LabelFileProblem::Folder)),
        }
    }

    /// Whether no labels are read from it: it is the data's own table, and says of their labels which are
    /// wrong.
    pub(crate) fn marks_own_labels(&self) -> bool {
        self.is_of_data && matches!(self.truth, Some(TruthColumn::Mislabeled(_)))
    }

    /// Where the labels are, for people.
    pub(crate) fn in_words(&self) -> String {
        let chosen = || {
            let columns = self.columns().ok()?;
            let at = self.choose(&columns, self.column.as_deref()).ok()?;
            Some(columns[at].clone()).filter(|column| !column.is_empty())
        };
        let column = chosen().map_or_else(String::new, |column| format!("column {column} of "));
        format!("{column}{}", self.path.display())
    }

    pub(crate) fn error(&self, problem: LabelFileProblem) -> RecorderError {
        RecorderError::LabelFile {
            path: self.path.clone(),
            problem,
        }
    }

    /// The row of each sample: its own where the samples are this table, or else that which a column says, by what
    /// it is called or holds.
    fn join(
        &self,
        columns: &[String],
        labels: &[usize],
        samples: &Origins,
    ) -> Result<(Rows, Option<String>), LabelFileProblem> {
        let by_place = |note| Ok((Rows::ByPlace(samples.clone()), note));
        if self.is_of_data {
            return by_place(None);
        }
        if let Some(own) = &samples.own_ids
            && let Some((at, joined)) = self.join_by_ids(columns, labels, own)?
        {
            let column = &columns[at];
            let by_number = || join(column, &self.read_decoded(at)?, samples);
            if is_called_id(column)
                && let Ok(Some(by_number)) = by_number()
                && by_number.rows != joined.rows
            {
                return Err(LabelFileProblem::TwoMeanings {
                    column: column.clone(),
                    own: own.column.clone(),
                });
            }
            return Ok((Rows::Joined(joined.rows), joined.note));
        }
        let key = key_column(columns, labels, samples);
        if let Some(at) = key
            && let Some(joined) = join(&columns[at], &self.read_decoded(at)?, samples)?
        {
            return Ok((Rows::Joined(joined.rows), joined.note));
        }
        let others = (0..columns.len()).filter(|at| !labels.contains(at) && key != Some(*at));
        for at in others.clone() {
            // Whatever else is there need not be of types that keys have.
            if may_join_unnamed(&columns[at], samples)
                && let Ok(keys) = self.read_decoded(at)
                && let Some(joined) = join_unnamed(&columns[at], &keys, samples)?
            {
                return Ok((Rows::Joined(joined.rows), joined.note));
            }
        }
        if let Some((first, second)) = samples.against_their_numbers() {
            return Err(LabelFileProblem::FilesByName {
                first: first.to_owned(),
                second: second.to_owned(),
            });
        }
        let file = self.path.display();
        let unread: Vec<&str> = others.map(|at| columns[at].as_str()).collect();
        by_place(match (key, &unread[..]) {
            (Some(key), _) => Some(format!(
                "column {} of {file} names none of the samples, so its labels are taken in their order",
                columns[key]
            )),
            (None, []) => None,
            (None, unread) => Some(format!(
                "the labels of {file} are taken in their order; not read of it: {}",
                first_names(unread.iter().copied(), MOST_NAMED)
            )),
        })
    }

    /// By the owner's ids under whatever name, their column and the row of each sample; `None` where no column has them.
    fn join_by_ids(
        &self,
        columns: &[String],
        labels: &[usize],
        own: &OwnIds,
    ) -> Result<Option<(usize, Joined)>, LabelFileProblem> {
        if columns.contains(&own.column) {
            return Ok(None);
        }
        // A table of the analyzer has the ids of the log before them.
        let others = (0..columns.len()).filter(|at| !labels.contains(at));
        let (of_log, others): (Vec<_>, Vec<_>) = others.partition(|&at| columns[at] == "sample_id");
        for at in others.into_iter().chain(of_log) {
            // Whatever else is there need not be of types that ids have.
            if let Ok(keys) = self.read_decoded(at)
                && let Some(joined) = join_ids_called_otherwise(&columns[at], &keys, own)?
            {
                return Ok(Some((at, joined)));
            }
        }
        Ok(None)
    }

    /// Whether each row is taken for that of the sample at its place.
    ///
    /// # Errors
    /// Those of [`LabelFile::read`].
    pub(crate) fn is_taken_in_order(&self, samples: &Origins) -> Result<bool, RecorderError> {
        let is_taken = || {
            let columns = self.columns()?;
            let given = self.choose(&columns, self.column.as_deref())?;
            let truth = self.truth_among(&columns)?;
            let labels: Vec<usize> = [Some(given), truth].into_iter().flatten().collect();
            let (rows, _) = self.join(&columns, &labels, samples)?;
            Ok(matches!(rows, Rows::ByPlace(_)))
        };
        is_taken().map_err(|problem| self.error(problem))
    }

    /// Whether rows are joined to samples by the owner's ids, which are those of the data.
    ///
    /// # Errors
    /// Those of [`LabelFile::read`].
    pub(crate) fn has_ids(&self, own: &OwnIds) -> Result<bool, RecorderError> {
        let has = || {
            let columns = self.columns()?;
            let joined = self.join_by_ids(&columns, &[], own)?;
            Ok(columns.contains(&own.column) || joined.is_some())
        };
        has().map_err(|problem| self.error(problem))
    }

    /// The class of each sample; all of them must have one.
    fn read_all(
        &self,
        at: usize,
        column: &str,
        rows: &Rows,
        class_names: &[String],
    ) -> Result<Vec<u32>, LabelFileProblem> {
        let read = self.read_column(&self.read_decoded(at)?, column, rows, class_names)?;
        let known = |(sample, class): (usize, &Option<u32>)| {
            class.ok_or_else(|| LabelFileProblem::Label {
                column: column.to_owned(),
                row: Some(read.rows[sample]),
                sample: Some(sample),
                reason: "there is no label; every training sample needs one".to_owned(),
            })
        };
        read.classes.iter().enumerate().map(known).collect()
    }

    /// The class of each sample, where its cell is not empty.
    fn read_column(
        &self,
        cells: &[Cell],
        column: &str,
        rows: &Rows,
        class_names: &[String],
    ) -> Result<ReadColumn, LabelFileProblem> {
        let rows = rows.of(cells.len(), |labels, samples| {
            self.length_error(labels, samples, column)
        })?;
        let cells: Vec<Cell> = rows.iter().map(|&row| cells[row].clone()).collect();
        match classes::from_cells(&cells, class_names) {
            Ok(classes) => Ok(ReadColumn { rows, classes }),
            Err((sample, reason)) => Err(LabelFileProblem::Label {
                column: column.to_owned(),
                row: sample.map(|sample| rows[sample]),
                sample,
                reason,
            }),
        }
    }

    fn truth_among(&self, columns: &[String]) -> Result<Option<usize>, LabelFileProblem> {
        let truth = self.truth.as_ref();
        truth
            .map(|truth| self.choose(columns, Some(truth.name())))
            .transpose()
    }

    fn read_marks(
        &self,
        at: usize,
        column: &MislabeledColumn,
        rows: &Rows,
    ) -> Result<Vec<Option<bool>>, LabelFileProblem> {
        let cells = self.read_decoded(at)?;
        let rows = rows.of(cells.len(), |labels, samples| {
            self.length_error(labels, samples, &column.name)
        })?;
        let marks = column
            .marks(cells.iter().map(Cell::label))
            .map_err(|(row, reason)| LabelFileProblem::Label {
                column: column.name.clone(),
                row: Some(row),
                sample: None,
                reason,
            })?;
        Ok(rows.iter().map(|&row| marks[row]).collect())
    }

    /// The decoders of Parquet and NPY panic on some damaged files.
    fn decoded<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, LabelFileProblem>,
    ) -> Result<T, LabelFileProblem> {
        catch_unwind(AssertUnwindSafe(|| read(self))).unwrap_or(Err(LabelFileProblem::Damaged))
    }

    fn suffix(&self) -> Option<String> {
        let suffix = self.path.extension()?;
        Some(suffix.to_string_lossy().to_lowercase())
    }

    fn length_error(&self, labels: usize, samples: usize, column: &str) -> LabelFileProblem {
        // Most likely a list of labels alone, whose first was taken for the name of the column.
        let is_text = matches!(self.suffix().as_deref(), Some("csv" | "tsv"));
        let is_named = looks_like_labels(column) || self.column.as_deref() == Some(column);
        if is_text && labels + 1 == samples && !is_named {
            return LabelFileProblem::NoHeader {
                labels,
                column: column.to_owned(),
                samples,
            };
        }
        LabelFileProblem::Length { labels, samples }
    }

    /// The columns of the file; an array is one without a name.
    pub(crate) fn columns(&self) -> Result<Vec<String>, LabelFileProblem> {
        self.decoded(|file| match file.suffix().as_deref() {
            Some("parquet") => parquet::columns(&file.path),
            Some("csv" | "tsv") => csv::columns(&file.path),
            Some("npy") => Ok(vec![String::new()]),
            _ => Err(LabelFileProblem::Suffix),
        })
    }

    fn choose(&self, columns: &[String], wanted: Option<&str>) -> Result<usize, LabelFileProblem> {
        match (self.suffix().as_deref(), wanted) {
            (Some("npy"), Some(wanted)) => Err(LabelFileProblem::NpyColumn(wanted.to_owned())),
            _ => choose_column(columns, wanted, self.truth.as_ref().map(TruthColumn::name)),
        }
    }

    /// The cells of a column of true labels: what programs write for a missing one is none.
    fn read_truth(&self, at: usize) -> Result<Vec<Cell>, LabelFileProblem> {
        let cells = self.read_decoded(at)?;
        Ok(match self.missing_is_a_class {
            true => cells,
            false => without_missing(&cells),
        })
    }

    /// The cells of a column.
    pub(crate) fn read_decoded(&self, at: usize) -> Result<Vec<Cell>, LabelFileProblem> {
        self.decoded(|file| match file.suffix().as_deref() {
            Some("parquet") => parquet::read_cells(&file.path, at),
            Some("csv" | "tsv") => csv::read_cells(&file.path, at),
            Some("npy") => npy::read_cells(&file.path),
            _ => Err(LabelFileProblem::Suffix),
        })
    }

    /// The numbers of a column of a table.
    pub(crate) fn read_numbers(&self, at: usize) -> Result<Vec<Option<f64>>, LabelFileProblem> {
        self.decoded(|file| match file.suffix().as_deref() {
            Some("parquet") => parquet::read_numbers(&file.path, at),
            Some("csv" | "tsv") => csv::read_numbers(&file.path, at),
            _ => Err(LabelFileProblem::Suffix),
        })
    }
}

/// Refuses the indices of classes in a table of results, which has the names beside them, where numbers are names of
/// other classes.
fn check_no_indices(
    column: &str,
    columns: &[String],
    class_names: &[String],
) -> Result<(), LabelFileProblem> {
    let beside = column
        .strip_suffix("_label")
        .map(|of| format!("{of}_class"));
    let is_result = columns.iter().any(|column| column == "sample_id");
    let Some(beside) = beside.filter(|beside| is_result && columns.contains(beside)) else {
        return Ok(());
    };
    let mut names = (0..).zip(class_names);
    let are_numbers = names
        .clone()
        .all(|(_, name)| Label::Text(name).number().is_some());
    match are_numbers && names.any(|(at, name): (usize, _)| *name != at.to_string()) {
        false => Ok(()),
        true => Err(LabelFileProblem::IndicesBesideNames {
            column: column.to_owned(),
            beside,
        }),
    }
}

/// The labels of a column.
struct ReadColumn {
    /// The row of each sample.
    rows: Vec<usize>,
    /// The class of each, where it is there.
    classes: Vec<Option<u32>>,
}

/// Which row is about which sample.
enum Rows {
    /// By file names or ids.
    Joined(Vec<usize>),
    /// Each is about the sample at its place.
    ByPlace(Origins),
}

impl Rows {
    /// The row of each sample, of so many.
    fn of(
        &self,
        count: usize,
        other_length: impl Fn(usize, usize) -> LabelFileProblem,
    ) -> Result<Vec<usize>, LabelFileProblem> {
        match self {
            Rows::Joined(rows) => Ok(rows.clone()),
            Rows::ByPlace(samples) => match (&samples.kept, samples.rows.len()) {
                (Some(kept), _) if kept.of == count => Ok(kept.places.clone()),
                (_, samples) if samples == count => Ok((0..count).collect()),
                (_, samples) => Err(other_length(count, samples)),
            },
        }
    }
}

/// The labels of the training samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenLabels {
    /// The label that each sample carries: the one under suspicion.
    pub given: Vec<u32>,
    /// The label known to be right, of each sample of which that is known.
    pub truth: Option<Vec<Option<u32>>>,
    /// Whether each is known to be wrong, or right, where no more is known than that.
    pub mislabeled: Option<Vec<Option<bool>>>,
    /// What there is to say of where they come from.
    pub notes: Vec<String>,
}
