//! How something is imported: what a user chooses.

/// How something is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSettings {
    /// The name of the run that is made of it.
    pub run: String,
    /// The label of the threshold samples, which is no class of the data set; `None` where there are none,
    /// or where the source marks them.
    pub threshold_label: Option<u32>,
    /// Whether to put it in place of what was there before.
    pub overwrite: bool,
}

impl Default for ImportSettings {
    fn default() -> Self {
        Self {
            run: "imported".to_owned(),
            threshold_label: None,
            overwrite: false,
        }
    }
}
