//! How samples are named: by their index in the training set, or by a text of the user's own.

use std::fmt;

/// The name of one sample: stable over epochs and passes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SampleId {
    /// The index in the training set, or any other integer.
    Integer(i64),
    /// A text, such as a path.
    Text(String),
}

impl fmt::Display for SampleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SampleId::Integer(id) => write!(f, "{id}"),
            SampleId::Text(id) => f.write_str(id),
        }
    }
}

impl From<i64> for SampleId {
    fn from(id: i64) -> Self {
        SampleId::Integer(id)
    }
}

impl From<&str> for SampleId {
    fn from(id: &str) -> Self {
        SampleId::Text(id.to_owned())
    }
}

/// A column of sample ids; all of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SampleIds {
    /// Integer ids.
    Integers(Vec<i64>),
    /// Text ids.
    Texts(Vec<String>),
}

impl SampleIds {
    /// The number of ids.
    pub fn len(&self) -> usize {
        match self {
            SampleIds::Integers(ids) => ids.len(),
            SampleIds::Texts(ids) => ids.len(),
        }
    }

    /// Whether there is no id.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id at `row`, or `None` beyond the end.
    pub fn get(&self, row: usize) -> Option<SampleId> {
        match self {
            SampleIds::Integers(ids) => ids.get(row).map(|&id| SampleId::Integer(id)),
            SampleIds::Texts(ids) => ids.get(row).map(|id| SampleId::Text(id.clone())),
        }
    }
}
