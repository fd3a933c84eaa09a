//! Which hub is asked and which cache is read: what the environment says of both.

use std::path::{Path, PathBuf};
use std::time::Duration;

use logformat::read_regular;

use crate::hub::cache;
use crate::hub::error::HubError;
use crate::hub::repository::Repository;

const PUBLIC_ENDPOINT: &str = "https://huggingface.co";

/// How long a hub may keep silent where `HF_HUB_DOWNLOAD_TIMEOUT` says nothing, in seconds.
const PATIENCE: u64 = 30;

/// Whether something may be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// What is not in the cache is downloaded.
    Online,
    /// Only the cache is read, and no connection is tried.
    Offline,
}

/// The hub, and the cache of what was taken from it.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) endpoint: String,
    pub(crate) cache: PathBuf,
    pub(crate) token: Option<String>,
    pub(crate) access: Access,
    /// How long the hub may keep silent.
    pub(crate) patience: Duration,
}

impl Hub {
    pub(crate) fn from_variables(
        access: Access,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, HubError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| PUBLIC_ENDPOINT.to_owned());
        let is_offline = variable("HF_HUB_OFFLINE").is_some_and(|value| {
            let values = ["1", "on", "yes", "true"];
            values.contains(&value.to_lowercase().as_str())
        });
        let cache = cache::folder(variable)?;
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token: variable("HF_TOKEN").or_else(|| saved_token(&cache)),
            patience: patience(variable("HF_HUB_DOWNLOAD_TIMEOUT"))?,
            cache,
            access: if is_offline { Access::Offline } else { access },
        })
    }

    /// The address at which people see a repository.
    pub(crate) fn page(&self, repository: &Repository) -> String {
        format!("{}/{}", self.endpoint, repository.path())
    }
}

/// What a token may take where nothing else is set.
const USUAL_BYTES: u64 = 1 << 20;

/// What signing in by the hub's own program left beside the cache.
fn saved_token(cache: &Path) -> Option<String> {
    let token = read_regular(&cache.parent()?.join("token"), USUAL_BYTES).ok()?;
    let token = str::from_utf8(&token).ok()?.trim();
    (!token.is_empty()).then(|| token.to_owned())
}

fn patience(seconds: Option<String>) -> Result<Duration, HubError> {
    let Some(text) = seconds else {
        return Ok(Duration::from_secs(PATIENCE));
    };
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0);
    let seconds = seconds.ok_or(HubError::Timeout { text })?;
    Ok(Duration::from_secs(seconds))
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
        assert_eq!(set.cache, PathBuf::from("/a/hub"));
        assert_eq!(set.endpoint, "http://mirror");
        let variables = [("HF_HOME", "/a"), ("HF_HUB_CACHE", "/b")];
        let set = hub(&variables, Access::Online);
        assert_eq!(set.cache, PathBuf::from("/b"));
        let variables = [("XDG_CACHE_HOME", "/c"), ("HF_HOME", "")];
        let set = hub(&variables, Access::Online);
        assert_eq!(set.cache, PathBuf::from("/c/huggingface/hub"));
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
