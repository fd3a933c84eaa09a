//! How something is exported: what a user chooses.

use std::path::PathBuf;

use crate::exports::scope::Which;

/// How something is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportSettings {
    /// Which samples; `None` for those that the format is for.
    pub which: Option<Which>,
    /// What stands before the file of each sample, such as the address that a server has it at.
    pub file_prefix: String,
    /// The folder that files lie in which are named from there on.
    pub root: PathBuf,
    /// What the question for the label is called in an annotation tool.
    pub label_name: String,
    /// What the thing is called there that is shown.
    pub object_name: String,
    /// Whether to replace files that are there already.
    pub overwrite: bool,
}

impl Default for ExportSettings {
    fn default() -> Self {
        Self {
            which: None,
            file_prefix: String::new(),
            root: PathBuf::new(),
            label_name: "label".to_owned(),
            object_name: "image".to_owned(),
            overwrite: false,
        }
    }
}
