//! The download of a data set's files: first their list and their sizes, then what is missing.

use hf_hub::api::sync::{Api, ApiBuilder, ApiRepo};
use hf_hub::{Cache, CacheRepo, Repo, RepoType};
use indicatif::DecimalBytes;
use serde::Deserialize;
use std::path::{Component, Path};

use crate::dataset::settings::HubFolder;
use crate::hub::error::HubError;
use crate::hub::parts::{Files, ListedFile, address, complete_set};
use crate::hub::place::Hub;
use crate::hub::transfer::Transfer;

/// What the hub says about a repository.
#[derive(Debug, Deserialize)]
struct Listing {
    #[serde(rename = "sha")]
    commit: String,
    siblings: Vec<ListedFile>,
}

/// A data set whose files are known, and in part or not at all in the cache.
pub(crate) struct Download<'a> {
    hub: &'a Hub,
    repository: &'a str,
    commit: String,
    files: Files,
    missing: Vec<ListedFile>,
    api: Api,
}

impl<'a> Download<'a> {
    /// Asks the hub for the files of `repository`.
    pub(crate) fn begin(hub: &'a Hub, repository: &'a str) -> Result<Self, HubError> {
        let page = hub.page(repository);
        let api = connect(hub).map_err(|error| HubError::of(&page, error))?;
        let listing = list(&api.dataset(repository.to_owned()), &page)?;
        let paths = listing.siblings.iter().map(|file| file.path.as_str());
        let files = complete_set(paths.filter(|path| stays_inside(path)));
        let files = files.ok_or(HubError::NoParts { page })?;
        let snapshot =
            at_commit(repository, &listing.commit, &hub.cache).pointer_path(&listing.commit);
        let is_missing = |file: &ListedFile| {
            files.paths.contains(&file.path) && !snapshot.join(&file.path).exists()
        };
        Ok(Self {
            hub,
            repository,
            missing: listing.siblings.into_iter().filter(is_missing).collect(),
            commit: listing.commit,
            files,
            api,
        })
    }

    /// Says what will be downloaded from where to where.
    pub(crate) fn announce(&self, dataset: &str, announce: &mut dyn FnMut(&str)) {
        let bytes: u64 = self.missing.iter().map(|file| file.size).sum();
        let count = match self.missing.len() {
            0 => return,
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        };
        announce(&format!(
            "downloading {dataset} ({count}, {}) from {} to {}; --offline forbids it",
            DecimalBytes(bytes),
            self.hub.page(self.repository),
            self.hub.cache.path().display(),
        ));
    }

    /// Downloads what is missing.
    pub(crate) fn finish(&self, shows_bar: bool) -> Result<HubFolder, HubError> {
        let (repo, cache) = (revision(self.repository, &self.commit), &self.hub.cache);
        for file in &self.missing {
            Transfer {
                api: &self.api,
                cache,
                repo: &repo,
                file,
            }
            .run(shows_bar)?;
        }
        // By its branch the next run, and Python, find the commit without asking the hub.
        let branch = cache.dataset(self.repository.to_owned());
        branch
            .create_ref(&self.commit)
            .map_err(|source| HubError::cache(cache, source))?;
        let snapshot = cache.repo(repo).pointer_path(&self.commit);
        Ok(HubFolder {
            address: address(self.repository, &self.commit, &self.files.folder),
            folder: snapshot.join(&self.files.folder),
        })
    }
}

fn connect(hub: &Hub) -> Result<Api, hf_hub::api::sync::ApiError> {
    let builder = ApiBuilder::from_cache(hub.cache.clone())
        .with_endpoint(hub.endpoint.clone())
        // A further try of the crate's own appends the file's beginning to what is there, where the
        // first one had no connection; `Transfer` tries again from what is on the disk.
        .with_retries(0);
    match &hub.token {
        Some(token) => builder.with_token(Some(token.clone())),
        None => builder,
    }
    .build()
}

/// The repository at a commit, not a branch: files of two commits make no data set.
fn revision(repository: &str, commit: &str) -> Repo {
    Repo::with_revision(repository.to_owned(), RepoType::Dataset, commit.to_owned())
}

fn at_commit(repository: &str, commit: &str, cache: &Cache) -> CacheRepo {
    cache.repo(revision(repository, commit))
}

fn list(repo: &ApiRepo, page: &str) -> Result<Listing, HubError> {
    let request = repo.info_request().query("blobs", "true");
    let answer = request
        .call()
        .and_then(|mut answer| answer.body_mut().read_json());
    let listing: Listing = answer.map_err(|error| HubError::of_request(page, &error))?;
    let is_commit = listing.commit.chars().all(|c| c.is_ascii_alphanumeric());
    match is_commit && !listing.commit.is_empty() {
        true => Ok(listing),
        false => Err(HubError::NoHub {
            url: page.to_owned(),
            reason: "its commit has no hash".to_owned(),
        }),
    }
}

/// A path that would be written outside of the cache is no file of a data set.
fn stays_inside(path: &str) -> bool {
    let mut components = Path::new(path).components();
    components.all(|component| matches!(component, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_of_the_cache_are_no_files() {
        for path in [
            "../train.parquet",
            "/train.parquet",
            "a/../../train.parquet",
        ] {
            assert!(!stays_inside(path), "{path}");
        }
        assert!(stays_inside("mnist/train-00000-of-00001.parquet"));
    }
}
