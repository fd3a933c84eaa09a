//! A table of measurements, a row for a sample in an epoch, in CSV or Parquet with whatever names its columns
//! have: `--column epoch=step` says that the epoch is their column `step`.

use std::collections::BTreeMap;
use std::path::Path;

use logformat::{Column, ONE_PART_ALONE, PartCells, part_of_rows};

use crate::error::AnalyzerError;
use crate::imports::format::{Gives, ImportFormat, Notes, Source};
use crate::imports::log_folder::LogFolder;
use crate::imports::margin_columns::{LOGITS, MARGIN, MarginAt};
use crate::imports::measurements::{Measurement, Measurements, Visit, write_measurements};
use crate::imports::text_rows::TextRows;
use crate::logs::table_frame::{Frame, is_csv, refusal};

pub(crate) const FORMAT: ImportFormat = ImportFormat {
    name: "table",
    about: ".csv or .parquet with a row for each sample and epoch; `column` name=theirs for sample_id, epoch, assigned_label and margin (or assigned_logit and other_logit, or logits=logit_ for all columns logit_0, logit_1, …), and where there are such, rival_label, given_label, true_label, is_threshold_sample",
    recognises: |path| {
        let columns = |rows: TextRows<'_>| {
            Names::of(&BTreeMap::new())
                .places(path, rows.header())
                .is_ok()
        };
        is_csv(path) && TextRows::open(path).is_ok_and(columns)
    },
    gives: Gives::Log(read),
};

/// The columns that each measurement has.
const SAMPLE_ID: &str = Column::SampleId.name();
const EPOCH: &str = Column::Epoch.name();
const ASSIGNED: &str = Column::AssignedLabel.name();
/// In place of the margin, all logits, a column for each class: what stands before the index of the class.
const ALL_LOGITS: &str = Column::Logits.name();
/// Where there are such.
const RIVAL: &str = Column::RivalLabel.name();
const GIVEN: &str = Column::GivenLabel.name();
const TRUTH: &str = Column::TrueLabel.name();
const THRESHOLD: &str = Column::IsThresholdSample.name();
const ALL: [&str; 11] = [
    SAMPLE_ID, EPOCH, ASSIGNED, MARGIN, LOGITS[0], LOGITS[1], ALL_LOGITS, RIVAL, GIVEN, TRUTH,
    THRESHOLD,
];
/// Of a Parquet file.
const ROWS_AT_ONCE: usize = 1 << 18;

fn read(source: &Source<'_>, log: &mut LogFolder, notes: &mut Notes) -> Result<(), AnalyzerError> {
    let names = Names::of(&source.settings.columns);
    let odd = source
        .settings
        .columns
        .keys()
        .find(|name| !ALL.contains(&name.as_str()));
    if let Some(odd) = odd {
        let reason = format!(
            "`column` {odd}=…: a log has no such column; map one of {}",
            ALL.join(", ")
        );
        return Err(refusal(source.path, reason));
    }
    let mut table = Table {
        path: source.path,
        names,
        counts_from_0: false,
    };
    let unread = table.unread()?;
    table.check_parts(&unread)?;
    if !unread.is_empty() {
        let names = unread.iter().map(|(_, name)| match name.as_str() {
            "" => "without a name",
            name => name,
        });
        let names: Vec<&str> = names.collect();
        let (file, unread) = (source.path.display(), names.join(", "));
        notes.push(format!("{file}: its columns {unread} are not read"));
    }
    table.counts_from_0 = table.first_epoch()? == Some(0);
    if table.counts_from_0 {
        notes.push(format!(
            "{}: its epochs count from 0; those of the log count from 1",
            source.path.display()
        ));
    }
    notes.extend(write_measurements(source, log, &table)?);
    Ok(())
}

/// What their columns are called, by our names.
struct Names(BTreeMap<&'static str, String>);

/// Where the columns stand.
struct Places {
    id: usize,
    epoch: usize,
    label: usize,
    margin: MarginAt,
    rival: Option<usize>,
    given: Option<usize>,
    truth: Option<usize>,
    is_threshold_sample: Option<usize>,
}

impl Places {
    /// All of them.
    fn read(&self) -> Vec<usize> {
        let may_be = [self.rival, self.given, self.truth, self.is_threshold_sample];
        let margin = self.margin.columns().into_iter().map(|(place, _)| place);
        let labels = [self.id, self.epoch, self.label].into_iter();
        labels
            .chain(may_be.into_iter().flatten())
            .chain(margin)
            .collect()
    }
}

impl Names {
    fn of(columns: &BTreeMap<String, String>) -> Self {
        let theirs = |name: &'static str| {
            columns
                .get(name)
                .cloned()
                .unwrap_or_else(|| name.to_owned())
        };
        Self(ALL.into_iter().map(|name| (name, theirs(name))).collect())
    }

    fn theirs(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn places(&self, path: &Path, header: &[String]) -> Result<Places, AnalyzerError> {
        let find = |name: &str| header.iter().position(|column| column == self.theirs(name));
        let needed = |name: &str| {
            find(name).ok_or_else(|| {
                let theirs = self.theirs(name);
                let found = header.join(", ");
                refusal(
                    path,
                    format!("has no column {theirs}; its columns are {found}, so say which it is: `column` {name}=THEIRS"),
                )
            })
        };
        let margin = match (find(MARGIN), find(LOGITS[0]), find(LOGITS[1])) {
            (Some(margin), ..) => MarginAt::Column(margin),
            (None, Some(assigned), Some(other)) => MarginAt::Logits(assigned, other),
            (None, ..) => match all_logits(path, header, self.theirs(ALL_LOGITS))? {
                all if all.len() > 1 => MarginAt::AllLogits(all),
                _ => MarginAt::Column(needed(MARGIN).map_err(|missing| {
                    let Some(prefix) = numbered(header) else {
                        return missing;
                    };
                    refusal(
                        path,
                        format!("has no column {}; where {prefix}0, {prefix}1 and so on are the logits of the classes, say so: `column` {ALL_LOGITS}={prefix}", self.theirs(MARGIN)),
                    )
                })?),
            },
        };
        Ok(Places {
            id: needed(SAMPLE_ID)?,
            epoch: needed(EPOCH)?,
            label: needed(ASSIGNED)?,
            margin,
            rival: find(RIVAL),
            given: find(GIVEN),
            truth: find(TRUTH),
            is_threshold_sample: find(THRESHOLD),
        })
    }
}

/// Where the logits of the classes stand, which are called by the index of each behind `prefix`; one that has no column
/// would be no sample's rival.
fn all_logits(path: &Path, header: &[String], prefix: &str) -> Result<Vec<usize>, AnalyzerError> {
    let class = |name: &String| name.strip_prefix(prefix)?.parse::<usize>().ok();
    let columns = header.iter().enumerate();
    let columns = columns.filter_map(|(place, name)| Some((class(name)?, place)));
    let mut columns: Vec<(usize, usize)> = columns.collect();
    columns.sort_unstable();
    let mut expected = (0..).zip(&columns);
    if let Some((expected, (_, place))) = expected.find(|(expected, (class, _))| expected != class)
    {
        let found = &header[*place];
        return Err(refusal(
            path,
            format!(
                "has a column {found}, but none {prefix}{expected}: logits need a column for each class, counted from 0; rename or add what differs"
            ),
        ));
    }
    Ok(columns.into_iter().map(|(_, place)| place).collect())
}

/// What stands before the numbers of columns that are counted from 0.
fn numbered(header: &[String]) -> Option<&str> {
    let mut prefixes = header.iter().filter_map(|name| name.strip_suffix('0'));
    prefixes.find(|prefix| header.contains(&format!("{prefix}1")))
}

struct Table<'a> {
    path: &'a Path,
    names: Names,
    counts_from_0: bool,
}

impl Table<'_> {
    /// The columns that are none of those that are read, and where they stand.
    fn unread(&self) -> Result<Vec<(usize, String)>, AnalyzerError> {
        let header: Vec<String> = match is_csv(self.path) {
            true => TextRows::open(self.path)?.header().to_vec(),
            false => {
                let rows = Frame::read_rows(self.path, 0, 1)?;
                rows.names().map(str::to_owned).collect()
            }
        };
        let read = self.names.places(self.path, &header)?.read();
        let all = header.into_iter().enumerate();
        Ok(all.filter(|(place, _)| !read.contains(place)).collect())
    }

    /// Refuses rows of several parts of a data set, as loops record them that log their validation, too.
    fn check_parts(&self, unread: &[(usize, String)]) -> Result<(), AnalyzerError> {
        if !is_csv(self.path) {
            return part_of_rows(self.path)
                .map(|_| ())
                .map_err(AnalyzerError::from);
        }
        let mut rows = TextRows::open(self.path)?;
        let is_source = |name: &str| name == "pass" || name == "run";
        let (sources, others): (Vec<_>, Vec<_>) =
            unread.iter().partition(|(_, name)| is_source(name));
        let mut sources: Vec<_> = sources.into_iter().map(|of| (of, None)).collect();
        // Those whose cells may still say something.
        let mut saying: Vec<_> = others
            .into_iter()
            .map(|(at, name)| (*at, PartCells::of(name)))
            .collect();
        while !(saying.is_empty() && sources.is_empty())
            && let Some(row) = rows.next()?
        {
            for ((at, name), first) in &mut sources {
                let text = row.text(*at)?;
                let known = &*first.get_or_insert_with(|| text.to_owned());
                if known != text {
                    return Err(row.refusal(&format!("has {name} {text}, others have {known}: a source is one pass, so import each training by itself")));
                }
            }
            let mut still = Vec::new();
            for (at, mut cells) in saying {
                let goes_on = cells.see(row.text(at)?);
                if let Some([known, text]) = cells.contradiction() {
                    let name = cells.column();
                    let reason =
                        format!("has {name} {text}, others have {known}: {ONE_PART_ALONE}");
                    return Err(row.refusal(&reason));
                }
                if goes_on {
                    still.push((at, cells));
                }
            }
            saying = still;
        }
        Ok(())
    }

    fn first_epoch(&self) -> Result<Option<u32>, AnalyzerError> {
        let mut first: Option<u32> = None;
        self.visit_all(false, &mut |row| {
            first = Some(first.map_or(row.epoch, |first| first.min(row.epoch)));
            Ok(())
        })?;
        Ok(first)
    }

    fn visit_all(&self, with_margins: bool, visit: &mut Visit<'_>) -> Result<(), AnalyzerError> {
        match is_csv(self.path) {
            true => self.visit_csv(with_margins, visit),
            false => self.visit_parquet(with_margins, visit),
        }
    }

    fn visit_csv(&self, with_margins: bool, visit: &mut Visit<'_>) -> Result<(), AnalyzerError> {
        let mut rows = TextRows::open(self.path)?;
        let places = self.names.places(self.path, rows.header())?;
        let (columns, mut numbers) = (places.margin.columns(), Vec::new());
        while let Some(row) = rows.next()? {
            let label = |at: Option<usize>, name| match at.map(|at| row.text(at)).transpose()? {
                None | Some("") => Ok(None),
                Some(_) => row.whole(at.unwrap_or_default(), name).map(Some),
            };
            let measurement = Measurement {
                id: row.text(places.id)?,
                epoch: row.whole(places.epoch, EPOCH)?,
                assigned_label: row.whole(places.label, ASSIGNED)?,
                given_label: label(places.given, GIVEN)?,
                true_label: label(places.truth, TRUTH)?,
                rival_label: label(places.rival, RIVAL)?,
                is_threshold_sample: match places.is_threshold_sample {
                    Some(at) => row.flag(at, THRESHOLD)?,
                    None => false,
                },
                ..Measurement::default()
            };
            let measurement = if with_margins {
                numbers.clear();
                for &(at, meaning) in &columns {
                    numbers.push(row.number(at, meaning)?);
                }
                let measured = places.margin.of(&numbers, measurement);
                measured.map_err(|reason| row.refusal(&reason))?
            } else {
                places.margin.unmeasured(measurement)
            };
            visit(&measurement).map_err(|reason| row.refusal(&reason))?;
        }
        Ok(())
    }

    fn visit_parquet(
        &self,
        with_margins: bool,
        visit: &mut Visit<'_>,
    ) -> Result<(), AnalyzerError> {
        for first in (0..).step_by(ROWS_AT_ONCE) {
            let rows = Frame::read_rows(self.path, first, ROWS_AT_ONCE)?;
            let header: Vec<String> = rows.names().map(str::to_owned).collect();
            let places = self.names.places(self.path, &header)?;
            if rows.len() == 0 {
                return Ok(());
            }
            let name = |at: usize| header[at].as_str();
            let mut ids = rows.texts(name(places.id))?.unwrap_or_default();
            if rows.is_float(name(places.id)) {
                // As pandas keeps whole numbers that were beside missing ones.
                for id in ids.iter_mut().flatten() {
                    *id = id.strip_suffix(".0").unwrap_or(id).to_owned();
                }
            }
            let labels = |at: Option<usize>| match at {
                Some(at) => rows.labels(name(at)),
                None => Ok(None),
            };
            let epochs = labels(Some(places.epoch))?.unwrap_or_default();
            let assigned = labels(Some(places.label))?.unwrap_or_default();
            let (given, truth) = (labels(places.given)?, labels(places.truth)?);
            let rivals = labels(places.rival)?;
            let flags = places.is_threshold_sample.map(|at| rows.flags(name(at)));
            let flags = flags.transpose()?.flatten();
            let mut columns = places.margin.columns();
            columns.truncate(if with_margins { columns.len() } else { 0 });
            let floats =
                |&(at, _): &(usize, _)| rows.floats(name(at)).map(Option::unwrap_or_default);
            let floats: Vec<Vec<Option<f64>>> =
                columns.iter().map(floats).collect::<Result<_, _>>()?;
            for row in 0..rows.len() {
                let missing = |at: usize| rows.value(row, name(at), "is empty");
                let of =
                    |labels: &Option<Vec<Option<u32>>>| labels.as_ref().and_then(|all| all[row]);
                let measurement = Measurement {
                    id: ids[row].as_deref().ok_or_else(|| missing(places.id))?,
                    epoch: epochs[row].ok_or_else(|| missing(places.epoch))?,
                    assigned_label: assigned[row].ok_or_else(|| missing(places.label))?,
                    given_label: of(&given),
                    true_label: of(&truth),
                    rival_label: of(&rivals),
                    is_threshold_sample: flags.as_ref().is_some_and(|all| all[row] == Some(true)),
                    ..Measurement::default()
                };
                let refused = |reason| refusal(self.path, format!("row {} {reason}", first + row));
                let measurement = if with_margins {
                    let number = |(column, &(at, _)): (&Vec<Option<f64>>, &(usize, _))| {
                        column[row].ok_or_else(|| missing(at))
                    };
                    let numbers: Result<Vec<f64>, _> =
                        floats.iter().zip(&columns).map(number).collect();
                    places.margin.of(&numbers?, measurement).map_err(refused)?
                } else {
                    places.margin.unmeasured(measurement)
                };
                visit(&measurement).map_err(refused)?;
            }
        }
        Ok(())
    }
}

impl Measurements for Table<'_> {
    fn for_each(&self, with_margins: bool, visit: &mut Visit<'_>) -> Result<(), AnalyzerError> {
        let shift = u32::from(self.counts_from_0);
        self.visit_all(with_margins, &mut |row| {
            visit(&Measurement {
                epoch: row.epoch.saturating_add(shift),
                ..*row
            })
        })
    }
}
