//! The ranks of a data-parallel training log one run together. Each sees some of the samples of an epoch; each
//! but rank 0 writes what it sees to a shard of its own, `<run>/ranks/p1-r2of4/e0003.logits`, and rank 0 puts
//! them together with its own into the one file of the epoch. So the log has whole epochs only, whichever
//! rank is killed. A rank holds a lock beside its shards: by it rank 0 knows one that has died from one that
//! is slow.

pub(crate) mod gather;
pub(crate) mod rank_writer;
mod shard;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::LogError;
use crate::run::lock::{RunLock, is_locked, owner_died};
use crate::run::writer::files::{delete_files, files_where};

const RANKS_FOLDER: &str = "ranks";
const SHARD_SUFFIX: &str = ".logits";

/// One rank of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    pub(crate) pass: u32,
    pub(crate) rank: u32,
    pub(crate) world_size: u32,
}

impl Rank {
    /// The name of its folder, such as `p1-r2of4`.
    fn name(self) -> String {
        format!("p{}-r{}of{}", self.pass, self.rank, self.world_size)
    }

    fn parse(name: &str) -> Option<Self> {
        let (pass, of) = name.strip_prefix('p')?.split_once("-r")?;
        let (rank, world_size) = of.split_once("of")?;
        let rank = Self {
            pass: pass.parse().ok()?,
            rank: rank.parse().ok()?,
            world_size: world_size.parse().ok()?,
        };
        (rank.name() == name).then_some(rank)
    }

    fn folder(self, folder: &Path, run: &str) -> PathBuf {
        ranks_folder(folder, run).join(self.name())
    }

    fn shard(self, folder: &Path, run: &str, epoch: u32) -> PathBuf {
        let name = format!("e{epoch:04}{SHARD_SUFFIX}");
        self.folder(folder, run).join(name)
    }

    /// Whether it has begun and not ended, as far as can be told.
    fn is_at_work(self, folder: &Path, run: &str) -> bool {
        let ranks = ranks_folder(folder, run);
        is_locked(&ranks, &self.name()) && !self.has_died(folder, run)
    }

    fn has_died(self, folder: &Path, run: &str) -> bool {
        owner_died(&ranks_folder(folder, run), &self.name())
    }

    fn lock(self, folder: &Path, run: &str) -> Result<RunLock, LogError> {
        RunLock::take(&ranks_folder(folder, run), &self.name())
    }
}

fn ranks_folder(folder: &Path, run: &str) -> PathBuf {
    folder.join(run).join(RANKS_FOLDER)
}

/// Deletes what the ranks of `pass`, or of all passes, left behind and no running program holds; their folder
/// only where nothing else is in it.
pub(crate) fn delete_left_over(
    folder: &Path,
    run: &str,
    pass: Option<u32>,
) -> Result<(), LogError> {
    for rank in ranks_there(folder, run)? {
        if pass.is_none_or(|pass| pass == rank.pass)
            && let Ok(lock) = rank.lock(folder, run)
        {
            delete_files(files_of(folder, run, rank)?.iter())?;
            drop(lock);
        }
    }
    let _ = fs::remove_dir(ranks_folder(folder, run));
    Ok(())
}

/// The shards of a rank, and what it left half-written.
fn files_of(folder: &Path, run: &str, rank: Rank) -> Result<Vec<PathBuf>, LogError> {
    files_where(&rank.folder(folder, run), |name| {
        name.contains(SHARD_SUFFIX)
    })
}

/// The ranks that have a folder.
fn ranks_there(folder: &Path, run: &str) -> Result<Vec<Rank>, LogError> {
    let path = ranks_folder(folder, run);
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(LogError::Read { path, source }),
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut ranks: Vec<Rank> = names
        .filter_map(|name| Rank::parse(name.to_str()?))
        .collect();
    ranks.sort();
    Ok(ranks)
}
