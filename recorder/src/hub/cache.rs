//! The hub's cache on the disk: where it is, and whether a data set is in it as a whole.
//!
//! Layout: `datasets--OWNER--NAME/refs/main` holds the commit, `…/snapshots/COMMIT/` its files, which
//! are links to `…/blobs/`.

use std::fs;
use std::path::{Path, PathBuf};

use hf_hub::{Cache, Repo};

use crate::dataset::settings::HubFolder;
use crate::hub::error::HubError;
use crate::hub::parts::{address, complete_set};

/// Folders below a snapshot that are looked through: `plain_text/train.parquet` needs one.
const DEPTH: usize = 2;

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

/// The newest snapshot of a repository, where it is there as a whole.
pub(crate) fn find(cache: &Cache, repo: &Repo, repository: &str) -> Option<HubFolder> {
    let reference = cache.path().join(repo.folder_name()).join("refs");
    let commit = fs::read_to_string(reference.join(repo.revision())).ok()?;
    let commit = commit.trim();
    let snapshot = cache.repo(repo.clone()).pointer_path(commit);
    let paths = files_below(&snapshot, "", DEPTH);
    let set = complete_set(paths.iter().map(String::as_str))?;
    Some(HubFolder {
        address: address(repository, commit, &set.folder),
        folder: snapshot.join(&set.folder),
    })
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
