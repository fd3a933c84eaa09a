//! Whether files are sound logs: every rule of the format, checksums, gaps, margins against logits.
//! Says all that is wrong rather than the first thing: of each file its first wrong value and what
//! contradicts other files, of each run its gaps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use logformat::{ChunkChecksums, EpochReader, Repeats, RowBatch, margin, parse_epoch_file_name};

use crate::error::AnalyzerError;
use crate::logs::assembly::Assembly;
use crate::logs::assembly::rows::runs_of;
use crate::logs::configuration::holds_out_folds;
use crate::logs::integrity::RunRecords;
use crate::logs::read_settings::Keep;
use crate::logs::run_log::{PassLog, RunLog};
use crate::logs::run_records::take_accuracies;
use crate::rules::epoch_numbers::EpochNumbers;

/// By how much a logged margin may differ from that of its logits, per unit of the larger of one and
/// the largest logit: half floats, and margins computed before rounding, differ by less.
const MARGIN_TOLERANCE: f32 = 2e-3;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// A file, or a pass of a run.
    pub place: String,
    /// What is wrong there, one line.
    pub text: String,
}

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Soundness {
    /// In the order of the files, then of the runs.
    pub problems: Vec<Problem>,
    /// How many files were read.
    pub files: usize,
    /// How many rows could be read.
    pub rows: usize,
    /// How many rows have margins and logits, which were compared.
    pub compared_margins: usize,
    /// How many of the files the record of their run knows, with their checksums.
    pub recorded_files: usize,
    /// How many rows repeat a sample of their epoch.
    pub repeated_rows: usize,
    /// What is odd, but nothing wrong.
    pub notes: Vec<String>,
}

/// Checks `files` by themselves and against each other. Each file is read once with all of its
/// columns, and once more for its checksum. Rows that repeat a sample of their epoch are wrong, unless
/// they are to be read by a rule. Also the runs, as far as they could be put together.
pub fn check_logs(files: &[PathBuf], repeats: Repeats) -> (Soundness, Vec<RunLog>) {
    let counting = match repeats {
        Repeats::Refuse => Repeats::First, // refused once all are counted
        rule => rule,
    };
    let mut check = Check {
        assembly: Assembly::new(files, Keep::Margins, counting),
        repeats,
        records: RunRecords::thorough(),
        half_float_files: 0,
        found: Soundness {
            files: files.len(),
            ..Soundness::default()
        },
    };
    for (number, path) in (0..).zip(files) {
        check.file(number, path);
    }
    let (found, mut runs) = check.finish();
    runs.iter_mut().for_each(|run| take_accuracies(files, run));
    (found, runs)
}

struct Check<'a> {
    assembly: Assembly<'a>,
    repeats: Repeats,
    records: RunRecords,
    /// With margins beside logits of 16 bits.
    half_float_files: usize,
    found: Soundness,
}

impl Check<'_> {
    fn file(&mut self, number: u32, path: &Path) {
        let runs = match self.rows(number, path) {
            Ok(runs) => runs,
            Err(error) => {
                self.problem(path, &error);
                runs_by_name(path)
            }
        };
        for difference in self
            .records
            .differences(path, &runs, &ChunkChecksums::new())
        {
            self.problem(path, &difference);
        }
        self.found.recorded_files += usize::from(self.records.know(path, &runs));
    }

    /// The runs in the file; an error for the value that keeps the rest of it from being read.
    fn rows(&mut self, number: u32, path: &Path) -> Result<BTreeSet<String>, String> {
        let reader = EpochReader::open(path).map_err(|error| whole(&error))?;
        for warning in &reader.metadata().warnings {
            self.problem(path, warning);
        }
        let description = reader.metadata().description.clone();
        let has_margin = reader.has(logformat::Column::Margin);
        self.half_float_files += usize::from(has_margin && reader.logit_bits() == Some(16));
        let mut runs = BTreeSet::new();
        let mut margins = MarginsAgainstLogits::default();
        let mut contradicts = false;
        let batches = reader.rows().map_err(|error| whole(&error))?;
        let part = batches.part();
        for batch in batches {
            let batch = batch.map_err(|error| whole(&error))?;
            self.found.rows += batch.epochs.len();
            runs.extend(runs_of(&batch).into_iter().map(str::to_owned));
            if has_margin {
                margins.compare(&batch);
            }
            // One contradiction with other rows tends to repeat in every row: the first is said.
            if let Err(error) = self.assembly.add(number, &batch)
                && !std::mem::replace(&mut contradicts, true)
            {
                self.problem(path, &whole(&error));
            }
        }
        self.assembly.describe(number, &description, part);
        self.found.compared_margins += margins.compared;
        for problem in margins.problems() {
            self.problem(path, &problem);
        }
        Ok(runs)
    }

    fn problem(&mut self, path: &Path, text: &str) {
        let place = path.display().to_string();
        let text = text.strip_prefix(&format!("{place}: ")).unwrap_or(text);
        self.found.problems.push(Problem {
            text: text.to_owned(),
            place,
        });
    }

    fn finish(mut self) -> (Soundness, Vec<RunLog>) {
        for path in self.records.missing_files() {
            self.problem(
                &path,
                "is in the record of its run but not there; copy it again, or record that epoch again",
            );
        }
        for (path, text) in self.records.damaged_beside() {
            self.problem(&path, &text);
        }
        self.repeated_rows();
        self.found.notes.extend(self.assembly.several_parts());
        let runs = self.assembly.finish();
        self.found.problems.extend(runs.iter().flat_map(gaps));
        self.found.notes.extend(runs.iter().flat_map(odd_epochs));
        self.found.notes.extend(rounded(self.half_float_files));
        (self.found, runs)
    }

    fn repeated_rows(&mut self) {
        let mut refusals = Vec::new();
        for (refusal, count) in self.assembly.repeated() {
            self.found.repeated_rows += count;
            if let (Repeats::Refuse, AnalyzerError::RecordedTwice { path, .. }) =
                (self.repeats, refusal)
            {
                let others = match count {
                    1 => String::new(),
                    count => format!(" ({count} such rows in this pass)"),
                };
                refusals.push((path.clone(), format!("{refusal}{others}")));
            }
        }
        for (path, text) in refusals {
            self.problem(&path, &text);
        }
    }
}

/// Of files whose margins are those of logits before rounding.
fn rounded(half_float_files: usize) -> Option<String> {
    let files = match half_float_files {
        0 => return None,
        1 => "1 file has".to_owned(),
        count => format!("{count} files have"),
    };
    Some(format!(
        "{files} logits of 16 bits: the margins there may differ from theirs by the rounding, {MARGIN_TOLERANCE} of the largest logit at most"
    ))
}

/// The whole chain of an error, in one line.
fn whole(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |error| error.source());
    sources.fold(error.to_string(), |text, source| {
        format!("{text}: {source}")
    })
}

/// The run of a file that cannot be read, by its name.
pub(crate) fn runs_by_name(path: &Path) -> BTreeSet<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let run = name.rsplit_once("-p").map(|(run, _)| run.to_owned());
    let is_run = |run: &String| parse_epoch_file_name(run, &name).is_some();
    run.filter(is_run).into_iter().collect()
}

#[derive(Default)]
struct MarginsAgainstLogits {
    compared: usize,
    other_margins: usize,
    first_margin: String,
    other_rivals: usize,
    first_rival: String,
}

impl MarginsAgainstLogits {
    fn compare(&mut self, batch: &RowBatch) {
        if batch.logit_count == 0 {
            return;
        }
        let rows = batch.logits.chunks_exact(batch.logit_count).enumerate();
        for (row, logits) in rows {
            let Some(expected) = margin(logits, batch.assigned_labels[row]) else {
                continue; // Refused by the reader.
            };
            self.compared += 1;
            let number = batch.first_row + row;
            let largest = largest_of(logits);
            let logged = batch.margins[row];
            if (logged - expected.value).abs() > MARGIN_TOLERANCE * largest {
                if self.other_margins == 0 {
                    self.first_margin = format!(
                        "row {number} has margin {logged}, but its logits say {}",
                        expected.value
                    );
                }
                self.other_margins += 1;
            }
            let Some(rival) = batch.rival_labels.as_ref().map(|rivals| rivals[row]) else {
                continue;
            };
            let rival_logit = logits[rival as usize];
            let best = logits[expected.rival_label as usize];
            if rival == batch.assigned_labels[row]
                || best - rival_logit > MARGIN_TOLERANCE * largest
            {
                if self.other_rivals == 0 {
                    self.first_rival = format!(
                        "row {number} has rival label {rival}, but its logits say {}",
                        expected.rival_label
                    );
                }
                self.other_rivals += 1;
            }
        }
    }

    fn problems(&self) -> impl Iterator<Item = String> {
        let said = |count: usize, first: &String, column: &str| {
            (count > 0).then(|| {
                format!("{first} ({count} such rows); compute the column {column} again, or leave it out")
            })
        };
        [
            said(self.other_margins, &self.first_margin, "margin"),
            said(self.other_rivals, &self.first_rival, "rival_label"),
        ]
        .into_iter()
        .flatten()
    }
}

/// The largest of some finite logits without its sign, and 1 at least.
fn largest_of(logits: &[f32]) -> f32 {
    // Positive floats are in the order of their bits, and integers are compared many at once.
    let bits = logits.iter().map(|logit| logit.abs().to_bits());
    f32::from_bits(bits.fold(1.0_f32.to_bits(), u32::max))
}

/// Missing passes, epochs and samples.
fn gaps(run: &RunLog) -> Vec<Problem> {
    let title = run.title();
    let mut problems = Vec::new();
    let passes: Vec<u32> = run.passes.iter().map(|pass| pass.pass).collect();
    let from_1 = EpochNumbers::Counted { first: 1, step: 1 };
    if let Some(text) = missing("pass", "passes", from_1.missing(&passes)) {
        let place = format!("run {title}");
        problems.push(Problem { place, text });
    }
    let numbers = EpochNumbers::of(&run.recorded_epochs());
    for pass in &run.passes {
        let place = format!("run {title}, pass {}", pass.pass);
        let epochs: Vec<u32> = pass.recorded_epochs().collect();
        let texts = missing("epoch", "epochs", numbers.missing(&epochs)).into_iter();
        for text in texts.chain(missing_samples(run, pass)) {
            let place = place.clone();
            problems.push(Problem { place, text });
        }
    }
    problems
}

fn missing(one: &str, several: &str, missing: Option<(usize, u32)>) -> Option<String> {
    Some(match missing? {
        (1, first) => format!("{one} {first} is missing"),
        (count, first) => format!("{count} {several} are missing, the first of them {first}"),
    })
}

/// Epochs that are not counted one by one: none of the numbers between is taken as missing.
fn odd_epochs(run: &RunLog) -> Option<String> {
    let epochs = run.recorded_epochs();
    let (first, last) = (epochs.first()?, epochs.last()?);
    let title = run.title();
    match EpochNumbers::of(&epochs) {
        numbers if numbers.are_one_by_one() => None,
        EpochNumbers::Counted { step: 1, .. } => Some(format!(
            "run {title}: the epochs begin with {first}, which counts as the first"
        )),
        EpochNumbers::Counted { step, .. } => Some(format!(
            "run {title}: the epochs are {first} to {last} in steps of {step}, {} in all; {first} counts as the first",
            epochs.len()
        )),
        EpochNumbers::Anyhow => Some(format!(
            "run {title}: {} epochs are numbered {first} to {last}, so that none can be told to be missing; {first} counts as the first",
            epochs.len()
        )),
    }
}

fn missing_samples(run: &RunLog, pass: &PassLog) -> Option<String> {
    let mut by_epoch: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    // Those that a pass holds out are in none of its epochs.
    let holds_out = holds_out_folds(&run.configuration);
    let belongs = |sample: usize| !holds_out || pass.assigned_labels[sample].is_some();
    for epoch in &pass.epochs {
        for sample in 0..run.sample_count() {
            if belongs(sample) && epoch.margin(sample).is_none() {
                let (count, _) = by_epoch.entry(epoch.epoch).or_insert((0, sample));
                *count += 1;
            }
        }
    }
    let (epoch, &(count, sample)) = by_epoch.iter().next()?;
    let id = run.sample_ids.get(sample)?;
    let others = match by_epoch.len() - 1 {
        0 => String::new(),
        1 => ", and some in 1 more epoch".to_owned(),
        more => format!(", and some in {more} more epochs"),
    };
    let samples = if count == 1 {
        "sample is"
    } else {
        "samples are"
    };
    Some(format!(
        "{count} {samples} missing in epoch {epoch}, the first of them {id}{others}; every sample belongs in every epoch of every pass"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::run_log::EpochMargins;
    use crate::logs::two_passes::two_passes;

    fn texts(run: &RunLog) -> Vec<String> {
        let problems = gaps(run).into_iter();
        problems
            .map(|problem| format!("{}: {}", problem.place, problem.text))
            .collect()
    }

    #[test]
    fn a_whole_run_has_no_gaps() {
        assert!(texts(&two_passes()).is_empty());
    }

    #[test]
    fn every_gap_is_named() {
        let mut run = two_passes();
        run.passes[0].epochs.remove(1);
        run.passes[1].pass = 4;
        run.passes[1].epochs[0] = EpochMargins::new(1, &[Some(1.0), None, None, Some(1.0)]);
        assert_eq!(
            texts(&run),
            [
                "run two-passes: 2 passes are missing, the first of them 2",
                "run two-passes, pass 1: epoch 2 is missing",
                "run two-passes, pass 4: 2 samples are missing in epoch 1, the first of them 1; every sample belongs in every epoch of every pass",
            ]
        );
    }

    #[test]
    fn samples_that_a_pass_holds_out_are_no_gaps_but_those_of_single_epochs_are() {
        let mut run = two_passes();
        run.passes[0].assigned_labels[1] = None;
        for epoch in &mut run.passes[0].epochs {
            epoch.margins[1] = f32::NAN;
        }
        assert_eq!(texts(&run).len(), 1);
        run.configuration = serde_json::json!({ "folds": 2 });
        assert!(texts(&run).is_empty());
        run.passes[1].epochs[0].margins[2] = f32::NAN;
        assert_eq!(texts(&run).len(), 1);
    }

    #[test]
    fn steps_of_a_training_are_no_gaps_but_one_that_is_left_out_is() {
        let mut run = two_passes();
        for pass in &mut run.passes {
            for (epoch, number) in pass.epochs.iter_mut().zip([391, 782, 1173]) {
                epoch.epoch = number;
            }
        }
        assert!(texts(&run).is_empty());
        assert_eq!(
            odd_epochs(&run).unwrap(),
            "run two-passes: the epochs are 391 to 1173 in steps of 391, 3 in all; 391 counts as the first"
        );
        run.passes[0].epochs.remove(1);
        assert_eq!(
            texts(&run),
            ["run two-passes, pass 1: epoch 782 is missing"]
        );
    }
}
