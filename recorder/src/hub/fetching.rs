//! Finds the files of a data set or a network in the hub's cache, or downloads them.

use std::path::{Path, PathBuf};

use crate::dataset::settings::{DatasetSettings, HubFolder};
use crate::hub::cache::CachedRepository;
use crate::hub::download::Download;
use crate::hub::error::HubError;
use crate::hub::parts::{Files, address};
use crate::hub::place::{Access, Hub};
use crate::hub::repository::Repository;

/// The files of a data set, from the hub's cache or else from the hub; `None` where the settings say
/// another place, or the hub has no such set. `announce` is told before anything is downloaded;
/// `shows_bar` draws a bar of it on stderr.
///
/// The environment is read in the words of Hugging Face's own programs: the cache is in
/// `HF_HUB_CACHE`, in `HF_HOME/hub` or in `~/.cache/huggingface/hub`, the hub at `HF_ENDPOINT`, signed
/// in by `HF_TOKEN`; `HF_HUB_OFFLINE=1` is as good as [`Access::Offline`], and a hub that is silent for
/// `HF_HUB_DOWNLOAD_TIMEOUT` seconds (30) is given up.
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
    let repository = settings.kind.hub_repository;
    let Some(repository) = repository.filter(|_| settings.data.is_none()) else {
        return Ok(None);
    };
    let named = Repository::of_dataset(repository);
    let what = format!("the data set {}", settings.kind.name);
    let asked = Asked {
        repository: &named,
        name: settings.kind.name,
        what,
    };
    let (cached, commit, files) = asked.files(access, shows_bar, announce)?;
    Ok(Some(HubFolder {
        address: address(repository, &commit, &files.folder),
        folder: cached.snapshot(&commit).join(&files.folder),
    }))
}

/// The weights of a network in the hub's cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubWeights {
    /// The file of the weights.
    pub file: PathBuf,
    /// What is said of the network, where there is something.
    pub config: Option<PathBuf>,
}

/// The weights that `hub:OWNER/NAME` stands for, from the cache or from the hub as those of [`fetch`]; `None` for
/// the path of a file.
///
/// # Errors
/// [`HubError`] where they are not in the cache and cannot be downloaded.
pub fn fetch_weights(
    weights: &Path,
    access: Access,
    shows_bar: bool,
    announce: &mut dyn FnMut(&str),
) -> Result<Option<HubWeights>, HubError> {
    let Some(name) = weights.to_str().and_then(|text| text.strip_prefix("hub:")) else {
        return Ok(None);
    };
    let repository = Repository::of_network(name)?;
    let asked = Asked {
        repository: &repository,
        name,
        what: format!("the network {name}"),
    };
    let (cached, commit, files) = asked.files(access, shows_bar, announce)?;
    let mut paths = files
        .paths
        .iter()
        .map(|path| cached.snapshot(&commit).join(path));
    Ok(paths.next().map(|file| HubWeights {
        file,
        config: paths.next(),
    }))
}

/// Files that are asked for.
struct Asked<'a> {
    repository: &'a Repository,
    /// How people call them.
    name: &'a str,
    what: String,
}

impl Asked<'_> {
    fn files(
        &self,
        access: Access,
        shows_bar: bool,
        announce: &mut dyn FnMut(&str),
    ) -> Result<(CachedRepository, String, Files), HubError> {
        let hub = Hub::from_variables(access, |name| std::env::var(name).ok())?;
        let cached = CachedRepository::new(&hub.cache, self.repository);
        if let Some((commit, files)) = cached.find() {
            return Ok((cached, commit, files));
        }
        if hub.access == Access::Offline {
            return Err(HubError::NotCached {
                what: self.what.clone(),
                page: hub.page(self.repository),
                cache: hub.cache,
            });
        }
        let download = Download::begin(&hub, self.repository, &cached)?;
        download.announce(self.name, announce);
        let (commit, files) = download.finish(shows_bar)?;
        Ok((cached, commit, files))
    }
}
