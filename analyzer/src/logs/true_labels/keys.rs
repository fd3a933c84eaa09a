//! Which sample of a run a row of a table is about, by what the table has: the id in the log, the owner's id,
//! or the file and the row there.

use std::collections::BTreeMap;

use logformat::SampleIds;

use crate::error::AnalyzerError;
use crate::logs::configuration::own_id_column;
use crate::logs::origins::{FILE, ID, ROW};
use crate::logs::run_log::RunLog;
use crate::logs::true_labels::table::{KeyColumn, SAMPLE_ID, TrueLabels, told};

/// By what rows and samples belong together.
pub(crate) enum Keys<'a> {
    /// The id in the log, which what else says it must not contradict.
    SampleId(&'a KeyColumn, Vec<Keys<'a>>),
    /// The owner's id, in the column of this name.
    Id(&'a str, &'a KeyColumn, BTreeMap<String, usize>),
    /// The file, and where it holds several samples the row there.
    Place(&'a KeyColumn, Option<&'a KeyColumn>, Places),
}

impl<'a> Keys<'a> {
    /// Those of a table that can be joined to the samples of `log`.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] where there are none.
    pub(crate) fn of(table: &'a TrueLabels, log: &RunLog) -> Result<Self, AnalyzerError> {
        let column = |name: &str| table.keys.get_key_value(name);
        let own = log.origins.column(ID);
        let named = own_id_column(&log.configuration);
        // Where the owner's ids are called so, a table that has both is one of our own.
        let candidates = match named {
            Some(SAMPLE_ID) => [ID, SAMPLE_ID],
            Some(named) => [named, ID],
            None => [ID, ID],
        };
        let ids = candidates.iter().find_map(|&name| column(name));
        let id = ids.filter(|_| own.is_some()).map(|(name, ids)| {
            let positions = positions(&log.origins.texts(ID));
            Self::Id(name, ids, positions)
        });
        let place = match (column(FILE), column(ROW), Places::of(log)) {
            (Some((_, files)), Some((_, rows)), Some(places)) => {
                Some(Self::Place(files, Some(rows), places))
            }
            (Some((_, files)), None, Some(places)) if places.files_are_samples => {
                Some(Self::Place(files, None, places))
            }
            _ => None,
        };
        let sample_ids = column(SAMPLE_ID).filter(|_| own.is_none() || named != Some(SAMPLE_ID));
        match sample_ids {
            Some((_, ids)) => Ok(Self::SampleId(ids, id.into_iter().chain(place).collect())),
            None => id
                .or(place)
                .ok_or_else(|| table.refused(no_keys(table, log))),
        }
    }

    /// Which columns these are.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::SampleId(..) => SAMPLE_ID.to_owned(),
            Self::Id(name, ..) => (*name).to_owned(),
            Self::Place(_, Some(_), _) => "file and row".to_owned(),
            Self::Place(_, None, _) => "file".to_owned(),
        }
    }

    /// What a row says which sample it is about, and the position of that one in the log.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] where it says nothing, or nothing that can be of this log.
    pub(crate) fn at(
        &self,
        table: &TrueLabels,
        log: &RunLog,
        row: usize,
    ) -> Result<(String, Option<usize>), AnalyzerError> {
        let cell = |column: &KeyColumn, name: &str| {
            let cell = column.texts[row].clone();
            cell.ok_or_else(|| table.refused(format!("row {row}: the column {name} is empty")))
        };
        match self {
            Self::SampleId(ids, others) => {
                let id = cell(ids, SAMPLE_ID)?;
                let at = position(table, log, ids, &id, row)?;
                for other in others {
                    // A file may have been moved, and a cell be left empty.
                    let Ok((key, found)) = other.at(table, log, row) else {
                        continue;
                    };
                    let is_known = found.is_some() || matches!(other, Self::Id(..));
                    if is_known && found != at {
                        let columns = other.in_words();
                        return Err(table.refused(format!(
                            "row {row}: sample_id {id} and {columns} {key} are not the same sample of run {}; leave out the column that is not of this run",
                            log.title()
                        )));
                    }
                }
                Ok((id, at))
            }
            Self::Id(name, ids, of_id) => {
                let id = cell(ids, name)?;
                let at = of_id.get(&id).copied();
                Ok((id, at))
            }
            Self::Place(files, rows, places) => {
                let file = cell(files, FILE)?;
                let number = rows.map_or(Ok("0".to_owned()), |rows| cell(rows, ROW))?;
                let wrong = |reason: String| table.refused(format!("row {row}: {reason}"));
                let of_file = number
                    .strip_suffix(".0")
                    .unwrap_or(&number)
                    .parse()
                    .map_err(|_| {
                        wrong(format!(
                            "the column {ROW} is {number:?}, which is no row of a file"
                        ))
                    })?;
                let at = places.find(&file, of_file).map_err(wrong)?;
                Ok((format!("{file}, row {of_file}"), at))
            }
        }
    }
}

fn no_keys(table: &TrueLabels, log: &RunLog) -> String {
    let other = match (log.origins.column(ID), log.origins.column(FILE)) {
        (Some(_), _) => ", id, or file and row",
        (None, Some(_)) => ", or file and row",
        (None, None) => "",
    };
    format!(
        "there is no column {SAMPLE_ID}{other}, but {}; a table of true labels has the columns sample_id and true_label",
        told(&table.names)
    )
}

fn positions(ids: &[Option<String>]) -> BTreeMap<String, usize> {
    let ids = ids.iter().enumerate();
    ids.filter_map(|(at, id)| Some((id.clone()?, at))).collect()
}

/// Where a sample with this id in the log stands there.
fn position(
    table: &TrueLabels,
    log: &RunLog,
    column: &KeyColumn,
    id: &str,
    row: usize,
) -> Result<Option<usize>, AnalyzerError> {
    let other = |found: &str, kind: &str| {
        table.refused(format!(
            "row {row}: the sample id {id:?} is {found}, but the ids of run {} are {kind}; give the ids as the log has them",
            log.title()
        ))
    };
    match (&log.sample_ids, column.is_integer) {
        (SampleIds::Texts(all), None | Some(false)) => {
            Ok(all.binary_search_by(|other| other.as_str().cmp(id)).ok())
        }
        (SampleIds::Integers(all), None | Some(true)) => {
            // As pandas writes whole numbers beside missing ones.
            let plain = id.strip_suffix(".0").unwrap_or(id);
            let number = plain.parse::<i64>().ok();
            let number = number.filter(|number| number.to_string() == plain);
            let number = number.ok_or_else(|| other("a text", "integers"))?;
            Ok(all.binary_search(&number).ok())
        }
        (SampleIds::Integers(_), Some(false)) => Err(other("a text", "integers")),
        (SampleIds::Texts(_), Some(true)) => Err(other("an integer", "texts")),
    }
}

/// The samples of a run by the files that they came from.
pub(crate) struct Places {
    /// By file, and the row there.
    positions: BTreeMap<String, BTreeMap<i64, usize>>,
    /// The files by their names without folders.
    by_name: BTreeMap<String, Vec<String>>,
    files_are_samples: bool,
}

impl Places {
    fn of(log: &RunLog) -> Option<Self> {
        log.origins.column(FILE)?;
        let (files, rows) = (log.origins.texts(FILE), log.origins.rows());
        let mut positions = BTreeMap::<String, BTreeMap<i64, usize>>::new();
        for (at, (file, row)) in files.into_iter().zip(rows).enumerate() {
            let Some(file) = file else { continue };
            let row = row.unwrap_or(0);
            positions.entry(normal(&file)).or_default().insert(row, at);
        }
        let mut by_name = BTreeMap::<String, Vec<String>>::new();
        for file in positions.keys() {
            by_name
                .entry(name(file).to_owned())
                .or_default()
                .push(file.clone());
        }
        Some(Self {
            files_are_samples: positions.values().all(|rows| rows.len() == 1),
            positions,
            by_name,
        })
    }

    /// The sample of a file, named with as many of its folders as tell it from others, and of a row there.
    fn find(&self, file: &str, row: i64) -> Result<Option<usize>, String> {
        let file = normal(file);
        let of = |file: &str| self.positions.get(file)?.get(&row).copied();
        if self.positions.contains_key(&file) {
            return Ok(of(&file));
        }
        let ends = |long: &str, short: &str| {
            long.strip_suffix(short)
                .is_some_and(|folder| folder.ends_with('/'))
        };
        let named = self.by_name.get(name(&file)).into_iter().flatten();
        let fitting: Vec<&String> = named
            .filter(|known| ends(known, &file) || ends(&file, known))
            .collect();
        match fitting[..] {
            [] => Ok(None),
            [only] => Ok(of(only)),
            [first, second, ..] => Err(format!(
                "the file {file} may be {first} or {second}; name it with its folders"
            )),
        }
    }
}

fn normal(file: &str) -> String {
    file.replace('\\', "/").trim_start_matches("./").to_owned()
}

fn name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}
