//! Who writes what is recorded: one program alone, or the ranks of a data-parallel training together, of which
//! rank 0 writes the log and each other one the shards of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use logformat::{
    EpochLogits, ExistingRun, LogError, OtherRanks, PassSamples, RankLogits, RankWriter, Repeats,
    RunWriter,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::{guarded, log_error};

/// How long rank 0 sleeps before it looks for a shard again, or for Ctrl-C.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Where the epochs of this program go.
pub(crate) enum Writer {
    /// The only rank, or rank 0.
    First {
        log: RunWriter,
        others: OtherRanks,
        patience: Duration,
    },
    Other(RankWriter),
}

/// The epoch that is being recorded.
pub(crate) enum OpenEpoch {
    First(EpochLogits),
    Other(RankLogits),
}

/// Which rank this is, and how long rank 0 waits for the others.
pub(crate) struct Ranks {
    pub(crate) rank: u32,
    pub(crate) world_size: u32,
    pub(crate) patience: Duration,
}

impl Writer {
    /// Of `run` in `folder`; `begin` begins the log, which rank 0 alone does.
    pub(crate) fn open(
        (folder, run, pass): (&PathBuf, &str, u32),
        ranks: &Ranks,
        existing: ExistingRun,
        begin: impl FnOnce() -> Result<RunWriter, LogError>,
    ) -> Result<Self, LogError> {
        let world = ranks.world_size;
        if ranks.rank > 0 {
            let place = (ranks.rank, world);
            let writer = RankWriter::create(folder, run, pass, place, existing)?;
            return Ok(Self::Other(writer));
        }
        Ok(Self::First {
            others: OtherRanks::open(folder, run, pass, world, existing)?,
            log: begin()?,
            patience: ranks.patience,
        })
    }

    pub(crate) fn begin_epoch(
        &self,
        samples: Arc<PassSamples>,
        epoch: u32,
        repeats: Repeats,
    ) -> OpenEpoch {
        match self {
            Self::First { .. } => {
                OpenEpoch::First(EpochLogits::new(samples, epoch).with_repeats(repeats))
            }
            Self::Other(_) => OpenEpoch::Other(RankLogits::new(samples, epoch)),
        }
    }

    /// Waits for the other ranks, where this is rank 0, and hands the open epoch over; it stays open where it
    /// cannot be written yet.
    pub(crate) fn write(
        &mut self,
        py: Python<'_>,
        pass: u32,
        open: &mut Option<OpenEpoch>,
        metrics: BTreeMap<String, f64>,
    ) -> PyResult<()> {
        match (self, open.take()) {
            (
                Self::First {
                    log,
                    others,
                    patience,
                },
                Some(OpenEpoch::First(mut epoch)),
            ) => {
                let whole = gather(py, others, &mut epoch, *patience)
                    .and_then(|()| epoch.check_complete().map_err(log_error));
                if let Err(error) = whole {
                    *open = Some(OpenEpoch::First(epoch));
                    return Err(error);
                }
                guarded(py, || log.write(pass, epoch, metrics).map_err(log_error))
            }
            (Self::Other(rank), Some(OpenEpoch::Other(epoch))) => {
                let written = guarded(py, || rank.write(&epoch).map_err(log_error));
                written.map(|_| ())
            }
            (Self::First { .. }, None | Some(OpenEpoch::Other(_)))
            | (Self::Other(_), None | Some(OpenEpoch::First(_))) => Err(PyValueError::new_err(
                "nothing was recorded; call record(ids, logits) for every batch",
            )),
        }
    }

    /// Waits until what was handed over is on the disk; the files that this rank has written to the log.
    pub(crate) fn close(self, has_failed: bool) -> Result<Vec<PathBuf>, LogError> {
        match self {
            Self::First { log, .. } => log.finish(),
            Self::Other(rank) => {
                if has_failed {
                    rank.abandon();
                }
                Ok(Vec::new())
            }
        }
    }
}

impl OpenEpoch {
    pub(crate) fn record(&mut self, sample: usize, logits: &[f32]) -> Result<(), LogError> {
        match self {
            Self::First(epoch) => epoch.record(sample, logits),
            Self::Other(epoch) => epoch.record(sample, logits),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::First(epoch) => epoch.is_empty(),
            Self::Other(epoch) => epoch.is_empty(),
        }
    }
}

/// Looks for what the others have of the epoch until it is there, one has died, or patience ends.
fn gather(
    py: Python<'_>,
    others: &mut OtherRanks,
    epoch: &mut EpochLogits,
    patience: Duration,
) -> PyResult<()> {
    let began = Instant::now();
    loop {
        let looked = py.detach(|| others.gather(epoch));
        match looked {
            Err(LogError::RanksMissing {
                has_died: false, ..
            }) if began.elapsed() < patience => {
                py.check_signals()?;
                py.detach(|| sleep(BETWEEN_LOOKS));
            }
            looked => return looked.map_err(log_error),
        }
    }
}
