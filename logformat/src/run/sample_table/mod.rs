//! `logs/<run>/samples.parquet`: where each training sample came from, which labels it carries, and a
//! small picture of it, so that a report can show what was flagged. It is no log: no AUM needs it.

pub(crate) mod origins;
pub(crate) mod read;
pub(crate) mod write;

use std::path::{Path, PathBuf};

use crate::schema::sample_id::SampleId;

/// The name of the sample table in the folder of its run.
pub const SAMPLE_TABLE_NAME: &str = "samples.parquet";

/// Names of the columns, as in `FORMAT.md`.
pub(crate) mod column {
    pub(crate) const SAMPLE_ID: &str = "sample_id";
    pub(crate) const FILE: &str = "file";
    pub(crate) const ROW: &str = "row";
    pub(crate) const ID: &str = "id";
    pub(crate) const GIVEN_LABEL: &str = "given_label";
    pub(crate) const TRUE_LABEL: &str = "true_label";
    pub(crate) const PNG: &str = "png";
}

/// One training sample: a row of the sample table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SampleEntry {
    /// The sample's id in the log.
    pub sample_id: i64,
    /// The file that it came from, as a path or as the name of what a program holds itself; `None`
    /// where it came from none.
    pub file: Option<String>,
    /// Its row in that file, from 0, a header not counted; 0 where the file is the sample, `None` where
    /// it came from none.
    pub row: Option<u64>,
    /// What its owner calls it, of one kind in all samples of a table; `None` in all of them where they
    /// have no ids of their own.
    pub id: Option<SampleId>,
    /// The class that the data set carries: the one under suspicion.
    pub given_label: u32,
    /// The class known to be right, where it is known.
    pub true_label: Option<u32>,
    /// A small picture of it, a whole PNG file; `None` for samples that are no images, and where
    /// none was asked for.
    pub png: Option<Vec<u8>>,
}

/// Where the sample table of `run` lies, for logs in `folder`.
pub fn sample_table_path(folder: &Path, run: &str) -> PathBuf {
    folder.join(run).join(SAMPLE_TABLE_NAME)
}

#[cfg(test)]
mod tests;
