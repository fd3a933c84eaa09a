//! A bucket, and the logs in it that an address means: an object, the `*.parquet` objects of a folder, or a
//! glob, as on this machine (see `inputs`).

use std::sync::Arc;
use std::time::Duration;

use glob::{MatchOptions, Pattern};
use logformat::{RUN_RECORD_NAME, parse_epoch_file_name};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path as Key;
use object_store::{Error, ListResult, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig};

use crate::error::AnalyzerError;
use crate::logs::object_storage::address::{Address, Provider};
use crate::logs::object_storage::refusal::{Doing, is_denied, refusal};

/// A server that is busy says so for seconds; one that is not there needs no minutes to be noticed.
const MOST_RETRIES: usize = 4;
const LONGEST_RETRYING: Duration = Duration::from_secs(60);

/// A bucket that can be asked.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Of the whole bucket.
    address: Address,
}

impl Bucket {
    /// The bucket that `address` lies in, with credentials and endpoint from the environment.
    pub(crate) fn of(address: &Address) -> Result<Self, AnalyzerError> {
        let url = format!("{}://{}", address.provider.scheme(), address.bucket);
        let retry = RetryConfig {
            max_retries: MOST_RETRIES,
            retry_timeout: LONGEST_RETRYING,
            ..RetryConfig::default()
        };
        let store: Result<Arc<dyn ObjectStore>, Error> = match address.provider {
            Provider::S3 => {
                let builder = AmazonS3Builder::from_env().with_url(url);
                builder.with_retry(retry).build().map(shared)
            }
            Provider::Google => {
                let builder = GoogleCloudStorageBuilder::from_env().with_url(url);
                builder.with_retry(retry).build().map(shared)
            }
            Provider::Azure => {
                let builder = MicrosoftAzureBuilder::from_env().with_url(url);
                builder.with_retry(retry).build().map(shared)
            }
        };
        Ok(Self {
            store: store.map_err(|error| refusal(address, Doing::Listing, &error))?,
            address: address.with_key(""),
        })
    }

    /// The address of an object in this bucket.
    pub(crate) fn address(&self, key: &Key) -> Address {
        self.address.with_key(key.as_ref())
    }

    /// The logs at `key`: of an object, a folder or a glob.
    ///
    /// # Errors
    /// Those of paths on this machine, and [`AnalyzerError::ObjectStorage`].
    pub(crate) async fn logs(&self, key: &str) -> Result<Vec<ObjectMeta>, AnalyzerError> {
        let address = self.address.with_key(key);
        if key.contains(['*', '?', '[']) {
            return self.matching(&address).await;
        }
        if !key.is_empty() && !key.ends_with('/') {
            let object = parsed(&address, key)?;
            match self.store.head(&object).await {
                Ok(found) => return Ok(vec![found]),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(refusal(&address, Doing::Reading, &error)),
            }
        }
        let folder = parsed(&address, key)?;
        let listed = self.list(&folder).await?;
        if listed.objects.is_empty() && listed.common_prefixes.is_empty() {
            let path = address.to_string().into();
            return Err(AnalyzerError::NoSuchPath { path });
        }
        if let Some(pattern) = self.logs_beside(&folder, &listed).await? {
            let path = address.to_string().into();
            return Err(AnalyzerError::RunFolder { path, pattern });
        }
        let files: Vec<ObjectMeta> = parquet_files(listed).collect();
        if files.is_empty() {
            let path = address.to_string().into();
            return Err(AnalyzerError::NoLogsInFolder { path });
        }
        Ok(files)
    }

    /// What lies right in a folder.
    pub(crate) async fn list(&self, folder: &Key) -> Result<ListResult, AnalyzerError> {
        let prefix = (!folder.as_ref().is_empty()).then_some(folder);
        let listed = self.store.list_with_delimiter(prefix).await;
        listed.map_err(|error| refusal(&self.address(folder), Doing::Listing, &error))
    }

    /// What lies right in a folder; `None` where it may not be listed.
    pub(crate) async fn list_if_allowed(
        &self,
        folder: &Key,
    ) -> Result<Option<ListResult>, AnalyzerError> {
        match self.store.list_with_delimiter(Some(folder)).await {
            Ok(listed) => Ok(Some(listed)),
            Err(error) if is_denied(&error) => Ok(None),
            Err(error) => Err(refusal(&self.address(folder), Doing::Listing, &error)),
        }
    }

    /// The glob for the logs of a run, where `folder` is the one beside them.
    async fn logs_beside(
        &self,
        folder: &Key,
        listed: &ListResult,
    ) -> Result<Option<String>, AnalyzerError> {
        let mut names = listed
            .objects
            .iter()
            .filter_map(|object| object.location.filename());
        let Some(run) = folder
            .filename()
            .filter(|_| names.any(|name| name == RUN_RECORD_NAME))
        else {
            return Ok(None);
        };
        let parent = parent(folder);
        let beside = self.list(&parent).await?;
        let mut names = beside
            .objects
            .iter()
            .filter_map(|object| object.location.filename());
        let is_beside = names.any(|name| parse_epoch_file_name(run, name).is_some());
        Ok(is_beside.then(|| format!("{}-p*.parquet", self.address(folder))))
    }

    async fn matching(&self, address: &Address) -> Result<Vec<ObjectMeta>, AnalyzerError> {
        let patterns = patterns(address)?;
        let mut folders = vec![Key::default()];
        let (last, before) = patterns.split_last().ok_or_else(|| no_match(address))?;
        for pattern in before {
            let mut matching = Vec::new();
            for folder in &folders {
                match pattern {
                    Part::Name(name) => matching.push(folder.clone().join(*name)),
                    Part::Pattern(pattern) => {
                        let inner = self.list(folder).await?.common_prefixes.into_iter();
                        matching.extend(inner.filter(|inner| matches(pattern, inner)));
                    }
                }
            }
            folders = matching;
        }
        let mut files = Vec::new();
        for folder in folders {
            files.extend(self.matching_in(&folder, last).await?);
        }
        if files.is_empty() {
            return Err(no_match(address));
        }
        Ok(files)
    }

    /// A folder that matches stands for its logs, or is passed over where it holds none.
    async fn matching_in(
        &self,
        folder: &Key,
        part: &Part<'_>,
    ) -> Result<Vec<ObjectMeta>, AnalyzerError> {
        let listed = self.list(folder).await?;
        let is_match = |key: &Key| match part {
            Part::Name(name) => key.filename() == Some(*name),
            Part::Pattern(pattern) => matches(pattern, key),
        };
        let objects = listed.objects.into_iter();
        let mut files: Vec<ObjectMeta> = objects
            .filter(|object| is_match(&object.location))
            .collect();
        for inner in listed
            .common_prefixes
            .iter()
            .filter(|inner| is_match(inner))
        {
            let listed = self.list(inner).await?;
            if self.logs_beside(inner, &listed).await?.is_none() {
                files.extend(parquet_files(listed));
            }
        }
        Ok(files)
    }
}

fn shared(store: impl ObjectStore) -> Arc<dyn ObjectStore> {
    Arc::new(store)
}

/// A key as it was typed.
fn parsed(address: &Address, key: &str) -> Result<Key, AnalyzerError> {
    let key = Key::parse(key.trim_end_matches('/'));
    key.map_err(|error| refusal(address, Doing::Reading, &error.into()))
}

/// The folder that holds `key`.
pub(crate) fn parent(key: &Key) -> Key {
    key.parent().unwrap_or_default()
}

fn parquet_files(listed: ListResult) -> impl Iterator<Item = ObjectMeta> {
    let is_log = |name: &str| name.ends_with(".parquet") && !name.starts_with('.');
    let objects = listed.objects.into_iter();
    objects.filter(move |object| object.location.filename().is_some_and(is_log))
}

/// What stands between two slashes of a glob.
enum Part<'a> {
    Name(&'a str),
    Pattern(Pattern),
}

fn patterns(address: &Address) -> Result<Vec<Part<'_>>, AnalyzerError> {
    let bad = |reason| AnalyzerError::BadGlob {
        pattern: address.to_string(),
        reason,
    };
    let parts = address.key.trim_end_matches('/').split('/');
    parts
        .map(|part| {
            if part.contains("**") {
                return Err(bad("** is understood for folders of this machine alone"));
            }
            if !part.contains(['*', '?', '[']) {
                return Ok(Part::Name(part));
            }
            let pattern = Pattern::new(part).map_err(|error| bad(error.msg))?;
            Ok(Part::Pattern(pattern))
        })
        .collect()
}

fn matches(pattern: &Pattern, key: &Key) -> bool {
    let name = key.filename();
    name.is_some_and(|name| pattern.matches_with(name, MatchOptions::new()))
}

fn no_match(address: &Address) -> AnalyzerError {
    AnalyzerError::NoMatch {
        pattern: address.to_string(),
    }
}
