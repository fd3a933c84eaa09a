//! How something is imported: what a user chooses.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// How something is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSettings {
    /// The name of the run that is made of it.
    pub run: String,
    /// The label of the threshold samples, which is no class of the data set; `None` where there are none,
    /// or where the source marks them.
    pub threshold_label: Option<u32>,
    /// The labels, where arrays have none beside them.
    pub labels: Option<PathBuf>,
    /// What the axes of an array are.
    pub layout: ArrayLayout,
    /// What the columns of a table, or the arrays of an archive, are called, by our names for them.
    pub columns: BTreeMap<String, String>,
    /// Whether to put it in place of what was there before.
    pub overwrite: bool,
}

impl Default for ImportSettings {
    fn default() -> Self {
        Self {
            run: "imported".to_owned(),
            threshold_label: None,
            labels: None,
            layout: ArrayLayout::default(),
            columns: BTreeMap::new(),
            overwrite: false,
        }
    }
}

/// What an array of all epochs holds, and in which order of its axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArrayLayout {
    /// Logits: epochs × samples × classes.
    #[default]
    Logits,
    /// Probabilities: samples × classes × epochs.
    Probabilities,
}
