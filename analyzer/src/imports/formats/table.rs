//! A table of measurements, a row for a sample in an epoch, in CSV or Parquet with whatever names its columns
//! have: `--column epoch=step` says that the epoch is their column `step`.

use std::collections::BTreeMap;
use std::path::Path;

use logformat::Column;

use crate::error::AnalyzerError;
use crate::imports::format::{Gives, ImportFormat, Notes, Source};
use crate::imports::log_folder::LogFolder;
use crate::imports::measurements::{Measurement, Measurements, Visit, write_measurements};
use crate::imports::text_rows::{Row, TextRows};
use crate::logs::table_frame::{Frame, is_csv, refusal};

pub(crate) const FORMAT: ImportFormat = ImportFormat {
    name: "table",
    about: ".csv or .parquet with a row for each sample and epoch; `column` name=theirs for sample_id, epoch, assigned_label and margin (or assigned_logit and other_logit), and where there are such, rival_label, given_label, true_label",
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
const MARGIN: &str = Column::Margin.name();
/// In place of the margin, the two logits whose difference it is.
const LOGITS: [&str; 2] = ["assigned_logit", "other_logit"];
/// Where there are such.
const RIVAL: &str = Column::RivalLabel.name();
const GIVEN: &str = Column::GivenLabel.name();
const TRUTH: &str = Column::TrueLabel.name();
const ALL: [&str; 9] = [
    SAMPLE_ID, EPOCH, ASSIGNED, MARGIN, LOGITS[0], LOGITS[1], RIVAL, GIVEN, TRUTH,
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
    table.counts_from_0 = table.first_epoch()? == Some(0);
    if table.counts_from_0 {
        notes.push(format!(
            "{}: its epochs count from 0; those of the log count from 1",
            source.path.display()
        ));
    }
    write_measurements(source, log, &table)
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
}

#[derive(Clone, Copy)]
enum MarginAt {
    Column(usize),
    /// The logit of the label, and the largest other one.
    Logits(usize, usize),
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
            (None, Some(assigned), Some(other)) => MarginAt::Logits(assigned, other),
            _ => MarginAt::Column(needed(MARGIN)?),
        };
        Ok(Places {
            id: needed(SAMPLE_ID)?,
            epoch: needed(EPOCH)?,
            label: needed(ASSIGNED)?,
            margin,
            rival: find(RIVAL),
            given: find(GIVEN),
            truth: find(TRUTH),
        })
    }
}

struct Table<'a> {
    path: &'a Path,
    names: Names,
    counts_from_0: bool,
}

impl Table<'_> {
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
                is_threshold_sample: false,
                margin: if with_margins {
                    margin(row, places.margin)?
                } else {
                    0.0
                },
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
            let ids = rows.texts(name(places.id))?.unwrap_or_default();
            let labels = |at: Option<usize>| match at {
                Some(at) => rows.labels(name(at)),
                None => Ok(None),
            };
            let epochs = labels(Some(places.epoch))?.unwrap_or_default();
            let assigned = labels(Some(places.label))?.unwrap_or_default();
            let (given, truth) = (labels(places.given)?, labels(places.truth)?);
            let rivals = labels(places.rival)?;
            let margins = match places.margin {
                _ if !with_margins => Vec::new(),
                MarginAt::Column(at) => rows.floats(name(at))?.unwrap_or_default(),
                MarginAt::Logits(assigned, other) => {
                    let both = [assigned, other].map(|at| rows.floats(name(at)));
                    let [assigned, other] = both;
                    let pairs = assigned?
                        .unwrap_or_default()
                        .into_iter()
                        .zip(other?.unwrap_or_default());
                    pairs
                        .map(|(assigned, other)| Some(assigned? - other?))
                        .collect()
                }
            };
            for row in 0..rows.len() {
                let missing = |at: usize| rows.value(row, name(at), "is empty");
                let of =
                    |labels: &Option<Vec<Option<u32>>>| labels.as_ref().and_then(|all| all[row]);
                let margin = match (with_margins, places.margin) {
                    (false, _) => 0.0,
                    (true, MarginAt::Column(at) | MarginAt::Logits(at, _)) => {
                        margins[row].ok_or_else(|| missing(at))? as f32
                    }
                };
                let measurement = Measurement {
                    id: ids[row].as_deref().ok_or_else(|| missing(places.id))?,
                    epoch: epochs[row].ok_or_else(|| missing(places.epoch))?,
                    assigned_label: assigned[row].ok_or_else(|| missing(places.label))?,
                    given_label: of(&given),
                    true_label: of(&truth),
                    rival_label: of(&rivals),
                    is_threshold_sample: false,
                    margin,
                };
                visit(&measurement).map_err(|reason| {
                    refusal(self.path, format!("row {} {reason}", first + row))
                })?;
            }
        }
        Ok(())
    }
}

fn margin(row: Row<'_>, at: MarginAt) -> Result<f32, AnalyzerError> {
    let margin = match at {
        MarginAt::Column(at) => row.number(at, MARGIN)?,
        MarginAt::Logits(assigned, other) => {
            row.number(assigned, LOGITS[0])? - row.number(other, LOGITS[1])?
        }
    };
    Ok(margin as f32)
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
