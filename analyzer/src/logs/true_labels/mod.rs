//! True labels that come later than the log, as when experts have looked at a part of the samples: a
//! table of them in CSV or Parquet, with the column `true_label` and columns that say which sample a row is
//! about: `sample_id`, the owner's `id`, or `file` and `row`.
//!
//! They replace all true labels of the log, so that an evaluation rests on one source alone: a sample that
//! is not in the table, or has no label there, has no known true label, whatever the log says.

pub(crate) mod classes;
pub(crate) mod decisions;
pub(crate) mod joined;
pub(crate) mod keys;
pub(crate) mod source;
pub(crate) mod table;
