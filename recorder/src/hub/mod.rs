//! Data sets from the hub of Hugging Face: which repository holds which set, its Parquet files in the
//! hub's usual cache, and their download, which goes on where an earlier one was cut.
//!
//! The protocol and the cache's layout are those of the `hf-hub` crate, so Python programs find what
//! is downloaded here, and the other way round. Files that are in the cache need no network.

pub(crate) mod cache;
pub(crate) mod download;
pub(crate) mod error;
pub(crate) mod parts;
pub(crate) mod transfer;

use std::path::PathBuf;

use hf_hub::{Cache, Repo};

use crate::dataset::DatasetName;
use crate::dataset::settings::DatasetSettings;
use crate::hub::download::Download;

pub use crate::hub::error::HubError;

const PUBLIC_ENDPOINT: &str = "https://huggingface.co";

/// The files of a data set in the hub's cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubFolder {
    /// Their address as programs that read from the hub write it, with the commit:
    /// `hf://datasets/ylecun/mnist@0123abc/mnist`.
    pub address: String,
    /// The folder of the training and test files.
    pub folder: PathBuf,
}

/// Whether something may be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// What is not in the cache is downloaded.
    Online,
    /// Only the cache is read, and no connection is tried.
    Offline,
}

impl DatasetName {
    /// The repository on the hub that has this data set in Parquet files.
    pub const fn hub_repository(self) -> Option<&'static str> {
        match self {
            DatasetName::Mnist => Some("ylecun/mnist"),
            DatasetName::FashionMnist => Some("zalando-datasets/fashion_mnist"),
            DatasetName::Cifar10 => Some("uoft-cs/cifar10"),
            DatasetName::Cifar100 => Some("uoft-cs/cifar100"),
            DatasetName::TinyImagenet => Some("zh-plus/tiny-imagenet"),
            DatasetName::Digits
            | DatasetName::Images
            | DatasetName::Parquet
            | DatasetName::Features => None,
        }
    }
}

/// The files of a data set, from the hub's cache or else from the hub; `None` where the settings say
/// another place, or the hub has no such set. `announce` is told before anything is downloaded;
/// `shows_bar` draws a bar of it on stderr.
///
/// The environment is read in the words of Hugging Face's own programs: the cache is in
/// `HF_HUB_CACHE`, in `HF_HOME/hub` or in `~/.cache/huggingface/hub`, the hub at `HF_ENDPOINT`, signed
/// in by `HF_TOKEN`; `HF_HUB_OFFLINE=1` is as good as [`Access::Offline`].
///
/// # Errors
/// [`HubError`] where the files are not in the cache and cannot be downloaded. What has arrived is
/// kept, and the next call goes on from there.
pub fn fetch(
    settings: &DatasetSettings,
    access: Access,
    shows_bar: bool,
    announce: &mut dyn FnMut(&str),
) -> Result<Option<HubFolder>, HubError> {
    let repository = settings.name.hub_repository();
    let Some(repository) = repository.filter(|_| settings.data.is_none()) else {
        return Ok(None);
    };
    let hub = Hub::from_variables(access, |name| std::env::var(name).ok())?;
    let repo = Repo::dataset(repository.to_owned());
    if let Some(found) = cache::find(&hub.cache, &repo, repository) {
        return Ok(Some(found));
    }
    if hub.access == Access::Offline {
        return Err(HubError::NotCached {
            dataset: settings.name.as_str(),
            cache: hub.cache.path().clone(),
            page: hub.page(repository),
        });
    }
    let download = Download::begin(&hub, repository)?;
    download.announce(settings.name.as_str(), announce);
    download.finish(shows_bar).map(Some)
}

/// The hub, and the cache of what was taken from it.
#[derive(Debug)]
pub(crate) struct Hub {
    endpoint: String,
    cache: Cache,
    token: Option<String>,
    access: Access,
}

impl Hub {
    fn from_variables(
        access: Access,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, HubError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| PUBLIC_ENDPOINT.to_owned());
        let is_offline = variable("HF_HUB_OFFLINE").is_some_and(|value| {
            let values = ["1", "on", "yes", "true"];
            values.contains(&value.to_lowercase().as_str())
        });
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            cache: Cache::new(cache::folder(variable)?),
            token: variable("HF_TOKEN"),
            access: if is_offline { Access::Offline } else { access },
        })
    }

    /// The address at which people see a repository.
    fn page(&self, repository: &str) -> String {
        format!("{}/datasets/{repository}", self.endpoint)
    }
}

fn address(repository: &str, commit: &str, folder: &str) -> String {
    let folder = match folder {
        "" => String::new(),
        folder => format!("/{folder}"),
    };
    format!("hf://datasets/{repository}@{commit}{folder}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(variables: &[(&str, &str)], access: Access) -> Hub {
        let find = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Hub::from_variables(access, find).unwrap()
    }

    #[test]
    fn the_environment_says_where_hub_and_cache_are() {
        let set = hub(
            &[("HF_HOME", "/a"), ("HF_ENDPOINT", "http://mirror/")],
            Access::Online,
        );
        assert_eq!(set.cache.path(), &PathBuf::from("/a/hub"));
        assert_eq!(set.endpoint, "http://mirror");
        let variables = [("HF_HOME", "/a"), ("HF_HUB_CACHE", "/b")];
        let set = hub(&variables, Access::Online);
        assert_eq!(set.cache.path(), &PathBuf::from("/b"));
        let variables = [("XDG_CACHE_HOME", "/c"), ("HF_HOME", "")];
        let set = hub(&variables, Access::Online);
        assert_eq!(set.cache.path(), &PathBuf::from("/c/huggingface/hub"));
        assert_eq!(set.endpoint, PUBLIC_ENDPOINT);
    }

    #[test]
    fn the_environment_can_forbid_the_network_but_not_allow_it() {
        let access =
            |value, access| hub(&[("HF_HOME", "/a"), ("HF_HUB_OFFLINE", value)], access).access;
        assert_eq!(access("1", Access::Online), Access::Offline);
        assert_eq!(access("True", Access::Online), Access::Offline);
        assert_eq!(access("0", Access::Online), Access::Online);
        assert_eq!(access("0", Access::Offline), Access::Offline);
    }
}
