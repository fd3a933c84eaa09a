//! What keeps objects from being read, in one line with a way out. The texts of `object_store` are not
//! handed on: they have addresses with signatures in them, and whole answers of servers.

use std::error::Error as StdError;
use std::iter::successors;

use object_store::Error;
use object_store::client::{HttpError, HttpErrorKind};

use crate::error::AnalyzerError;
use crate::logs::object_storage::address::Address;

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Listing,
    Reading,
}

/// The refusal of a request for what lies at `address`.
pub(crate) fn refusal(address: &Address, doing: Doing, error: &Error) -> AnalyzerError {
    AnalyzerError::ObjectStorage {
        address: address.to_string(),
        reason: reason(address, doing, error),
    }
}

/// Whether the server was asked for what may not be seen.
pub(crate) fn is_denied(error: &Error) -> bool {
    matches!(Chain::of(error).status(error), Some(401 | 403))
}

fn reason(address: &Address, doing: Doing, error: &Error) -> String {
    let provider = address.provider;
    let (settings, credentials) = (provider.settings(), provider.credentials());
    let chain = Chain::of(error);
    if chain.names_metadata_server() {
        return format!(
            "there are no credentials for it; set {credentials}, or {settings}_SKIP_SIGNATURE=true for what is public"
        );
    }
    if let Some(cause) = chain.unreachable() {
        return format!(
            "its server cannot be reached ({cause}); check the network{}",
            endpoint(settings)
        );
    }
    match (chain.status(error), doing) {
        (Some(401 | 403), _) => format!(
            "access is denied{}; check {credentials}, and that they may list and read it",
            chain.code()
        ),
        (Some(404), Doing::Listing) => format!(
            "there is no bucket {}; check its name{}",
            address.bucket,
            endpoint(settings)
        ),
        (Some(404), Doing::Reading) => "is not there any more; give the command again".to_owned(),
        (Some(412), _) => "was replaced while it was read; give the command again".to_owned(),
        (Some(status), _) => format!(
            "its server answers with status {status}{}; try again later, or check the address{}",
            chain.code(),
            endpoint(settings)
        ),
        (None, _) if chain.says("URL scheme is not allowed") => format!(
            "its server is asked without encryption, which has to be allowed; set {settings}_ALLOW_HTTP=true"
        ),
        (None, _) if chain.says("redirect without LOCATION") => {
            "the bucket lies in another region; set AWS_REGION to it".to_owned()
        }
        (None, _) => format!(
            "cannot be read ({}); check the address and the settings {settings}_…",
            chain.innermost()
        ),
    }
}

/// The setting that names another server, where there is one.
fn endpoint(settings: &str) -> String {
    match settings {
        "GOOGLE" => String::new(),
        _ => format!(" and {settings}_ENDPOINT"),
    }
}

/// An error and all that caused it, the innermost last.
struct Chain<'a>(Vec<&'a (dyn StdError + 'static)>);

impl<'a> Chain<'a> {
    fn of(error: &'a Error) -> Self {
        let first: &(dyn StdError + 'static) = error;
        Self(successors(Some(first), |&error| error.source()).collect())
    }

    fn says(&self, text: &str) -> bool {
        self.0.iter().any(|error| error.to_string().contains(text))
    }

    /// Asked for credentials where nothing else says them, and found only in the provider's own machines.
    fn names_metadata_server(&self) -> bool {
        [
            "169.254.169.254",
            "metadata.google.internal",
            "metadata/identity",
        ]
        .iter()
        .any(|server| self.says(server))
    }

    /// Why there was no answer; `None` where there was one.
    fn unreachable(&self) -> Option<String> {
        let mut http = self
            .0
            .iter()
            .filter_map(|error| error.downcast_ref::<HttpError>());
        let is_without_answer = http.any(|error| {
            matches!(
                error.kind(),
                HttpErrorKind::Connect | HttpErrorKind::Timeout
            )
        });
        is_without_answer.then(|| self.innermost())
    }

    /// The status of the server's answer.
    fn status(&self, error: &Error) -> Option<u16> {
        match error {
            Error::NotFound { .. } => Some(404),
            Error::PermissionDenied { .. } => Some(403),
            Error::Unauthenticated { .. } => Some(401),
            Error::Precondition { .. } => Some(412),
            // Of listing, the text alone tells.
            _ => self.0.iter().find_map(|error| {
                let text = error.to_string();
                let (_, rest) = text.split_once("status code: ")?;
                rest.get(..3)?.parse().ok()
            }),
        }
    }

    /// The name that the server gives to its refusal, such as ` (NoSuchBucket)`.
    fn code(&self) -> String {
        let code = self.0.iter().find_map(|error| {
            let text = error.to_string();
            let (_, rest) = text.split_once("<Code>")?;
            let (code, _) = rest.split_once("</Code>")?;
            let is_name = !code.is_empty() && code.chars().all(char::is_alphanumeric);
            is_name.then(|| format!(" ({code})"))
        });
        code.unwrap_or_default()
    }

    /// The first cause, without addresses and answers, which may tell what is secret.
    fn innermost(&self) -> String {
        let text = self
            .0
            .last()
            .map_or_else(String::new, |error| error.to_string());
        let words = text.split_whitespace();
        let words = words.take_while(|word| !word.contains("://") && !word.contains('<'));
        words.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn text(error: &Error) -> String {
        let address = Address::of(Path::new("s3://b/logs")).unwrap();
        refusal(&address, Doing::Listing, error).to_string()
    }

    #[test]
    fn what_a_server_says_is_not_handed_on() {
        let answer = "Server returned non-2xx status code: 400 Bad Request: <Error><Code>Bad</Code><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>";
        let error = Error::Generic {
            store: "S3",
            source: answer.into(),
        };
        assert!(
            text(&error).contains("status 400 (Bad);"),
            "{}",
            text(&error)
        );
        assert!(!text(&error).contains("AKIA"));
    }

    #[test]
    fn addresses_with_signatures_are_not_handed_on() {
        let error = Error::Generic {
            store: "S3",
            source: "odd answer of https://host/c?sig=secret now".into(),
        };
        assert!(text(&error).contains("(odd answer of)"), "{}", text(&error));
    }
}
