//! A truth that says of each label whether it is wrong, and not which one is right, as where people looked at
//! pictures and their labels (Food-101N).

use std::path::Path;

use logformat::MislabeledColumn;

/// What is known of the labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TruthColumn {
    /// This column has the labels known to be right.
    Labels(String),
    /// A column says which labels are wrong.
    Mislabeled(MislabeledColumn),
}

impl TruthColumn {
    /// The name of the column.
    pub fn name(&self) -> &str {
        match self {
            TruthColumn::Labels(name) => name,
            TruthColumn::Mislabeled(column) => &column.name,
        }
    }

    /// What of this file it is, for people.
    pub(crate) fn in_words(&self, file: &Path) -> String {
        let column = format!("column {} of {}", self.name(), file.display());
        match self {
            TruthColumn::Labels(_) => column,
            TruthColumn::Mislabeled(MislabeledColumn { wrong: None, .. }) => {
                format!("{column}, which says right or wrong")
            }
            TruthColumn::Mislabeled(MislabeledColumn {
                wrong: Some(wrong), ..
            }) => format!("{column}, where {wrong} is wrong"),
        }
    }
}
