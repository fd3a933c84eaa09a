//! The hub's cache on the disk: where it is, where a file of a data set lies in it, and whether a data
//! set is in it as a whole.
//!
//! Layout: `datasets--OWNER--NAME/refs/main` holds the commit, `…/snapshots/COMMIT/` its files, which
//! are links to `…/blobs/HASH`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use logformat::read_regular;

use crate::hub::error::HubError;
use crate::hub::hash::plain_hash;
use crate::hub::parts::{Files, complete_set, weights_of};
use crate::hub::repository::{Content, Repository};

/// Folders below a snapshot that are looked through: `plain_text/train.parquet` needs one.
const DEPTH: usize = 2;
/// What a name of a commit may take where nothing else is set.
const USUAL_BYTES: u64 = 1 << 20;

pub(crate) fn folder(variable: impl Fn(&str) -> Option<String>) -> Result<PathBuf, HubError> {
    if let Some(cache) = variable("HF_HUB_CACHE") {
        return Ok(cache.into());
    }
    if let Some(home) = variable("HF_HOME") {
        return Ok(Path::new(&home).join("hub"));
    }
    let caches = match variable("XDG_CACHE_HOME") {
        Some(caches) => PathBuf::from(caches),
        None => std::env::home_dir().ok_or(HubError::NoHome)?.join(".cache"),
    };
    Ok(caches.join("huggingface").join("hub"))
}

/// One data set's place in the cache.
#[derive(Debug)]
pub(crate) struct CachedRepository {
    folder: PathBuf,
    content: Content,
}

impl CachedRepository {
    pub(crate) fn new(cache: &Path, repository: &Repository) -> Self {
        let name = repository.name.replace('/', "--");
        let folder = cache.join(format!("{}--{name}", repository.plural()));
        Self {
            folder,
            content: repository.content,
        }
    }

    pub(crate) fn blob(&self, hash: &str) -> PathBuf {
        self.folder.join("blobs").join(hash)
    }

    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// The commit of the newest snapshot, and the files of it that make up a data set or a network, where all
    /// of them are there.
    pub(crate) fn find(&self) -> Option<(String, Files)> {
        let commit = read_regular(&self.folder.join("refs/main"), USUAL_BYTES).ok()?;
        let commit = plain_hash(str::from_utf8(&commit).ok()?.trim())?;
        let paths = files_below(&self.snapshot(commit), "", DEPTH);
        let files = self.wanted(paths.iter().map(String::as_str))?;
        Some((commit.to_owned(), files))
    }

    /// The files that are wanted of these.
    pub(crate) fn wanted<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Option<Files> {
        match self.content {
            Content::Dataset => complete_set(paths),
            Content::Network => weights_of(paths),
        }
    }

    /// By its branch the next run, and Python, find the commit without asking the hub.
    pub(crate) fn name_commit(&self, commit: &str) -> io::Result<()> {
        let references = self.folder.join("refs");
        fs::create_dir_all(&references)?;
        fs::write(references.join("main"), commit)
    }

    /// Gives the blob of `hash` its path in the snapshot of `commit`.
    pub(crate) fn link(&self, hash: &str, commit: &str, path: &str) -> io::Result<()> {
        let link = self.snapshot(commit).join(path);
        if let Some(parent) = link.parent() {
            fs::create_dir_all(parent)?;
        }
        if link.symlink_metadata().is_ok() {
            // Without this a link whose file is gone would stay for ever.
            fs::remove_file(&link)?;
        }
        #[cfg(unix)]
        {
            let up = "../".repeat(2 + path.matches('/').count());
            std::os::unix::fs::symlink(format!("{up}blobs/{hash}"), link)
        }
        #[cfg(not(unix))]
        fs::rename(self.blob(hash), link)
    }
}

/// The paths of files, with slashes. What cannot be read is not there.
fn files_below(folder: &Path, prefix: &str, depth: usize) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = |entry: fs::DirEntry| {
        let (path, name) = (entry.path(), entry.file_name());
        let name = format!("{prefix}{}", name.to_string_lossy());
        match path.is_dir() {
            true if depth > 0 => files_below(&path, &format!("{name}/"), depth - 1),
            // Follows the link: one whose file is gone does not count.
            false if path.is_file() => vec![name],
            _ => Vec::new(),
        }
    };
    entries.flat_map(below).collect()
}
