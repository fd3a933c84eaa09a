//! The download of a data set's files: first their list and their sizes, then what is missing.

use std::path::{Component, Path};

use indicatif::DecimalBytes;

use crate::hub::cache::CachedRepository;
use crate::hub::error::HubError;
use crate::hub::parts::{Files, ListedFile};
use crate::hub::place::Hub;
use crate::hub::repository::{Content, Repository};
use crate::hub::requests::Requests;
use crate::hub::transfer::Transfer;

/// A data set whose files are known, and in part or not at all in the cache.
pub(crate) struct Download<'a> {
    hub: &'a Hub,
    repository: &'a Repository,
    cached: &'a CachedRepository,
    commit: String,
    files: Files,
    missing: Vec<ListedFile>,
    requests: Requests,
}

impl<'a> Download<'a> {
    /// Asks the hub for the files of `repository`.
    pub(crate) fn begin(
        hub: &'a Hub,
        repository: &'a Repository,
        cached: &'a CachedRepository,
    ) -> Result<Self, HubError> {
        let page = hub.page(repository);
        let requests = Requests::new(&hub.endpoint, hub.token.clone(), hub.patience);
        let listing = requests.list(repository, &page)?;
        let paths = listing.siblings.iter().map(|file| file.path.as_str());
        let files = cached.wanted(paths.filter(|path| stays_inside(path)));
        let files = files.ok_or(match repository.content {
            Content::Dataset => HubError::NoParts { page },
            Content::Network => HubError::NoWeights { page },
        })?;
        let snapshot = cached.snapshot(&listing.commit);
        let is_missing = |file: &ListedFile| {
            files.paths.contains(&file.path) && !snapshot.join(&file.path).exists()
        };
        Ok(Self {
            hub,
            repository,
            cached,
            missing: listing.siblings.into_iter().filter(is_missing).collect(),
            commit: listing.commit,
            files,
            requests,
        })
    }

    /// Says what will be downloaded from where to where.
    pub(crate) fn announce(&self, dataset: &str, announce: &mut dyn FnMut(&str)) {
        // Sizes are the hub's words: together they may be more than a number holds.
        let sizes = self.missing.iter().map(|file| file.size);
        let bytes = sizes.fold(0, u64::saturating_add);
        let count = match self.missing.len() {
            0 => return,
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        };
        announce(&format!(
            "downloading {dataset} ({count}, {}) from {} to {}; `offline` forbids it",
            DecimalBytes(bytes),
            self.hub.page(self.repository),
            self.hub.cache.display(),
        ));
    }

    /// Downloads what is missing; the commit and the files that are there then.
    pub(crate) fn finish(self, shows_bar: bool) -> Result<(String, Files), HubError> {
        for file in &self.missing {
            // At the commit, not a branch: files of two commits make no data set.
            let url = format!(
                "{}/resolve/{}/{}",
                self.hub.page(self.repository),
                self.commit,
                file.path
            );
            Transfer {
                requests: &self.requests,
                cache: &self.hub.cache,
                cached: self.cached,
                commit: &self.commit,
                file,
                url,
            }
            .run(shows_bar)?;
        }
        let named = self.cached.name_commit(&self.commit);
        named.map_err(|source| HubError::cache(&self.hub.cache, source))?;
        Ok((self.commit, self.files))
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
