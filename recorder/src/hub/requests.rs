//! The three requests to a hub that a data set takes: the list of a repository's files, the hash of one
//! of them, and its bytes from some place on. Nothing that is answered is a name until it was checked,
//! and no wait is without an end.

use std::time::Duration;

use serde::Deserialize;
use ureq::config::RedirectAuthHeaders;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body, RequestBuilder, typestate::WithoutBody};

use crate::hub::error::HubError;
use crate::hub::hash::{hash_of_etag, plain_hash};
use crate::hub::parts::ListedFile;
use crate::hub::repository::Repository;

/// How often a request is led on to another address of the same hub.
const MOST_REDIRECTS: usize = 10;

/// The list of files is small: so many waits for a server's word are enough for all of it.
const WAITS_FOR_A_LIST: u32 = 4;

/// What the hub says about a repository.
#[derive(Debug, Deserialize)]
pub(crate) struct Listing {
    #[serde(rename = "sha")]
    pub(crate) commit: String,
    pub(crate) siblings: Vec<ListedFile>,
}

/// The way to a hub.
#[derive(Debug)]
pub(crate) struct Requests {
    endpoint: String,
    token: Option<String>,
    patience: Duration,
    agent: Agent,
    /// Shows where the hub leads to: its own answer has the hash, the place of the bytes another one.
    staying: Agent,
}

impl Requests {
    /// `patience` is how long the hub may keep silent.
    pub(crate) fn new(endpoint: &str, token: Option<String>, patience: Duration) -> Self {
        let limits = || {
            Agent::config_builder()
                .user_agent(concat!("aum-recorder/", env!("CARGO_PKG_VERSION")))
                .timeout_resolve(Some(patience))
                .timeout_connect(Some(patience))
                .timeout_send_request(Some(patience))
                .timeout_recv_response(Some(patience))
                .timeout_per_read(Some(patience))
                .redirect_auth_headers(RedirectAuthHeaders::SameHost)
        };
        Self {
            endpoint: endpoint.to_owned(),
            token,
            patience,
            agent: limits().build().into(),
            staying: limits().max_redirects(0).build().into(),
        }
    }

    /// The files of the repository's main branch. `page` is what people call it.
    pub(crate) fn list(&self, repository: &Repository, page: &str) -> Result<Listing, HubError> {
        let url = format!(
            "{}/api/{}/{}/revision/main?blobs=true",
            self.endpoint,
            repository.plural(),
            repository.name
        );
        let whole = self.patience * WAITS_FOR_A_LIST;
        let request = self.signed(self.agent.get(&url)).config();
        let answer = request.timeout_global(Some(whole)).build().call();
        let listing = answer.and_then(|mut answer| answer.body_mut().read_json());
        let listing: Listing = listing.map_err(|error| HubError::of_request(page, &error))?;
        match plain_hash(&listing.commit) {
            Some(_) => Ok(listing),
            None => Err(HubError::no_hub(page, "its commit has no hash")),
        }
    }

    /// The hash of the file at `url`, which names its blob.
    pub(crate) fn hash(&self, url: &str, commit: &str) -> Result<String, HubError> {
        let answer = self.own_answer(url)?;
        let header = |name: &str| answer.headers().get(name)?.to_str().ok();
        if header("x-repo-commit").is_some_and(|named| named != commit) {
            let reason = format!("its x-repo-commit is not the {commit} that was asked for");
            return Err(HubError::no_hub(url, &reason));
        }
        let etag = header("x-linked-etag").or_else(|| header("etag"));
        let hash = etag.and_then(hash_of_etag);
        hash.map(str::to_owned)
            .ok_or_else(|| HubError::no_hub(url, "its ETag is no hash"))
    }

    /// The bytes of the file at `url` from `start` on, and whether they begin there: a proxy that knows
    /// no ranges begins anew.
    pub(crate) fn bytes(&self, url: &str, start: u64) -> Result<(Body, bool), HubError> {
        let range = format!("bytes={start}-");
        let request = self.signed(self.agent.get(url)).header("Range", range);
        let answer = request.call();
        let answer = answer.map_err(|error| HubError::of_request(url, &error))?;
        let range = answer.headers().get("Content-Range");
        let range = range.and_then(|range| range.to_str().ok());
        let begins_there = range.is_some_and(|range| range.starts_with(&format!("bytes {start}-")));
        Ok((answer.into_body(), begins_there))
    }

    /// The last answer that the hub itself gives, where it leads to another host for the bytes.
    fn own_answer(&self, url: &str) -> Result<Response<Body>, HubError> {
        let mut url = url.to_owned();
        for _ in 0..MOST_REDIRECTS {
            let request = self.signed(self.staying.get(&url));
            let answer = request.header("Range", "bytes=0-0").call();
            let answer = answer.map_err(|error| HubError::of_request(&url, &error))?;
            match led_to(&answer, &url) {
                Some(next) => url = next,
                None => return Ok(answer),
            }
        }
        Err(HubError::no_hub(&url, "it leads on and on"))
    }

    fn signed(&self, request: RequestBuilder<WithoutBody>) -> RequestBuilder<WithoutBody> {
        match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        }
    }
}

/// The address on the same host that a redirect names without the host.
fn led_to(answer: &Response<Body>, url: &str) -> Option<String> {
    let is_redirect = answer.status().is_redirection();
    let location = answer.headers().get("Location").filter(|_| is_redirect)?;
    let path = location.to_str().ok()?;
    let host: Uri = url.parse().ok()?;
    let is_of_this_host = path.starts_with('/') && !path.starts_with("//");
    is_of_this_host.then(|| {
        let (scheme, authority) = (host.scheme_str(), host.authority());
        let authority = authority.map_or("", |authority| authority.as_str());
        format!("{}://{authority}{path}", scheme.unwrap_or("https"))
    })
}
