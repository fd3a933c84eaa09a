//! What a query asks, in no engine's language yet.

use crate::questions::query::columns::QueryColumns;
use crate::rules::percentile::Percentile;
use crate::rules::window::EpochRange;

/// What is asked of the engine.
#[derive(Debug, Clone, PartialEq)]
pub struct AumQuery {
    /// Paths, globs or addresses of Parquet files, as the engine understands them.
    pub sources: Vec<String>,
    /// The columns that the files have.
    pub columns: QueryColumns,
    /// The epochs that count.
    pub epochs: EpochRange,
    /// The percentile of the threshold samples' AUMs.
    pub percentile: Percentile,
}

impl AumQuery {
    /// The share of the threshold samples that may lie above a sample that is not flagged.
    pub(crate) fn share_above(&self) -> String {
        format!("{:?}", (100.0 - self.percentile.percent()) / 100.0)
    }
}
