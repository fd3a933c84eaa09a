//! The side of rank 0: puts the shards of the others together with what it sees itself.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::LogError;
use crate::run::ranks::shard::{add_shard, check_shard};
use crate::run::ranks::{Rank, delete_left_over, files_of, ranks_folder, ranks_there};
use crate::run::writer::files::{ExistingRun, delete_files, run_exists};
use crate::schema::file_name::validate_run_name;
use crate::write::epoch::EpochLogits;

/// The other ranks of a pass, as rank 0 sees them.
#[derive(Debug)]
pub struct OtherRanks {
    folder: PathBuf,
    run: String,
    pass: u32,
    world_size: u32,
    /// The last epoch that was put together.
    gathered: u32,
}

/// Why the logits of a rank are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absence {
    NotThere,
    AtWork,
    Died,
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotThere => "has not begun or has ended before",
            Self::AtWork => "has not ended it yet",
            Self::Died => "has died",
        })
    }
}

impl OtherRanks {
    /// Those of the 1-based `pass` of `run`, none where `world_size` is 1.
    ///
    /// # Errors
    /// [`LogError::RunExists`] where shards lie there that no program holds, and are not to be replaced,
    /// [`LogError::RankNumber`] where `world_size` is 0, [`LogError::RunName`] as of a run.
    pub fn open(
        folder: &Path,
        run: &str,
        pass: u32,
        world_size: u32,
        existing: ExistingRun,
    ) -> Result<Self, LogError> {
        validate_run_name(run)?;
        if world_size == 0 {
            return Err(LogError::RankNumber {
                rank: 0,
                world_size,
            });
        }
        if existing == ExistingRun::Refuse {
            for rank in ranks_there(folder, run)? {
                let is_left_over = rank.pass == pass && !rank.is_at_work(folder, run);
                if is_left_over && !files_of(folder, run, rank)?.is_empty() {
                    return Err(run_exists(folder, run, 0));
                }
            }
        }
        delete_left_over(folder, run, Some(pass))?;
        Ok(Self {
            folder: folder.to_owned(),
            run: run.to_owned(),
            pass,
            world_size,
            gathered: 0,
        })
    }

    /// Takes the logits of all other ranks into `epoch`, once they are all there; their shards are deleted.
    /// Done already, it does nothing.
    ///
    /// # Errors
    /// [`LogError::RanksMissing`] where some are not there, to be asked again unless one has died; nothing is
    /// taken then. [`LogError::OtherSamples`] and [`LogError::Damaged`] for a shard that is wrong,
    /// [`LogError::Record`] for a sample that two ranks recorded, where repeats are refused.
    pub fn gather(&mut self, epoch: &mut EpochLogits) -> Result<(), LogError> {
        let number = epoch.epoch();
        if self.gathered == number {
            return Ok(());
        }
        let missing = self.missing(number);
        if !missing.is_empty() {
            let told = missing
                .iter()
                .map(|(rank, absence)| format!("rank {} {absence}", rank.rank));
            return Err(LogError::RanksMissing {
                run: self.run.clone(),
                pass: self.pass,
                epoch: number,
                ranks: told.collect::<Vec<_>>().join(", "),
                world_size: self.world_size,
                shards: ranks_folder(&self.folder, &self.run),
                has_died: missing.iter().any(|(_, absence)| *absence == Absence::Died),
            });
        }
        let shards = self.others().map(|rank| self.shard(rank, number));
        let shards: Vec<PathBuf> = shards.collect();
        for shard in &shards {
            check_shard(shard, epoch.samples())?;
        }
        for shard in &shards {
            add_shard(shard, epoch)?;
        }
        self.gathered = number;
        delete_files(shards.iter())
    }

    fn missing(&self, epoch: u32) -> Vec<(Rank, Absence)> {
        let absence = |rank: Rank| {
            let shard = self.shard(rank, epoch);
            if shard.exists() {
                return None;
            }
            let absence = match (
                rank.has_died(&self.folder, &self.run),
                rank.is_at_work(&self.folder, &self.run),
            ) {
                (true, _) => Absence::Died,
                (false, true) => Absence::AtWork,
                (false, false) => Absence::NotThere,
            };
            // It may have written it and ended in between.
            (!shard.exists()).then_some((rank, absence))
        };
        self.others().filter_map(absence).collect()
    }

    fn others(&self) -> impl Iterator<Item = Rank> + use<> {
        let (pass, world_size) = (self.pass, self.world_size);
        (1..world_size).map(move |rank| Rank {
            pass,
            rank,
            world_size,
        })
    }

    fn shard(&self, rank: Rank, epoch: u32) -> PathBuf {
        rank.shard(&self.folder, &self.run, epoch)
    }
}

impl Drop for OtherRanks {
    fn drop(&mut self) {
        // Fails where a rank goes on, or has left shards.
        for rank in self.others() {
            let _ = fs::remove_dir(rank.folder(&self.folder, &self.run));
        }
        let _ = fs::remove_dir(ranks_folder(&self.folder, &self.run));
    }
}
