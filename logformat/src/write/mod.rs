//! Writes one file of a log: the samples of a pass and the logits of an epoch become Parquet, whole or not
//! at all.

pub(crate) mod epoch;
pub(crate) mod epoch_margins;
pub(crate) mod epoch_rows;
pub(crate) mod logits_column;
pub(crate) mod rank_logits;
pub(crate) mod samples;
pub(crate) mod size;
pub(crate) mod whole_file;
pub(crate) mod writer;
