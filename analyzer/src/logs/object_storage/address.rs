//! The address of logs in object storage: `s3://bucket/key`, `gs://bucket/key` or `az://container/key`.

use std::fmt;
use std::path::Path;

/// Whose storage it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Provider {
    /// Amazon S3, and all that speak its language.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

pub(crate) const PROVIDERS: [Provider; 3] = [Provider::S3, Provider::Google, Provider::Azure];

impl Provider {
    /// The scheme of its addresses.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Provider::S3 => "s3",
            Provider::Google => "gs",
            Provider::Azure => "az",
        }
    }

    /// The beginning of the names of its settings in the environment.
    pub(crate) fn settings(self) -> &'static str {
        match self {
            Provider::S3 => "AWS",
            Provider::Google => "GOOGLE",
            Provider::Azure => "AZURE",
        }
    }

    /// What gives access, in the environment.
    pub(crate) fn credentials(self) -> &'static str {
        match self {
            Provider::S3 => "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            Provider::Google => "GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_SERVICE_ACCOUNT",
            Provider::Azure => "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
        }
    }
}

/// An object, a folder of objects, or a glob of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) provider: Provider,
    pub(crate) bucket: String,
    /// Without a slash at its beginning; empty for the whole bucket.
    pub(crate) key: String,
}

impl Address {
    /// What a word of the command line means; `None` for a path on this machine.
    pub(crate) fn of(word: &Path) -> Option<Self> {
        let (scheme, rest) = word.to_str()?.split_once("://")?;
        let mut providers = PROVIDERS.into_iter();
        let provider = providers.find(|provider| provider.scheme() == scheme)?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        Some(Self {
            provider,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    /// The address of `key` in the same bucket.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}/{}",
            self.provider.scheme(),
            self.bucket,
            self.key
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_an_address_or_a_path() {
        let of = |word: &str| Address::of(Path::new(word));
        let address = of("s3://bucket/logs/*.parquet").unwrap();
        assert_eq!(
            (&*address.bucket, &*address.key),
            ("bucket", "logs/*.parquet")
        );
        assert_eq!(address.to_string(), "s3://bucket/logs/*.parquet");
        assert_eq!(of("gs://bucket").unwrap().key, "");
        assert_eq!(of("az://container/a").unwrap().provider, Provider::Azure);
        assert_eq!(of("logs/a.parquet"), None);
        assert_eq!(of("https://host/logs"), None);
    }
}
