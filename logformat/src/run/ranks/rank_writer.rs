//! The side of every rank but 0: writes its shards, and holds its lock as long as it goes on.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::error::LogError;
use crate::run::lock::RunLock;
use crate::run::ranks::{Rank, files_of, ranks_folder};
use crate::run::writer::files::{
    ExistingRun, cannot_write, delete_files, existing_run, run_exists,
};
use crate::schema::file_name::{parse_epoch_file_name, validate_run_name};
use crate::write::rank_logits::RankLogits;
use crate::write::whole_file::WholeFile;

/// Rank 0 looks whether a lock is held by taking it for a moment.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Writes what one rank, not rank 0, sees of a run.
///
/// Dropped, it gives its place back: what it has written is there for rank 0. One that ends by a failure is
/// [abandoned](RankWriter::abandon), so that rank 0 does not wait for it.
#[derive(Debug)]
pub struct RankWriter {
    folder: PathBuf,
    run: String,
    rank: Rank,
    lock: RunLock,
}

impl RankWriter {
    /// Takes the place of `rank`, from 1 to `world_size` − 1, in the 1-based `pass` of `run`.
    ///
    /// # Errors
    /// [`LogError::RankNumber`] for a rank out of that range, [`LogError::RunExists`] where the pass was logged
    /// before, or shards of it lie there, and are not to be replaced, [`LogError::RankInUse`] where another
    /// program has this rank, [`LogError::RunName`] and [`LogError::Write`] as of a run.
    pub fn create(
        folder: &Path,
        run: &str,
        pass: u32,
        (rank, world_size): (u32, u32),
        existing: ExistingRun,
    ) -> Result<Self, LogError> {
        validate_run_name(run)?;
        if rank == 0 || rank >= world_size {
            return Err(LogError::RankNumber { rank, world_size });
        }
        let rank = Rank {
            pass,
            rank,
            world_size,
        };
        let mut files = existing_run(folder, run)?.unwrap_or_default();
        files.retain(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            parse_epoch_file_name(run, &name).is_some_and(|(other, _)| other == pass)
        });
        let lock = take(folder, run, rank)?;
        let shards = files_of(folder, run, rank)?;
        if existing == ExistingRun::Refuse && !(files.is_empty() && shards.is_empty()) {
            return Err(run_exists(folder, run, files.len()));
        }
        delete_files(shards.iter())?;
        lock.tell_machine()
            .map_err(|error| cannot_write(&rank.folder(folder, run), error))?;
        Ok(Self {
            folder: folder.to_owned(),
            run: run.to_owned(),
            rank,
            lock,
        })
    }

    /// Writes the shard of an epoch; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`LogError::Write`] where it cannot be written.
    pub fn write(&self, logits: &RankLogits) -> Result<PathBuf, LogError> {
        let path = self.rank.shard(&self.folder, &self.run, logits.epoch());
        let write = || {
            // Rank 0 may have deleted it, on a network folder where it cannot see this one's lock.
            fs::create_dir_all(self.rank.folder(&self.folder, &self.run))?;
            let mut file = WholeFile::create(&path)?;
            file.write_all(logits.bytes())?;
            file.write_all(&crc32fast::hash(logits.bytes()).to_le_bytes())?;
            file.keep()
        };
        write().map_err(|error| cannot_write(&path, error))?;
        Ok(path)
    }

    /// Ends as one that was killed does: rank 0 tells that this rank has died.
    pub fn abandon(self) {
        self.lock.leave_behind();
    }
}

fn take(folder: &Path, run: &str, rank: Rank) -> Result<RunLock, LogError> {
    for _ in 1..TRIES {
        match rank.lock(folder, run) {
            Err(LogError::InUse { .. }) => sleep(BETWEEN_TRIES),
            taken => return taken,
        }
    }
    rank.lock(folder, run).map_err(|error| match error {
        LogError::InUse { .. } => LogError::RankInUse {
            folder: ranks_folder(folder, run),
            run: run.to_owned(),
            rank: rank.rank,
        },
        other => other,
    })
}
