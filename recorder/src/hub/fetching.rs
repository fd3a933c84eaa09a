//! Finds the files of a data set in the hub's cache, or downloads them.

use crate::dataset::settings::{DatasetSettings, HubFolder};
use crate::hub::cache::CachedRepository;
use crate::hub::download::Download;
use crate::hub::error::HubError;
use crate::hub::parts::{Files, address};
use crate::hub::place::{Access, Hub};

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
    let hub = Hub::from_variables(access, |name| std::env::var(name).ok())?;
    let cached = CachedRepository::new(&hub.cache, repository);
    let folder = |(commit, files): (String, Files)| HubFolder {
        address: address(repository, &commit, &files.folder),
        folder: cached.snapshot(&commit).join(&files.folder),
    };
    if let Some(found) = cached.find() {
        return Ok(Some(folder(found)));
    }
    if hub.access == Access::Offline {
        return Err(HubError::NotCached {
            dataset: settings.kind.name,
            page: hub.page(repository),
            cache: hub.cache,
        });
    }
    let download = Download::begin(&hub, repository, &cached)?;
    download.announce(settings.kind.name, announce);
    download.finish(shows_bar).map(folder).map(Some)
}
