//! Logs in object storage are read from copies: what is said of the copies is said of the addresses that
//! they were copied from.

use std::sync::OnceLock;

use anyhow::anyhow;

/// From a text about copies to one about addresses.
pub(crate) type Addresses = Box<dyn Fn(&str) -> String + Send + Sync>;

/// Set where there are copies.
pub(crate) static ADDRESSES: OnceLock<Addresses> = OnceLock::new();

/// A text about files, with addresses in place of the paths of copies.
pub(crate) fn with_addresses(text: &str) -> String {
    ADDRESSES
        .get()
        .map_or_else(|| text.to_owned(), |addresses| addresses(text))
}

/// The same for what kept a command from its results.
pub(crate) fn error_with_addresses(error: anyhow::Error) -> anyhow::Error {
    let text = format!("{error:#}");
    let told = with_addresses(&text);
    if told == text { error } else { anyhow!(told) }
}
