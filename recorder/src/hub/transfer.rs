//! The transfer of one file into the cache. What arrived of one that was cut lies there as
//! `blobs/….part`, and only the rest is asked for, in the same run or a later one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use crate::hub::cache::CachedRepository;
use crate::hub::error::HubError;
use crate::hub::parts::ListedFile;
use crate::hub::requests::Requests;

const BUFFER_BYTES: usize = 1 << 16;

/// A file on its way.
pub(crate) struct Transfer<'a> {
    pub(crate) requests: &'a Requests,
    pub(crate) cache: &'a Path,
    pub(crate) cached: &'a CachedRepository,
    pub(crate) commit: &'a str,
    pub(crate) file: &'a ListedFile,
    pub(crate) url: String,
}

impl Transfer<'_> {
    /// Gets the file, in as many requests as it takes, as long as each of them brings something.
    pub(crate) fn run(&self, shows_bar: bool) -> Result<(), HubError> {
        let bar = match shows_bar {
            true => bar(self.file),
            false => ProgressBar::hidden(),
        };
        let hash = self.requests.hash(&self.url, self.commit)?;
        let blob = self.cached.blob(&hash);
        let part = self.at_the_disk(open_part(&blob))?;
        // Released with the file, and with the process.
        let _lock = self.lock(&blob)?;
        self.receive_all(&part, &blob, &bar)?;
        let finished = part
            .sync_all()
            .and_then(|()| fs::rename(part_path(&blob), &blob))
            .and_then(|()| self.cached.link(&hash, self.commit, &self.file.path));
        bar.finish_and_clear();
        self.at_the_disk(finished)
    }

    fn receive_all(&self, part: &File, blob: &Path, bar: &ProgressBar) -> Result<(), HubError> {
        let size = self.file.size;
        let mut there = self.at_the_disk(part.metadata())?.len();
        if there > size {
            // What is longer than the file is none of it.
            self.at_the_disk(part.set_len(0))?;
            there = 0;
        }
        while there < size {
            let reason = self.receive(part, there, bar)?;
            let before = there;
            there = self.at_the_disk(part.metadata())?.len();
            if there > size {
                self.at_the_disk(fs::remove_file(part_path(blob)))?;
                return Err(HubError::WrongSize {
                    url: self.url.clone(),
                    found: there,
                    expected: size,
                });
            }
            if there <= before {
                return Err(HubError::Cut {
                    url: self.url.clone(),
                    received: there,
                    size,
                    reason,
                });
            }
        }
        Ok(())
    }

    /// One request for what is missing, and why it ended. Never more than a byte beyond the file's size
    /// is taken, whatever the server sends.
    fn receive(&self, mut part: &File, start: u64, bar: &ProgressBar) -> Result<String, HubError> {
        let (body, begins_there) = self.requests.bytes(&self.url, start)?;
        let start = if begins_there { start } else { 0 };
        let placed = part
            .set_len(start)
            .and_then(|()| part.seek(SeekFrom::Start(start)));
        self.at_the_disk(placed)?;
        bar.set_position(start);
        let mut bytes = body
            .into_reader()
            .take((self.file.size - start).saturating_add(1));
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match bytes.read(&mut buffer) {
                Ok(0) => return Ok("the server sent no more".to_owned()),
                Ok(count) => {
                    self.at_the_disk(part.write_all(&buffer[..count]))?;
                    bar.inc(count as u64);
                }
                Err(error) => return Ok(error.to_string()),
            }
        }
    }

    fn lock(&self, blob: &Path) -> Result<File, HubError> {
        let path = blob.with_extension("lock");
        let lock = self.at_the_disk(File::create(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(HubError::Locked { lock: path }),
            Err(TryLockError::Error(source)) => Err(self.of_the_disk(source)),
        }
    }

    fn at_the_disk<T>(&self, result: io::Result<T>) -> Result<T, HubError> {
        result.map_err(|source| self.of_the_disk(source))
    }

    fn of_the_disk(&self, source: io::Error) -> HubError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => HubError::NoRoom {
                cache: self.cache.to_owned(),
                file: self.file.path.clone(),
                size: self.file.size,
            },
            _ => HubError::cache(self.cache, source),
        }
    }
}

fn part_path(blob: &Path) -> PathBuf {
    blob.with_extension("part")
}

fn open_part(blob: &Path) -> io::Result<File> {
    if let Some(blobs) = blob.parent() {
        fs::create_dir_all(blobs)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    options.open(part_path(blob))
}

fn bar(file: &ListedFile) -> ProgressBar {
    let bar = ProgressBar::new(file.size);
    let style = ProgressStyle::with_template(
        "{msg} {bar:24} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left",
    );
    bar.set_style(
        style
            .expect("the template is a constant that the tests draw")
            .progress_chars("━╸─"),
    );
    let name = file.path.rsplit('/').next().unwrap_or_default();
    bar.with_message(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_locked_folder_are_told_apart() {
        let file = ListedFile {
            path: "a/train.parquet".to_owned(),
            size: 18_157_506,
        };
        let cache = Path::new("/cache");
        let transfer = Transfer {
            requests: &Requests::new("http://hub", None, std::time::Duration::from_secs(1)),
            cache,
            cached: &CachedRepository::new(
                cache,
                &crate::hub::repository::Repository::of_dataset("owner/set"),
            ),
            commit: "0a1b",
            file: &file,
            url: String::new(),
        };
        let failure = |kind: io::ErrorKind| transfer.of_the_disk(kind.into()).to_string();
        let full = failure(io::ErrorKind::StorageFull);
        assert!(
            full.starts_with("/cache: there is no room for the 18.16 MB of a/train.parquet"),
            "{full}"
        );
        assert!(full.contains("HF_HOME"), "{full}");
        let denied = failure(io::ErrorKind::PermissionDenied);
        assert!(denied.starts_with("/cache: the hub's cache"), "{denied}");
    }

    #[test]
    fn the_bar_can_be_drawn() {
        let file = ListedFile {
            path: "a/train.parquet".to_owned(),
            size: 10,
        };
        assert_eq!(bar(&file).length(), Some(10));
    }
}
