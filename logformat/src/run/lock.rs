//! One writer a run: a lock that its process holds while it writes, and that ends with the process,
//! however that ends.
//!
//! It is an advisory lock of the system (`flock`) on `logs/<run>/.lock`. Linux passes it on to the server
//! of an NFS folder, so that it counts between machines; a file system that knows no locks is written to
//! without.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::LogError;
use crate::schema::file_name::validate_run_name;

const LOCK_NAME: &str = ".lock";

/// The right to write a run; given back when dropped.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    file: File,
}

/// Where a folder is gone for good, such as one that this program was started in, nothing can be made below it.
const MOST_TRIES: usize = 100;

impl RunLock {
    /// Takes the lock of `run` in `folder`; makes the folder of the run where it is not there.
    ///
    /// # Errors
    /// [`LogError::InUse`] where another program records this run, [`LogError::RunName`] for a name that
    /// cannot be part of a file name, [`LogError::Write`] where the folder cannot be written to.
    pub fn take(folder: &Path, run: &str) -> Result<Self, LogError> {
        validate_run_name(run)?;
        let path = folder.join(run).join(LOCK_NAME);
        let failed = |source| LogError::Write {
            path: path.clone(),
            source,
        };
        let mut tries = 0;
        loop {
            let opened = fs::create_dir_all(folder.join(run)).and_then(|()| {
                let mut options = File::options();
                options.write(true).create(true).truncate(false).open(&path)
            });
            let file = match opened {
                // Another program has just deleted a folder that it left empty, as rank 0 does that of all ranks.
                Err(error) if error.kind() == io::ErrorKind::NotFound && tries < MOST_TRIES => {
                    tries += 1;
                    continue;
                }
                opened => opened.map_err(failed)?,
            };
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    return Err(LogError::InUse {
                        folder: folder.to_owned(),
                        run: run.to_owned(),
                    });
                }
                Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
                    return Err(failed(error));
                }
                // A lock on a file that its owner has just deleted keeps nobody out.
                _ if !is_at(&file, &path) => {}
                _ => return Ok(Self { path, file }),
            }
        }
    }

    /// Has the lock say on which machine it was taken, for [`owner_died`].
    pub(crate) fn tell_machine(&self) -> io::Result<()> {
        self.file.set_len(0)?;
        (&self.file).write_all(machine().unwrap_or_default().as_bytes())
    }

    /// Ends the lock as a program does that is killed: its file stays.
    pub(crate) fn leave_behind(mut self) {
        self.path.clear();
    }

    /// The folder of the run is where it was, and this program's.
    pub(crate) fn is_held(&self) -> bool {
        is_at(&self.file, &self.path)
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Before the lock ends with the file. The folder goes with it where nothing was written.
        if self.is_held() && fs::remove_file(&self.path).is_ok() {
            let _ = self.path.parent().map(fs::remove_dir);
        }
    }
}

/// Whether there is a lock of `run` in `folder`, held or left behind.
pub(crate) fn is_locked(folder: &Path, run: &str) -> bool {
    folder.join(run).join(LOCK_NAME).exists()
}

/// Whether the program that took a lock, and had it [tell its machine](RunLock::tell_machine), ended without
/// giving it back. Of a program on another machine nobody knows: not every network folder has locks between
/// machines.
pub(crate) fn owner_died(folder: &Path, run: &str) -> bool {
    let path = folder.join(run).join(LOCK_NAME);
    let of_this_machine = fs::read_to_string(&path)
        .ok()
        .filter(|told| !told.is_empty())
        == machine();
    of_this_machine && File::open(&path).is_ok_and(|file| file.try_lock().is_ok())
}

/// What only programs have in common that run under the same kernel; `None` where the system does not say.
fn machine() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}

/// Whether `path` is the name of this very file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (opened, named) = (
        file.metadata().map(identity),
        fs::metadata(path).map(identity),
    );
    matches!((opened, named), (Ok(opened), Ok(named)) if opened == named)
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_one_writer_and_leaves_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let lock = RunLock::take(folder.path(), "a").unwrap();
        let second = RunLock::take(folder.path(), "a").unwrap_err();
        assert!(matches!(second, LogError::InUse { .. }), "{second}");
        assert!(RunLock::take(folder.path(), "b").is_ok());
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(RunLock::take(folder.path(), "a").is_ok());
    }

    #[test]
    fn the_lock_of_a_writer_that_was_killed_keeps_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/.lock"), "").unwrap();
        assert!(RunLock::take(folder.path(), "a").is_ok());
    }

    #[test]
    fn a_folder_that_was_moved_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let lock = RunLock::take(folder.path(), "a").unwrap();
        assert!(lock.is_held());
        fs::rename(folder.path().join("a"), folder.path().join("b")).unwrap();
        assert!(!lock.is_held());
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/.lock"), "").unwrap();
        assert!(!lock.is_held(), "another one of the same name");
    }
}
