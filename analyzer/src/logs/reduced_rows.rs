//! The rows of logs that were read before, once more, for what most questions do not need: rival labels
//! and logits. Rows are reduced to what is asked for where they are read, so that no logits are
//! kept; whoever asks must not depend on the order in which samples and epochs come.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use logformat::{Column, EpochReader, LogError, Repeats, RowBatch, SampleIds, SharedColumns};

use crate::error::AnalyzerError;
use crate::logs::assembly::rows::{run_name, runs_of};
use crate::logs::integrity::RunRecords;
use crate::logs::run_log::RunLog;

/// Batches that wait, per thread.
const BATCHES_AHEAD: usize = 2;
const MOST_THREADS: usize = 8;

/// What is needed of the rows beside their margins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    /// The rival labels; a file that has neither them nor logits is refused.
    RivalLabels,
    /// The logits; there are none in the rows of a file without.
    Logits,
}

/// What a row says beside its labels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowValues<'a> {
    pub(crate) assigned_label: u32,
    pub(crate) margin: f32,
    /// `None` where they are not read.
    pub(crate) rival_label: Option<u32>,
    /// Empty where they are not read.
    pub(crate) logits: &'a [f32],
}

impl<'a> RowValues<'a> {
    fn of(batch: &'a RowBatch, row: usize) -> Self {
        let width = batch.logit_count;
        let logits = batch.logits.get(row * width..(row + 1) * width);
        Self {
            assigned_label: batch.assigned_labels[row],
            margin: batch.margins[row],
            rival_label: batch.rival_labels.as_ref().map(|labels| labels[row]),
            logits: logits.unwrap_or_default(),
        }
    }
}

/// A sample in one epoch of one pass of one run, and what was made of its row.
#[derive(Debug)]
pub(crate) struct ReducedRow<'a, T> {
    /// The number of the run, among those asked for.
    pub(crate) run: usize,
    /// The number of the pass, among those of the run.
    pub(crate) pass: usize,
    pub(crate) epoch: u32,
    /// Its position in the run.
    pub(crate) sample: usize,
    pub(crate) value: &'a T,
}

/// Goes through the rows of `files` that belong to `runs`; `reduce` makes something of each row, on
/// several threads, and `take` gets it, in the order of the files and rows. Of a sample that is there
/// several times in an epoch, it gets what the run's rule for them says, once.
pub(crate) fn for_each_row<T: Send>(
    files: &[PathBuf],
    runs: &[&RunLog],
    needed: Needed,
    reduce: impl Fn(RowValues<'_>) -> T + Sync,
    mut take: impl FnMut(ReducedRow<'_, T>),
) -> Result<(), AnalyzerError> {
    let reading = Reading {
        needed,
        keeps_logits: runs.iter().any(|log| log.repeats.are_averaged()),
        columns: Arc::default(),
        records: RunRecords::default(),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(MOST_THREADS).min(files.len()).max(1);
    let mut taking = Taking {
        positions: runs.iter().map(|log| SamplePositions::new(log)).collect(),
        repeated: BTreeMap::new(),
        reduce: &reduce,
        take: &mut take,
    };
    thread::scope(|scope| {
        let receivers: Vec<_> = (0..threads)
            .map(|first| {
                let (sender, receiver) = sync_channel(BATCHES_AHEAD);
                let (reduce, reading) = (&reduce, &reading);
                scope.spawn(move || {
                    for path in files.iter().skip(first).step_by(threads) {
                        let end = reading.read(path, reduce, &sender);
                        if sender.send(end.map(|()| None)).is_err() {
                            return;
                        }
                    }
                });
                receiver
            })
            .collect();
        for number in 0..files.len() {
            while let Ok(part) = receivers[number % threads].recv() {
                match part? {
                    Some((batch, values)) => taking.hand_over(&batch, &values),
                    None => break, // the file has ended
                }
            }
        }
        Ok(())
    })
}

type Part<T> = Result<Option<(RowBatch, Vec<T>)>, AnalyzerError>;

/// What the reading threads have in common.
struct Reading {
    needed: Needed,
    /// Whether logits are handed over beside what is made of them, for means.
    keeps_logits: bool,
    columns: Arc<SharedColumns>,
    records: RunRecords,
}

impl Reading {
    fn read<T>(
        &self,
        path: &Path,
        reduce: &impl Fn(RowValues<'_>) -> T,
        sender: &SyncSender<Part<T>>,
    ) -> Result<(), AnalyzerError> {
        let reader = EpochReader::open(path)?.sharing(&self.columns);
        let has_logits = reader.has(Column::Logits);
        let batches = match self.needed {
            Needed::RivalLabels if reader.has(Column::RivalLabel) => reader.margins(),
            Needed::RivalLabels if has_logits => reader.from_logits().margins(),
            Needed::RivalLabels => {
                return Err(AnalyzerError::NoRivalLabels {
                    path: path.to_owned(),
                });
            }
            Needed::Logits if has_logits => reader.rows(),
            Needed::Logits => reader.without_rival_labels().margins(),
        };
        let mut batches = batches?;
        let mut runs = BTreeSet::new();
        for batch in &mut batches {
            let mut batch: RowBatch = batch.map_err(|error: LogError| error)?;
            runs.extend(runs_of(&batch).into_iter().map(str::to_owned));
            let values = (0..batch.epochs.len()).map(|row| reduce(RowValues::of(&batch, row)));
            let values = values.collect();
            if !self.keeps_logits {
                batch.logits = Vec::new(); // large, and reduced
            }
            if sender.send(Ok(Some((batch, values)))).is_err() {
                return Ok(());
            }
        }
        let read = batches.checksums();
        Ok(self.records.refuse_changed(path, &runs, &read)?)
    }
}

/// What the thread that takes has at hand.
struct Taking<'a, R, F> {
    positions: Vec<SamplePositions<'a>>,
    /// Of the samples with several rows in an epoch, by run, pass, epoch and sample.
    repeated: BTreeMap<(usize, usize, u32, usize), RowSums>,
    reduce: &'a R,
    take: &'a mut F,
}

impl<T, R: Fn(RowValues<'_>) -> T, F: FnMut(ReducedRow<'_, T>)> Taking<'_, R, F> {
    fn hand_over(&mut self, batch: &RowBatch, values: &[T]) {
        let mut run = None;
        for (row, value) in values.iter().enumerate() {
            let name = run_name(batch, row);
            let is_run = |of_run: &SamplePositions<'_>| of_run.log.run.as_deref() == name;
            // Neighbours are of the same run nearly always.
            if !run.is_some_and(|run: usize| is_run(&self.positions[run])) {
                run = self.positions.iter().position(is_run);
            }
            let Some(run) = run else { continue };
            let of_run = &mut self.positions[run];
            let mut passes = of_run.log.passes.iter();
            let Some(pass) = passes.position(|pass| pass.pass == batch.passes[row]) else {
                continue;
            };
            if let Some(sample) = of_run.position(&batch.sample_ids, row) {
                let seen = ReducedRow {
                    run,
                    pass,
                    epoch: batch.epochs[row],
                    sample,
                    value,
                };
                self.take_once(seen, RowValues::of(batch, row));
            }
        }
    }

    fn take_once(&mut self, seen: ReducedRow<'_, T>, values: RowValues<'_>) {
        let log = self.positions[seen.run].log;
        let pass = log.passes[seen.pass].pass;
        let Some(rows) = log.repeats.of(pass, seen.epoch, seen.sample) else {
            (self.take)(seen);
            return;
        };
        let place = (seen.run, seen.pass, seen.epoch, seen.sample);
        let sums = self.repeated.entry(place).or_default();
        sums.add(values);
        match log.repeats.rule {
            Repeats::Mean if sums.rows == rows => {
                let value = &sums.reduced_mean(self.reduce);
                self.repeated.remove(&place);
                (self.take)(ReducedRow { value, ..seen });
            }
            Repeats::Mean => {}
            Repeats::First | Repeats::Refuse if sums.rows == 1 => (self.take)(seen),
            Repeats::First | Repeats::Refuse => {}
        }
    }
}

/// The rows of one sample in one epoch, added up.
#[derive(Debug, Default)]
struct RowSums {
    rows: u32,
    assigned_label: u32,
    margins: f64,
    /// Of the first row.
    rival_label: Option<u32>,
    logits: Vec<f64>,
}

impl RowSums {
    fn add(&mut self, row: RowValues<'_>) {
        if self.rows == 0 {
            self.rival_label = row.rival_label;
            self.logits = vec![0.0; row.logits.len()];
        }
        self.rows += 1;
        self.assigned_label = row.assigned_label;
        self.margins += f64::from(row.margin);
        for (sum, &logit) in self.logits.iter_mut().zip(row.logits) {
            *sum += f64::from(logit);
        }
    }

    fn reduced_mean<T>(&self, reduce: &impl Fn(RowValues<'_>) -> T) -> T {
        let mean = |sum: f64| (sum / f64::from(self.rows)) as f32;
        let logits: Vec<f32> = self.logits.iter().map(|&sum| mean(sum)).collect();
        reduce(RowValues {
            assigned_label: self.assigned_label,
            margin: mean(self.margins),
            rival_label: self.rival_label,
            logits: &logits,
        })
    }
}

/// Where the samples of a run stand.
struct SamplePositions<'a> {
    log: &'a RunLog,
    /// The position to try first: most files have the samples in their order.
    next: usize,
}

impl<'a> SamplePositions<'a> {
    fn new(log: &'a RunLog) -> Self {
        Self { log, next: 0 }
    }

    fn position(&mut self, ids: &SampleIds, row: usize) -> Option<usize> {
        let next = self.next;
        let found = match (&self.log.sample_ids, ids) {
            (SampleIds::Integers(all), SampleIds::Integers(ids)) => position(all, &ids[row], next),
            (SampleIds::Texts(all), SampleIds::Texts(ids)) => position(all, &ids[row], next),
            _ => None,
        }?;
        self.next = (found + 1) % self.log.sample_ids.len();
        Some(found)
    }
}

fn position<T: Ord>(all: &[T], id: &T, first_try: usize) -> Option<usize> {
    match all.get(first_try) {
        Some(next) if next == id => Some(first_try),
        _ => all.binary_search(id).ok(),
    }
}
