//! From single measurements, a row for a sample in an epoch in whatever order another tool has them, to the
//! epochs of a log.
//!
//! The source is read at least twice: first for the samples, their labels and how many rows each epoch has,
//! then for the margins. An epoch is written as soon as it has all its rows. Where many are open at once,
//! since the rows come sample by sample, later epochs wait for another reading: what is held is bounded by
//! the number of samples, not of rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use logformat::{EpochMargins, PassSamples, SampleRow};

use crate::error::AnalyzerError;
use crate::imports::format::Source;
use crate::imports::log_folder::LogFolder;
use crate::imports::sample_names::SampleNumbers;
use crate::logs::table_frame::refusal;

/// What open epochs may take: those of 12 million measurements.
const OPEN_EPOCHS_BYTES: usize = 96 << 20;
/// A margin and a rival label.
const BYTES_PER_MEASUREMENT: usize = 8;
/// Labels and epochs are 32-bit integers with a sign in a log.
const LARGEST: u32 = i32::MAX as u32;

/// One sample in one epoch.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measurement<'a> {
    pub(crate) id: &'a str,
    pub(crate) epoch: u32,
    pub(crate) assigned_label: u32,
    pub(crate) given_label: Option<u32>,
    pub(crate) true_label: Option<u32>,
    pub(crate) is_threshold_sample: bool,
    pub(crate) rival_label: Option<u32>,
    /// Where margins are asked for.
    pub(crate) margin: f32,
}

/// Takes a measurement, or says what is wrong with it.
pub(crate) type Visit<'v> = dyn FnMut(&Measurement<'_>) -> Result<(), String> + 'v;

/// Rows that can be read again.
pub(crate) trait Measurements {
    /// Visits all of them: their margins where asked for, and else their labels, which may come with margins, too.
    fn for_each(&self, with_margins: bool, visit: &mut Visit<'_>) -> Result<(), AnalyzerError>;
}

/// Writes all measurements as one pass of a log; a note comes back where epochs lack samples.
pub(crate) fn write_measurements(
    source: &Source<'_>,
    log: &mut LogFolder,
    measurements: &impl Measurements,
) -> Result<Option<String>, AnalyzerError> {
    write_within(OPEN_EPOCHS_BYTES, source, log, measurements)
}

/// The same with what open epochs may take.
fn write_within(
    open_bytes: usize,
    source: &Source<'_>,
    log: &mut LogFolder,
    measurements: &impl Measurements,
) -> Result<Option<String>, AnalyzerError> {
    let survey = Survey::of(measurements, source)?;
    let samples = Arc::new(survey.samples(source)?);
    let incomplete = survey.incomplete_epochs(source);
    let mut numbers = survey.numbers;
    let rows_in_epoch = survey.rows_in_epoch;
    let mut next = rows_in_epoch.keys().next().copied();
    while let Some(first) = next {
        let mut open = OpenEpochs {
            samples: &samples,
            rows_in_epoch: &rows_in_epoch,
            epochs: BTreeMap::new(),
            first,
            end: u32::MAX,
            bytes: open_bytes,
        };
        measurements.for_each(true, &mut |row| {
            let sample = numbers.number(row.id).map_err(|_| changed())?;
            if let Some(complete) = open.take(sample, row)? {
                log.write(source.pass, complete)
                    .map_err(|error| error.to_string())?;
            }
            Ok(())
        })?;
        let end = open.end;
        next = rows_in_epoch.range(end..).next().map(|(&epoch, _)| epoch);
    }
    Ok(incomplete)
}

fn changed() -> String {
    "was not there before; the file changed while it was read, so import it again".to_owned()
}

/// What is the same in every epoch, and how many rows each has.
struct Survey {
    numbers: SampleNumbers,
    labels: Vec<Labels>,
    rows_in_epoch: BTreeMap<u32, usize>,
    /// Of all kinds.
    largest_label: u32,
}

#[derive(Clone, Copy, PartialEq)]
struct Labels {
    assigned: u32,
    given: Option<u32>,
    truth: Option<u32>,
    is_threshold_sample: bool,
}

impl Survey {
    /// Which epochs do not have every sample, where some do not.
    fn incomplete_epochs(&self, source: &Source<'_>) -> Option<String> {
        let samples = self.labels.len();
        let mut lacking = self
            .rows_in_epoch
            .iter()
            .filter(|(_, rows)| **rows < samples);
        let (epoch, rows) = lacking.next()?;
        let more = match lacking.count() {
            0 => String::new(),
            more => format!(", and {more} more lack some"),
        };
        Some(format!(
            "{}: epoch {epoch} has {rows} of the {samples} samples{more}; the AUM of a sample is the mean over the epochs that have it",
            source.path.display()
        ))
    }

    fn of(measurements: &impl Measurements, source: &Source<'_>) -> Result<Self, AnalyzerError> {
        for numbers in [SampleNumbers::of_integers(), SampleNumbers::of_texts()] {
            let mut survey = Self {
                numbers,
                labels: Vec::new(),
                rows_in_epoch: BTreeMap::new(),
                largest_label: 0,
            };
            let mut is_other_kind = false;
            let read = measurements.for_each(false, &mut |row| {
                let number = survey.numbers.number(row.id);
                is_other_kind = number.is_err();
                // Where one id is a text, all are, from the beginning.
                let number = number.map_err(|_| String::new())?;
                survey.take(number, row)
            });
            if !is_other_kind {
                read?;
                return Ok(survey);
            }
        }
        Err(refusal(source.path, changed()))
    }

    fn take(&mut self, number: usize, row: &Measurement<'_>) -> Result<(), String> {
        if row.epoch == 0 || row.epoch > LARGEST {
            return Err(format!("has epoch {}; epochs count from 1", row.epoch));
        }
        let labels = Labels {
            assigned: row.assigned_label,
            given: row.given_label,
            truth: row.true_label,
            is_threshold_sample: row.is_threshold_sample,
        };
        for label in [
            Some(labels.assigned),
            labels.given,
            labels.truth,
            row.rival_label,
        ] {
            self.largest_label = self.largest_label.max(label.unwrap_or(0));
        }
        if self.largest_label >= LARGEST {
            return Err(format!(
                "has class {}, which is no class index",
                self.largest_label
            ));
        }
        match self.labels.get(number) {
            None => self.labels.push(labels),
            Some(known) if *known == labels => {}
            Some(known) => {
                return Err(format!(
                    "has label {} for sample {}, but a line before has {}; labels must not change within a pass, so import each training by itself",
                    labels.assigned, row.id, known.assigned
                ));
            }
        }
        *self.rows_in_epoch.entry(row.epoch).or_default() += 1;
        Ok(())
    }

    fn samples(&self, source: &Source<'_>) -> Result<PassSamples, AnalyzerError> {
        let threshold_label = source.settings.threshold_label;
        let rows = self.labels.iter().enumerate().map(|(number, labels)| {
            let is_threshold_sample =
                labels.is_threshold_sample || threshold_label == Some(labels.assigned);
            SampleRow {
                sample_id: self.numbers.id(number),
                assigned_label: labels.assigned,
                given_label: labels.given.unwrap_or(labels.assigned),
                true_label: labels.truth,
                is_threshold_sample,
            }
        });
        pass_samples(rows.collect(), self.largest_label as usize + 1, source, {
            let mut given = self.labels.iter().map(|labels| labels.given);
            given.all(|label| label.is_some())
        })
    }
}

/// The samples of a pass, of which threshold samples, at least, have no known given label where
/// `has_given_labels` does not hold.
pub(crate) fn pass_samples(
    rows: Vec<SampleRow>,
    classes: usize,
    source: &Source<'_>,
    has_given_labels: bool,
) -> Result<PassSamples, AnalyzerError> {
    let has_threshold_samples = rows.iter().any(|row| row.is_threshold_sample);
    if let (Some(label), false) = (source.settings.threshold_label, has_threshold_samples) {
        let reason = format!(
            "no sample has the label {label}, which should be that of the threshold samples; the largest label is {}",
            classes - 1
        );
        return Err(refusal(source.path, reason));
    }
    let samples = PassSamples::new(rows, classes.max(2))?;
    Ok(match has_given_labels || !has_threshold_samples {
        true => samples,
        false => samples.without_given_labels(),
    })
}

/// The epochs from `first` on, before `end`, that have some of their rows.
struct OpenEpochs<'a> {
    samples: &'a Arc<PassSamples>,
    rows_in_epoch: &'a BTreeMap<u32, usize>,
    /// With the number of rows that each still waits for.
    epochs: BTreeMap<u32, (EpochMargins, usize)>,
    first: u32,
    end: u32,
    /// How much they may take.
    bytes: usize,
}

impl OpenEpochs<'_> {
    /// Takes the measurement of a sample; returns its epoch where it is complete now.
    fn take(
        &mut self,
        sample: usize,
        row: &Measurement<'_>,
    ) -> Result<Option<EpochMargins>, String> {
        if row.epoch < self.first || row.epoch >= self.end {
            return Ok(None);
        }
        if !self.epochs.contains_key(&row.epoch) {
            self.open(row.epoch)?;
        }
        let Some((margins, missing)) = self.epochs.get_mut(&row.epoch) else {
            return Ok(None); // It waits for another reading.
        };
        let recorded = margins.record(sample, row.margin, row.rival_label);
        recorded.map_err(|error| {
            format!("{error}; a source is one pass, so import each training by itself, and leave out rows that a sampler repeats")
        })?;
        *missing -= 1;
        let is_complete = *missing == 0;
        let complete = is_complete.then(|| self.epochs.remove(&row.epoch));
        Ok(complete.flatten().map(|(margins, _)| margins))
    }

    /// Opens an epoch, unless that is too much to hold: then the latest waits.
    fn open(&mut self, epoch: u32) -> Result<(), String> {
        let rows = *self.rows_in_epoch.get(&epoch).ok_or_else(changed)?;
        let margins = EpochMargins::new(Arc::clone(self.samples), epoch);
        self.epochs.insert(epoch, (margins, rows));
        let bytes_each = BYTES_PER_MEASUREMENT * self.samples.len();
        if self.epochs.len() > 1 && self.epochs.len() * bytes_each > self.bytes {
            let latest = self.epochs.pop_last();
            self.end = latest.map_or(self.end, |(epoch, _)| epoch);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use logformat::EpochReader;

    use super::*;
    use crate::imports::settings::ImportSettings;

    /// Sample by sample, as the package sorts them; sample 20 misses the second of three epochs.
    struct BySample;

    impl Measurements for BySample {
        fn for_each(&self, _: bool, visit: &mut Visit<'_>) -> Result<(), AnalyzerError> {
            for (id, epoch, margin) in [
                ("10", 1, 0.5),
                ("10", 2, 1.5),
                ("10", 3, 2.5),
                ("20", 1, -0.5),
                ("20", 3, -2.5),
            ] {
                let row = Measurement {
                    id,
                    epoch,
                    margin,
                    ..Measurement::default()
                };
                visit(&row).map_err(|reason| refusal(Path::new("rows"), reason))?;
            }
            Ok(())
        }
    }

    fn margins(open_bytes: usize) -> Vec<Vec<f32>> {
        let folder = tempfile::tempdir().unwrap();
        let settings = ImportSettings::default();
        let source = Source {
            path: Path::new("rows"),
            pass: 1,
            settings: &settings,
        };
        let mut log = LogFolder::begin(folder.path(), "rows", &settings).unwrap();
        write_within(open_bytes, &source, &mut log, &BySample).unwrap();
        let mut files = log.finish().unwrap();
        files.sort();
        let read = |file| {
            let rows = EpochReader::open(file).unwrap().rows().unwrap();
            rows.flat_map(|rows| rows.unwrap().margins).collect()
        };
        files.iter().map(|file| read(file)).collect()
    }

    #[test]
    fn epochs_that_do_not_fit_wait_for_another_reading() {
        let expected = [vec![0.5, -0.5], vec![1.5], vec![2.5, -2.5]];
        // A margin and a rival for two samples: one epoch at a time, two, and all.
        for open_bytes in [16, 32, 1 << 20] {
            assert_eq!(margins(open_bytes), expected, "{open_bytes} bytes");
        }
    }
}
