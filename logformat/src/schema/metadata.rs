//! What a log file says of itself in the key-value metadata of its footer. Nothing here is needed
//! to compute an AUM; reports show it.

use std::path::Path;

use parquet::file::metadata::KeyValue;
use serde_json::Value;

use crate::error::LogError;

/// The version of the format that this crate writes, and the newest that it reads.
pub const FORMAT_VERSION: u32 = 1;
/// Metadata key of the format version.
pub const FORMAT_VERSION_KEY: &str = "aum.format_version";
/// Metadata key of the class names, a JSON array of strings.
pub const CLASS_NAMES_KEY: &str = "aum.class_names";
/// Metadata key of the run's configuration, a JSON object.
pub const RUN_KEY: &str = "aum.run";
/// Metadata key of the model whose held-out logits a file has; no log has it.
pub const MODEL_KEY: &str = "aum.model";

/// What a run says of itself: the same in every file of the run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunDescription {
    /// The name of each class by its index, without the extra class; empty where there are none.
    pub class_names: Vec<String>,
    /// The whole configuration of the run: seeds, network, learning-rate drops, versions. A JSON
    /// object, or null.
    pub configuration: Value,
}

impl RunDescription {
    pub(crate) fn to_key_values(&self) -> Vec<KeyValue> {
        let mut pairs = vec![KeyValue::new(
            FORMAT_VERSION_KEY.to_owned(),
            FORMAT_VERSION.to_string(),
        )];
        if !self.class_names.is_empty() {
            let names = Value::from(self.class_names.clone()).to_string();
            pairs.push(KeyValue::new(CLASS_NAMES_KEY.to_owned(), names));
        }
        if !self.configuration.is_null() {
            let configuration = self.configuration.to_string();
            pairs.push(KeyValue::new(RUN_KEY.to_owned(), configuration));
        }
        pairs
    }
}

/// The metadata that was found in a file, which may have none of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileMetadata {
    /// `aum.format_version`, where it is there.
    pub format_version: Option<u32>,
    /// What the run says of itself.
    pub description: RunDescription,
    /// Metadata that is there but cannot be understood, a line each: worth a warning, no more,
    /// since no AUM depends on it.
    pub warnings: Vec<String>,
}

impl FileMetadata {
    pub(crate) fn from_key_values(path: &Path, pairs: &[KeyValue]) -> Result<Self, LogError> {
        let text = |key: &str| {
            pairs
                .iter()
                .find(|pair| pair.key == key)
                .and_then(|pair| pair.value.as_deref())
        };
        let mut metadata = Self::default();
        if let Some(version) = text(FORMAT_VERSION_KEY) {
            let number = version.parse().map_err(|_| LogError::BadVersion {
                path: path.to_owned(),
                found: version.to_owned(),
                newest: FORMAT_VERSION,
            })?;
            if number > FORMAT_VERSION {
                return Err(LogError::NewerVersion {
                    path: path.to_owned(),
                    found: version.to_owned(),
                    newest: FORMAT_VERSION,
                });
            }
            metadata.format_version = Some(number);
        }
        let mut warn = |key: &str, error: serde_json::Error| {
            let path = path.display();
            metadata.warnings.push(format!(
                "{path}: the metadata {key} is left out, it cannot be understood: {error}"
            ));
        };
        if let Some(names) = text(CLASS_NAMES_KEY) {
            match serde_json::from_str(names) {
                Ok(names) => metadata.description.class_names = names,
                Err(error) => warn(CLASS_NAMES_KEY, error),
            }
        }
        if let Some(configuration) = text(RUN_KEY) {
            match serde_json::from_str(configuration) {
                Ok(configuration) => metadata.description.configuration = configuration,
                Err(error) => warn(RUN_KEY, error),
            }
        }
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<KeyValue> {
        pairs
            .iter()
            .map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn what_a_run_says_of_itself_is_read_back() {
        let description = RunDescription {
            class_names: vec!["cat".to_owned(), "dog".to_owned()],
            configuration: serde_json::json!({"seed": 3}),
        };
        let read =
            FileMetadata::from_key_values(Path::new("a"), &description.to_key_values()).unwrap();
        assert_eq!(read.format_version, Some(1));
        assert_eq!(read.description, description);
    }

    #[test]
    fn a_file_without_metadata_is_fine() {
        let read = FileMetadata::from_key_values(Path::new("a"), &[]).unwrap();
        assert_eq!(read, FileMetadata::default());
    }

    #[test]
    fn a_version_that_is_no_number_is_refused() {
        let pairs = pairs(&[(FORMAT_VERSION_KEY, "one")]);
        let error = FileMetadata::from_key_values(Path::new("a.parquet"), &pairs).unwrap_err();
        assert!(matches!(error, LogError::BadVersion { .. }), "{error}");
    }

    #[test]
    fn a_newer_version_is_refused() {
        let pairs = pairs(&[(FORMAT_VERSION_KEY, "2")]);
        let error = FileMetadata::from_key_values(Path::new("a.parquet"), &pairs).unwrap_err();
        assert!(matches!(error, LogError::NewerVersion { .. }), "{error}");
    }

    #[test]
    fn metadata_that_is_no_json_is_a_warning_since_no_aum_needs_it() {
        for key in [CLASS_NAMES_KEY, RUN_KEY] {
            let pairs = pairs(&[(key, "{")]);
            let read = FileMetadata::from_key_values(Path::new("a"), &pairs).unwrap();
            assert_eq!(read.warnings.len(), 1);
            assert!(read.warnings[0].contains(key));
        }
    }
}
