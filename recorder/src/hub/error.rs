//! Why a data set cannot be had from the hub, and what to do instead.

use std::io;
use std::path::{Path, PathBuf};

use indicatif::DecimalBytes;

/// What can go wrong with the hub. The text is one line and leaves that of its source out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The network may not be used, and the cache lacks the data set.
    #[error(
        "{what} is not in the cache {}, and the network may not be used", cache.display()
    )]
    NotCached {
        /// The data set or the weights.
        what: String,
        /// The folder of the cache.
        cache: PathBuf,
        /// The page of the repository.
        page: String,
    },
    /// Nothing says where the cache is.
    #[error("there is no home directory for the hub's cache")]
    NoHome,
    /// The time limit is none.
    #[error(
        "HF_HUB_DOWNLOAD_TIMEOUT: {text:?} is no number of seconds above 0; set it to how long the hub may keep silent, or unset it"
    )]
    Timeout {
        /// What it is set to.
        text: String,
    },
    /// There is no connection.
    #[error("{url} cannot be reached: {reason}")]
    Unreachable {
        /// The address that was asked.
        url: String,
        /// What the system says.
        reason: String,
    },
    /// The hub has no such thing.
    #[error("{url}: there is no such thing on the hub (HTTP status 404)")]
    NotFound {
        /// The address that was asked.
        url: String,
    },
    /// The hub refuses to give it.
    #[error("{url}: the hub refuses it (HTTP status {status})")]
    Refused {
        /// The address that was asked.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The hub fails.
    #[error("{url}: the hub fails (HTTP status {status})")]
    Failed {
        /// The address that was asked.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// What answers is no hub.
    #[error("{url}: this is no answer of a hub: {reason}")]
    NoHub {
        /// The address that was asked.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// A repository has no Parquet files of a training and a test part.
    #[error("{page}: it has no folder with all Parquet files of a training and a test part")]
    NoParts {
        /// The page of the repository.
        page: String,
    },
    /// A name is none of a repository.
    #[error(
        "hub:{name}: this is no repository of a network; it is hub:OWNER/NAME, such as hub:timm/resnet18.a1_in1k"
    )]
    NoRepository {
        /// What was given.
        name: String,
    },
    /// A repository has no weights that are known here.
    #[error(
        "{page}: it has no model.safetensors or pytorch_model.bin, and no single .safetensors or .pth file"
    )]
    NoWeights {
        /// The page of the repository.
        page: String,
    },
    /// The connection was cut.
    #[error(
        "{url}: the connection was cut after {} of {} ({reason}); the same command goes on from there", DecimalBytes(*received), DecimalBytes(*size)
    )]
    Cut {
        /// The address that was asked.
        url: String,
        /// The bytes that have arrived.
        received: u64,
        /// Its size, in bytes.
        size: u64,
        /// What the system says.
        reason: String,
    },
    /// The disk is full.
    #[error(
        "{}: there is no room for the {} of {file}; make room, and the same command goes on from there, or set HF_HOME to a folder that has it", cache.display(), DecimalBytes(*size)
    )]
    NoRoom {
        /// The folder of the cache.
        cache: PathBuf,
        /// The file that finds no room.
        file: String,
        /// Its size, in bytes.
        size: u64,
    },
    /// The cache cannot be written.
    #[error("{}: the hub's cache cannot be written; set HF_HOME to a folder that can", cache.display())]
    Cache {
        /// The folder of the cache.
        cache: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another program downloads the file.
    #[error("{}: another program downloads this file now; wait until it is done, or delete the lock if there is none", lock.display())]
    Locked {
        /// The lock of that program.
        lock: PathBuf,
    },
    /// A file came too short or too long.
    #[error(
        "{url}: it came with {found} bytes instead of {expected} and was deleted; try again, without a proxy where there is one"
    )]
    WrongSize {
        /// The address that was asked.
        url: String,
        /// The bytes that came.
        found: u64,
        /// The bytes that the hub promises.
        expected: u64,
    },
}

impl HubError {
    pub(crate) fn cache(cache: &Path, source: io::Error) -> Self {
        HubError::Cache {
            cache: cache.to_owned(),
            source,
        }
    }

    pub(crate) fn no_hub(url: &str, reason: &str) -> Self {
        HubError::NoHub {
            url: url.to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// What became of a request for `url`.
    pub(crate) fn of_request(url: &str, error: &ureq::Error) -> Self {
        let (url, reason) = (url.to_owned(), error.to_string());
        match *error {
            ureq::Error::StatusCode(404) => HubError::NotFound { url },
            ureq::Error::StatusCode(status @ (401 | 403)) => HubError::Refused { url, status },
            ureq::Error::StatusCode(status) => HubError::Failed { url, status },
            ureq::Error::Json(_) | ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                HubError::NoHub { url, reason }
            }
            _ => HubError::Unreachable { url, reason },
        }
    }
}
