//! Where a run can be taken up again: after every epoch the training's state goes to a file in the
//! run's folder, atomically; the two newest are kept.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use logformat::WholeFile;

use crate::error::run::RecorderError;
use crate::run::seal::sealed;

/// What the temporary names of the files begin with that a training writes to its folder.
const HALF_WRITTEN: [&str; 3] = [".checkpoint-", ".train.json.", ".model.safetensors."];
/// Two, because a kill can hit the newest one, or find its epoch's log not yet on the disk.
const KEPT: usize = 2;

/// The end of an epoch: pass and epoch are 1-based; epoch 0 is the beginning of the pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EpochEnd {
    /// The pass, from 1.
    pub pass: usize,
    /// The epoch of the pass that has ended.
    pub epoch: usize,
}

/// The checkpoints of one run.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// Those of `run`, whose logs lie in `out`.
    pub fn new(out: &Path, run: &str) -> Self {
        Self {
            folder: out.join(run),
        }
    }

    /// Where the checkpoint of an epoch lies.
    pub fn path(&self, end: EpochEnd) -> PathBuf {
        let EpochEnd { pass, epoch } = end;
        self.folder
            .join(format!("checkpoint-p{pass}-e{epoch:04}.safetensors"))
    }

    /// Keeps the state after an epoch, and deletes what is older than the two newest.
    ///
    /// # Errors
    /// [`RecorderError::Checkpoint`] where it cannot be written.
    pub fn save(&self, end: EpochEnd, state: &[u8]) -> Result<(), RecorderError> {
        let path = self.path(end);
        let save = || -> io::Result<()> {
            let state = sealed(state, (end.pass, end.epoch)).ok_or(io::ErrorKind::InvalidData)?;
            let mut file = WholeFile::create(&path)?;
            file.write_all(&state)?;
            file.replace()?;
            self.delete_old()
        };
        save().map_err(|source| RecorderError::Checkpoint {
            path: path.clone(),
            source,
        })
    }

    fn delete_old(&self) -> io::Result<()> {
        let mut old = self.newest_first()?.into_iter().skip(KEPT);
        old.try_for_each(|(_, old)| fs::remove_file(old))
    }

    /// The checkpoints that are there.
    ///
    /// # Errors
    /// Where the folder cannot be listed.
    pub fn newest_first(&self) -> io::Result<Vec<(EpochEnd, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(end) = name.and_then(parse) {
                found.push((end, path));
            }
        }
        found.sort();
        found.reverse();
        Ok(found)
    }

    /// Deletes those of epochs after `end`, and what a killed run left: half-written files, and those older than the
    /// two newest. Where a run begins or goes on, they would pass for its newest, and those that it saves for old.
    ///
    /// # Errors
    /// [`RecorderError::Checkpoint`] where one cannot be deleted.
    pub fn discard_after(&self, end: EpochEnd) -> Result<(), RecorderError> {
        let is_superfluous = |name: &str| {
            let begins = |file: &&str| name.starts_with(*file);
            let is_half_written = HALF_WRITTEN.iter().any(begins) && name.ends_with(".partial");
            is_half_written || parse(name).is_some_and(|saved| saved > end)
        };
        let discard = || -> io::Result<()> {
            for entry in fs::read_dir(&self.folder)? {
                let path = entry?.path();
                let name = path.file_name().and_then(|name| name.to_str());
                if name.is_some_and(is_superfluous) {
                    fs::remove_file(path)?;
                }
            }
            self.delete_old()
        };
        discard().map_err(|source| RecorderError::Checkpoint {
            path: self.folder.clone(),
            source,
        })
    }
}

fn parse(name: &str) -> Option<EpochEnd> {
    let numbers = name
        .strip_prefix("checkpoint-p")?
        .strip_suffix(".safetensors")?;
    let (pass, epoch) = numbers.split_once("-e")?;
    Some(EpochEnd {
        pass: pass.parse().ok()?,
        epoch: epoch.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(pass: usize, epoch: usize) -> EpochEnd {
        EpochEnd { pass, epoch }
    }

    /// A file without tensors.
    fn state() -> Vec<u8> {
        [&2_u64.to_le_bytes()[..], b"{}"].concat()
    }

    #[test]
    fn the_two_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("run")).unwrap();
        let checkpoints = Checkpoints::new(folder.path(), "run");
        for saved in [end(1, 9), end(1, 10), end(2, 1)] {
            checkpoints.save(saved, &state()).unwrap();
        }
        let kept: Vec<EpochEnd> = checkpoints
            .newest_first()
            .unwrap()
            .into_iter()
            .map(|(end, _)| end)
            .collect();
        assert_eq!(kept, [end(2, 1), end(1, 10)]);
    }

    #[test]
    fn discarding_takes_what_is_newer_and_half_written_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        fs::create_dir(&run).unwrap();
        let checkpoints = Checkpoints::new(folder.path(), "run");
        for saved in [end(1, 7), end(2, 1)] {
            checkpoints.save(saved, &state()).unwrap();
        }
        for half in [".checkpoint-p1-e0008.safetensors", ".train.json"] {
            fs::write(run.join(format!("{half}.aB3.partial")), "half").unwrap();
        }
        fs::write(run.join("run.json"), "{}").unwrap();
        checkpoints.discard_after(end(1, 7)).unwrap();
        let mut left: Vec<String> = fs::read_dir(&run)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["checkpoint-p1-e0007.safetensors", "run.json"]);
    }

    #[test]
    fn a_run_that_begins_keeps_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("run")).unwrap();
        let checkpoints = Checkpoints::new(folder.path(), "run");
        checkpoints.save(end(1, 1), &state()).unwrap();
        checkpoints.discard_after(end(1, 0)).unwrap();
        assert!(checkpoints.newest_first().unwrap().is_empty());
    }
}
