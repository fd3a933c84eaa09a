//! What the owner of the data calls each training sample, from a column that was named: of the data's own
//! tables, or of the file of labels where these do not have it. Integers or texts, each once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use logformat::SampleIds;

use crate::dataset::files::label_column::{is_called_as_ids, looks_like_labels};
use crate::dataset::label_file::cells::Cell;
use crate::dataset::label_file::file::LabelFile;
use crate::dataset::label_file::keys::is_key;
use crate::dataset::label_file::{csv, parquet};
use crate::dataset::samples::origins::{Origins, OwnIds};
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;
use crate::error::label_file::LabelFileProblem;
use crate::error::run::RecorderError;

/// The ids of these samples; `None` where no column was named.
///
/// # Errors
/// [`DatasetError::OwnIds`] with what is wrong: there is no such column, a row without an id, or two rows
/// that share one.
pub(crate) fn own_ids(
    settings: &DatasetSettings,
    samples: &Origins,
) -> Result<Option<OwnIds>, RecorderError> {
    let Some(column) = &settings.id_column else {
        return Ok(None);
    };
    let files: Vec<PathBuf> = samples.files.iter().map(PathBuf::from).collect();
    let in_labels = settings.label_file.as_ref();
    let in_labels = in_labels.filter(|_| !has_column(&files, column));
    let read = match in_labels {
        Some(file) => {
            let path = vec![file.path.clone()];
            let places = file.rows_beside(samples, column)?.into_iter();
            let places = places.map(|row| (0, row as u64)).collect();
            Rows {
                files: path,
                places,
            }
        }
        None => Rows {
            files,
            places: samples.rows.clone(),
        },
    };
    Ok(Some(read.ids(column)?))
}

/// Refuses a column that is not there, before the rest of the tables is taken for something else.
///
/// # Errors
/// [`DatasetError::OwnIds`] where neither these files nor one of labels can have it.
pub(crate) fn check_column(
    files: &[PathBuf],
    settings: &DatasetSettings,
) -> Result<(), DatasetError> {
    match (&settings.id_column, &settings.label_file, files.first()) {
        (Some(column), None, Some(file)) => find_column(file, column).map(|_| ()),
        _ => Ok(()),
    }
}

/// The ids of samples in these rows of tables.
///
/// # Errors
/// Those of [`own_ids`].
pub(crate) fn ids_of_rows(
    files: Vec<PathBuf>,
    places: Vec<(u32, u64)>,
    column: &str,
) -> Result<OwnIds, DatasetError> {
    Rows { files, places }.ids(column)
}

/// The ids of samples that are all the rows of some tables, wherever these say that they came from.
///
/// # Errors
/// Those of [`own_ids`].
pub(crate) fn ids_of_tables(files: &[PathBuf], column: &str) -> Result<OwnIds, DatasetError> {
    let cells = files.iter().map(|file| read_column(file, column));
    let cells: Vec<Vec<Cell>> = cells.collect::<Result<_, _>>()?;
    let places = (0..).zip(&cells).flat_map(|(file, cells)| {
        let rows = 0..cells.len() as u64;
        rows.map(move |row| (file, row))
    });
    let rows = Rows {
        places: places.collect(),
        files: files.to_vec(),
    };
    rows.of_cells(column, &cells)
}

/// Whether the first of some tables has a column.
pub(crate) fn has_column(files: &[PathBuf], column: &str) -> bool {
    let has = |file: &PathBuf| {
        let columns = reader(file).and_then(|(columns, _)| columns(file).ok());
        columns.is_some_and(|columns| columns.iter().any(|name| name == column))
    };
    files.first().is_some_and(has)
}

/// Refuses a file of labels whose rows are in another order than those of these tables, as a column says that both
/// have and nobody named: each sample would get the label of another.
///
/// # Errors
/// [`LabelFileProblem::SharedColumn`] or [`LabelFileProblem::SharedIds`] with the column.
pub(crate) fn check_shared_columns(
    files: &[PathBuf],
    labels: &LabelFile,
) -> Result<(), RecorderError> {
    // What cannot be read is told by whoever needs it.
    let columns = labels.columns().unwrap_or_default();
    let of_data = files.first().and_then(|file| (reader(file)?.0)(file).ok());
    let of_data = of_data.unwrap_or_default();
    for (at, column) in columns.iter().enumerate() {
        let is_label = looks_like_labels(column) || labels.column.as_ref() == Some(column);
        if column.is_empty() || is_label {
            continue;
        }
        // Ids may be called otherwise there; by those of usual names rows are joined.
        let shared = of_data
            .iter()
            .filter(|name| match of_data.contains(column) {
                true => *name == column,
                false => !is_key(column) && (is_key(name) || is_called_as_ids(name)),
            });
        for name in shared {
            let cells = files.iter().map(|file| read_column(file, name));
            let cells = cells.collect::<Result<Vec<Vec<Cell>>, _>>();
            let (Ok(cells), Ok(of_labels)) = (cells, labels.read_decoded(at)) else {
                continue;
            };
            let cells = cells.concat();
            let keys = |cells: &[Cell]| cells.iter().map(Cell::key).collect::<Vec<_>>();
            let (mut one, mut other) = (keys(&cells), keys(&of_labels));
            if one.len() != other.len() || one == other {
                continue;
            }
            if name == column {
                return Err(labels.error(LabelFileProblem::SharedColumn(column.clone())));
            }
            one.sort_unstable();
            other.sort_unstable();
            if one == other && one.windows(2).all(|pair| pair[0] != pair[1]) {
                return Err(labels.error(LabelFileProblem::SharedIds {
                    column: column.clone(),
                    of_data: name.clone(),
                }));
            }
        }
    }
    Ok(())
}

/// The rows that samples are in.
struct Rows {
    files: Vec<PathBuf>,
    places: Vec<(u32, u64)>,
}

type ReadCells = fn(&Path, usize) -> Result<Vec<Cell>, LabelFileProblem>;
/// How the columns of a table and one of them are read.
type Reader = (
    fn(&Path) -> Result<Vec<String>, LabelFileProblem>,
    ReadCells,
);

/// Whether a file is a table with columns, by its name.
pub(crate) fn is_table(path: &Path) -> bool {
    reader(path).is_some()
}

fn reader(path: &Path) -> Option<Reader> {
    let suffix = path.extension()?.to_string_lossy().to_lowercase();
    match suffix.as_str() {
        "parquet" => Some((parquet::columns, parquet::read_cells)),
        "csv" | "tsv" => Some((csv::columns, csv::read_cells)),
        _ => None,
    }
}

fn refused(path: &Path, reason: String) -> DatasetError {
    DatasetError::OwnIds {
        path: path.to_owned(),
        reason,
    }
}

impl Rows {
    fn ids(self, column: &str) -> Result<OwnIds, DatasetError> {
        let cells = self.files.iter().map(|file| read_column(file, column));
        let cells: Vec<Vec<Cell>> = cells.collect::<Result<_, _>>()?;
        self.of_cells(column, &cells)
    }

    fn of_cells(self, column: &str, cells: &[Vec<Cell>]) -> Result<OwnIds, DatasetError> {
        let texts = self.texts(column, cells)?;
        self.check_unique(column, &texts)?;
        let is_integer =
            |text: &&String| text.parse::<i64>().is_ok_and(|id| id.to_string() == **text);
        let of_sample = self
            .places
            .iter()
            .map(|&(file, row)| &texts[file as usize][row as usize]);
        let ids = match of_sample.clone().all(|text| is_integer(&text)) {
            true => SampleIds::Integers(of_sample.filter_map(|text| text.parse().ok()).collect()),
            false => SampleIds::Texts(of_sample.cloned().collect()),
        };
        Ok(OwnIds {
            column: column.to_owned(),
            ids,
        })
    }

    /// The ids of all rows, those that are no samples included.
    fn texts(&self, column: &str, cells: &[Vec<Cell>]) -> Result<Vec<Vec<String>>, DatasetError> {
        let mut texts: Vec<Vec<String>> = Vec::with_capacity(cells.len());
        for (file, cells) in self.files.iter().zip(cells) {
            let label = |cell: &Cell| cell.label().map(|id| id.name().into_owned());
            texts.push(
                cells
                    .iter()
                    .map(|cell| label(cell).unwrap_or_default())
                    .collect(),
            );
            let last = texts.last().map_or(0, Vec::len);
            let beyond = self
                .places
                .iter()
                .find(|(at, row)| *at as usize + 1 == texts.len() && *row as usize >= last);
            if let Some((_, row)) = beyond {
                return Err(refused(
                    file,
                    format!("column {column} ends before row {row}"),
                ));
            }
        }
        let is_empty = |&&(file, row): &&(u32, u64)| texts[file as usize][row as usize].is_empty();
        match self.places.iter().find(is_empty) {
            None => Ok(texts),
            Some(&(file, row)) => Err(refused(
                &self.files[file as usize],
                format!("row {row} has no id in column {column}; every sample needs one"),
            )),
        }
    }

    fn check_unique(&self, column: &str, texts: &[Vec<String>]) -> Result<(), DatasetError> {
        let mut first: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (file, texts) in texts.iter().enumerate() {
            for (row, id) in texts.iter().enumerate().filter(|(_, id)| !id.is_empty()) {
                let Some((before, row_before)) = first.insert(id, (file, row)) else {
                    continue;
                };
                let of = match before == file {
                    true => String::new(),
                    false => format!(" of {}", self.files[before].display()),
                };
                return Err(refused(
                    &self.files[file],
                    format!(
                        "row {row} has the id {id:?} in column {column}, and so has row {row_before}{of}; an id names one sample alone"
                    ),
                ));
            }
        }
        Ok(())
    }
}

fn read_column(path: &Path, column: &str) -> Result<Vec<Cell>, DatasetError> {
    let (at, cells) = find_column(path, column)?;
    let reason =
        |found: String| format!("column {column} has {found}, but ids are whole numbers or texts");
    cells(path, at).map_err(|problem| {
        let reason = match problem {
            LabelFileProblem::Type { found, .. } => reason(format!("the type {found}")),
            LabelFileProblem::NotWhole(number) => reason(number.to_string()),
            other => other.to_string(),
        };
        refused(path, reason)
    })
}

/// Where a column is, and how it is read.
fn find_column(path: &Path, column: &str) -> Result<(usize, ReadCells), DatasetError> {
    let Some((columns, cells)) = reader(path) else {
        let reason = "it has no columns; ids are read from tables in Parquet, CSV and TSV, and from a file of labels";
        return Err(refused(path, reason.to_owned()));
    };
    let names = columns(path).map_err(|problem| refused(path, problem.to_string()))?;
    let at = names.iter().position(|name| name == column);
    let missing = || {
        let names = names.join(", ");
        refused(path, format!("there is no column {column}, but {names}"))
    };
    Ok((at.ok_or_else(missing)?, cells))
}
