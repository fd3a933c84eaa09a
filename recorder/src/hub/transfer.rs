//! The transfer of one file into the cache. What arrived of one that was cut lies there as
//! `blobs/….part`, and only the rest is asked for, in the same run or a later one.

use std::cell::Cell;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use hf_hub::api::Progress;
use hf_hub::api::sync::{Api, ApiError};
use hf_hub::{Cache, Repo};
use indicatif::{ProgressBar, ProgressStyle};

use crate::hub::error::HubError;
use crate::hub::parts::ListedFile;

const RANGE_NOT_SATISFIABLE: u16 = 416;

/// A file on its way.
pub(crate) struct Transfer<'a> {
    pub(crate) api: &'a Api,
    pub(crate) cache: &'a Cache,
    /// At the commit that `file` is of.
    pub(crate) repo: &'a Repo,
    pub(crate) file: &'a ListedFile,
}

impl Transfer<'_> {
    /// Gets the file, in as many requests as it takes, as long as each of them brings something.
    pub(crate) fn run(&self, shows_bar: bool) -> Result<(), HubError> {
        let bar = match shows_bar {
            true => bar(self.file),
            false => ProgressBar::hidden(),
        };
        let received = Cell::new(0);
        let mut was_mended = false;
        loop {
            let before = received.get();
            let counter = Counter {
                bar: &bar,
                received: &received,
            };
            let repo = self.api.repo(self.repo.clone());
            let error = match repo.download_with_progress(&self.file.path, counter) {
                Ok(path) => return self.check_size(&path),
                Err(error) => error,
            };
            if !was_mended && is_of_the_part(&error) {
                was_mended = true;
                self.mend_part()?;
            } else if !is_cut(&error) || received.get() <= before {
                return Err(self.failure(received.get(), error));
            }
        }
    }

    fn url(&self) -> String {
        self.api.repo(self.repo.clone()).url(&self.file.path)
    }

    /// Of a file that had arrived as a whole, but was not yet given its name, there are no more bytes
    /// to ask for: all but the last one are kept. One that is too long is begun anew.
    fn mend_part(&self) -> Result<(), HubError> {
        let url = self.url();
        let metadata = self.api.metadata(&url);
        let metadata = metadata.map_err(|error| HubError::of(&url, error))?;
        let blob = self
            .cache
            .repo(self.repo.clone())
            .blob_path(metadata.etag());
        let part = OpenOptions::new()
            .write(true)
            .open(blob.with_extension("part"));
        let mended = part.and_then(|part| {
            let is_whole = part.metadata()?.len() == self.file.size;
            part.set_len(if is_whole { self.file.size - 1 } else { 0 })
        });
        mended.map_err(|source| HubError::cache(self.cache, source))
    }

    /// A proxy that knows no ranges answers with the whole file for the rest of it.
    fn check_size(&self, path: &Path) -> Result<(), HubError> {
        let failed = |source| HubError::cache(self.cache, source);
        let (found, expected) = (fs::metadata(path).map_err(failed)?.len(), self.file.size);
        if found == expected {
            return Ok(());
        }
        let blob = fs::canonicalize(path).map_err(failed)?;
        fs::remove_file(path)
            .and_then(|()| match blob.exists() {
                true => fs::remove_file(&blob),
                false => Ok(()),
            })
            .map_err(failed)?;
        Err(HubError::WrongSize {
            url: self.url(),
            found,
            expected,
        })
    }

    fn failure(&self, received: u64, error: ApiError) -> HubError {
        match error {
            ApiError::IoError(error) if is_full(&error) => HubError::NoRoom {
                cache: self.cache.path().clone(),
                file: self.file.path.clone(),
                size: self.file.size,
            },
            ApiError::IoError(error) if is_of_the_network(&error) => HubError::Cut {
                url: self.url(),
                received,
                size: self.file.size,
                reason: error.to_string(),
            },
            ApiError::IoError(source) => HubError::cache(self.cache, source),
            error => HubError::of(&self.url(), error),
        }
    }
}

/// Counts the bytes of the file that are on the disk.
struct Counter<'a> {
    bar: &'a ProgressBar,
    received: &'a Cell<u64>,
}

impl Progress for Counter<'_> {
    fn init(&mut self, _: usize, _: &str) {
        self.received.set(0);
        self.bar.set_position(0);
    }

    fn update(&mut self, bytes: usize) {
        self.received.set(self.received.get() + bytes as u64);
        self.bar.set_position(self.received.get());
    }

    fn finish(&mut self) {
        self.bar.finish_and_clear();
    }
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

fn is_of_the_part(error: &ApiError) -> bool {
    match error {
        ApiError::InvalidResume => true,
        ApiError::RequestError(error) => {
            matches!(**error, ureq::Error::StatusCode(RANGE_NOT_SATISFIABLE))
        }
        _ => false,
    }
}

fn is_cut(error: &ApiError) -> bool {
    match error {
        ApiError::IoError(error) => is_of_the_network(error) && !is_full(error),
        _ => false,
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// What ends a transfer rather than the writing of a file: both come as errors of the system.
fn is_of_the_network(error: &io::Error) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, NetworkDown,
        NetworkUnreachable, Other, TimedOut, UnexpectedEof,
    };
    matches!(
        error.kind(),
        BrokenPipe
            | ConnectionAborted
            | ConnectionReset
            | InvalidData
            | NetworkDown
            | NetworkUnreachable
            | Other
            | TimedOut
            | UnexpectedEof
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(error: io::Error) -> String {
        let cache = Cache::new("/cache".into());
        let api = hf_hub::api::sync::ApiBuilder::from_cache(cache.clone());
        let api = api.build().unwrap();
        let file = ListedFile {
            path: "a/train.parquet".to_owned(),
            size: 18_157_506,
        };
        let transfer = Transfer {
            api: &api,
            cache: &cache,
            repo: &Repo::dataset("owner/set".to_owned()),
            file: &file,
        };
        transfer
            .failure(1_000_000, ApiError::IoError(error))
            .to_string()
    }

    #[test]
    fn a_full_disk_a_cut_connection_and_a_locked_folder_are_told_apart() {
        let full = failure(io::ErrorKind::StorageFull.into());
        assert!(
            full.starts_with("/cache: there is no room for the 18.16 MB of a/train.parquet"),
            "{full}"
        );
        assert!(full.contains("HF_HOME"), "{full}");
        let cut = failure(io::ErrorKind::UnexpectedEof.into());
        assert!(cut.contains("cut after 1.00 MB of 18.16 MB"), "{cut}");
        assert!(cut.contains("the same command goes on"), "{cut}");
        let denied = failure(io::ErrorKind::PermissionDenied.into());
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
