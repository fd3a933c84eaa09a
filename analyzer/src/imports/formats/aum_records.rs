//! `full_aum_records.csv` of the authors' package `aum` (`AUMCalculator(compressed=False)`): a row for each
//! measurement of a sample, sorted by sample. Its `num_measurements` is the epoch: it counts the calls of
//! `update` with this sample.
//!
//! `target_logit` and `other_logit` are class indices, `target_val` and `other_val` the logits of these.
//! A variant of the package (`88ecdd8` among the branches of github.com/asappresearch/aum, March 2023) has the
//! two the other way round; which it is, their difference tells, since it is the margin.

use std::path::Path;

use crate::error::AnalyzerError;
use crate::imports::format::{Gives, ImportFormat, Notes, Source};
use crate::imports::log_folder::LogFolder;
use crate::imports::measurements::{Measurement, Measurements, Visit, write_measurements};
use crate::imports::text_rows::{Row, TextRows};
use crate::logs::table_frame::{is_csv, refusal};

pub(crate) const FORMAT: ImportFormat = ImportFormat {
    name: "aum-records",
    about: "full_aum_records.csv of the Python package aum",
    recognises: |path| {
        let columns = |rows: TextRows<'_>| rows.columns(COLUMNS).is_ok();
        is_csv(path) && TextRows::open(path).is_ok_and(columns)
    },
    gives: Gives::Log(read),
};

/// Those that are read; the AUM so far stands behind them.
pub(crate) const COLUMNS: [&str; 7] = [
    "sample_id",
    "num_measurements",
    "target_logit",
    "target_val",
    "other_logit",
    "other_val",
    "margin",
];
/// Rows that tell which columns are the classes.
const ROWS_LOOKED_AT: usize = 1000;
/// Of the logits: margins of half precision differ that much from the difference of what is printed.
const ROUNDING: f64 = 0.02;

fn read(source: &Source<'_>, log: &mut LogFolder, notes: &mut Notes) -> Result<(), AnalyzerError> {
    let records = Records::open(source.path)?;
    if records.is_swapped {
        notes.push(format!(
            "{}: target_logit and other_logit hold the logits and target_val and other_val the classes, as a variant of aum writes them; read so",
            source.path.display()
        ));
    }
    notes.extend(write_measurements(source, log, &records)?);
    Ok(())
}

struct Records<'a> {
    path: &'a Path,
    columns: Columns,
    is_swapped: bool,
}

/// Where the columns stand, by what they mean.
#[derive(Clone, Copy)]
struct Columns {
    id: usize,
    epoch: usize,
    label: usize,
    logit: usize,
    rival: usize,
    rival_logit: usize,
    margin: usize,
}

impl<'a> Records<'a> {
    fn open(path: &'a Path) -> Result<Self, AnalyzerError> {
        let mut rows = TextRows::open(path)?;
        let [id, epoch, label, logit, rival, rival_logit, margin] = rows.columns(COLUMNS)?;
        let documented = Columns {
            id,
            epoch,
            label,
            logit,
            rival,
            rival_logit,
            margin,
        };
        let swapped = Columns {
            label: logit,
            logit: label,
            rival: rival_logit,
            rival_logit: rival,
            ..documented
        };
        let mut fits = [true; 2];
        let mut count = 0;
        while count < ROWS_LOOKED_AT
            && let Some(row) = rows.next()?
        {
            fits[0] &= documented.fits(row);
            fits[1] &= swapped.fits(row);
            count += 1;
        }
        let (columns, is_swapped) = match fits {
            _ if count == 0 => return Err(refusal(path, "has no measurements".to_owned())),
            [true, _] => (documented, false),
            [false, true] => (swapped, true),
            [false, false] => {
                let reason = format!(
                    "which columns are classes and which are logits cannot be told: in its first {count} rows the margin is the difference of neither pair throughout; write the file again with one version of aum"
                );
                return Err(refusal(path, reason));
            }
        };
        Ok(Self {
            path,
            columns,
            is_swapped,
        })
    }
}

impl Columns {
    /// Whether the margin is the difference of these logits, and the classes are classes. A value that is no
    /// number at all is found, with its place, when it is read.
    fn fits(self, row: Row<'_>) -> bool {
        let number = |column| row.number(column, "");
        let is_class = |column| row.whole(column, "").is_ok();
        match (
            number(self.logit),
            number(self.rival_logit),
            number(self.margin),
        ) {
            (Ok(logit), Ok(rival), Ok(margin)) => {
                let rounding = ROUNDING * (logit.abs() + rival.abs()) + 1e-6;
                (logit - rival - margin).abs() <= rounding
                    && is_class(self.label)
                    && is_class(self.rival)
            }
            _ => true,
        }
    }
}

impl Measurements for Records<'_> {
    fn for_each(&self, with_margins: bool, visit: &mut Visit<'_>) -> Result<(), AnalyzerError> {
        let mut rows = TextRows::open(self.path)?;
        let columns = self.columns;
        while let Some(row) = rows.next()? {
            let (assigned_label, margin) = match with_margins {
                true => (0, row.number(columns.margin, "the margin")? as f32),
                false => (row.whole(columns.label, "the class of the target")?, 0.0),
            };
            let measurement = Measurement {
                id: row.text(columns.id)?,
                epoch: row.whole(columns.epoch, "num_measurements")?,
                assigned_label,
                rival_label: Some(
                    row.whole(columns.rival, "the class of the largest other logit")?,
                ),
                margin,
                ..Measurement::default()
            };
            visit(&measurement).map_err(|reason| row.refusal(&reason))?;
        }
        Ok(())
    }
}
