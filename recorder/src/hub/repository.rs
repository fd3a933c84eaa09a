//! A repository on the hub: of a data set or of a network, which have addresses of their own.

use crate::hub::error::HubError;

/// What a repository holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Dataset,
    Network,
}

/// A repository by its name, such as `ylecun/mnist`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    pub(crate) content: Content,
    pub(crate) name: String,
}

impl Repository {
    pub(crate) fn of_dataset(name: &str) -> Self {
        Self {
            content: Content::Dataset,
            name: name.to_owned(),
        }
    }

    /// `OWNER/NAME`, which become names of folders: nothing but letters, digits, dots, dashes and underscores.
    pub(crate) fn of_network(name: &str) -> Result<Self, HubError> {
        let is_plain = |part: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !part.is_empty() && !part.starts_with('.') && part.chars().all(fits)
        };
        let parts: Vec<&str> = name.split('/').collect();
        match parts.len() == 2 && parts.into_iter().all(is_plain) {
            true => Ok(Self {
                content: Content::Network,
                name: name.to_owned(),
            }),
            false => Err(HubError::NoRepository {
                name: name.to_owned(),
            }),
        }
    }

    /// What its folder in the cache begins with, and its part of the addresses of the hub's interface.
    pub(crate) const fn plural(&self) -> &'static str {
        match self.content {
            Content::Dataset => "datasets",
            Content::Network => "models",
        }
    }

    /// Its address behind that of the hub, where people see it.
    pub(crate) fn path(&self) -> String {
        match self.content {
            Content::Dataset => format!("datasets/{}", self.name),
            Content::Network => self.name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_lead_elsewhere_is_no_repository() {
        for name in ["timm", "a/b/c", "../b", "a/..", "a/", "a/b?c", "a/b c"] {
            assert!(Repository::of_network(name).is_err(), "{name}");
        }
        let name = "timm/resnet18.a1_in1k";
        let network = Repository::of_network(name).unwrap();
        assert_eq!(
            (network.plural(), network.path().as_str()),
            ("models", name)
        );
        let set = Repository::of_dataset("ylecun/mnist");
        assert_eq!(set.path(), "datasets/ylecun/mnist");
    }
}
