//! Which columns the files of a query have: a query names its columns before it sees a file.

use std::path::{Path, PathBuf};

use logformat::{Column, EpochReader};

use crate::error::AnalyzerError;
use crate::logs::read_settings::MarginSource;

/// Which of the optional columns there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns of the format")]
pub struct QueryColumns {
    pub run: bool,
    pub pass: bool,
    pub given_label: bool,
    pub true_label: bool,
    pub is_threshold_sample: bool,
    /// Whether margins are read; they are computed from the logits else.
    pub margin: bool,
}

impl QueryColumns {
    /// Those of the recorder's logs.
    pub fn all() -> Self {
        Self {
            run: true,
            pass: true,
            given_label: true,
            true_label: true,
            is_threshold_sample: true,
            margin: true,
        }
    }

    /// Those that all of `files` have, the first epoch, as far as the footers know it, and the epochs at
    /// which the learning rates drop.
    ///
    /// # Errors
    /// [`AnalyzerError::Log`] for a file that is no log, [`AnalyzerError::ColumnsDiffer`] where the
    /// files do not have the same columns.
    pub fn of_files(
        files: &[PathBuf],
        source: MarginSource,
    ) -> Result<(Self, Option<u32>, Vec<u32>), AnalyzerError> {
        let mut found: Option<(Self, &Path)> = None;
        let mut drops = Vec::new();
        let mut first_epochs = Vec::new();
        for file in files {
            let reader = EpochReader::open(file)?;
            first_epochs.extend(reader.first_epoch().map(u32::try_from));
            let configuration = &reader.metadata().description.configuration;
            drops.extend(crate::logs::read::learning_rate_drops(configuration).unwrap_or_default());
            let columns = Self::of_file(&reader, source);
            match found {
                Some((before, other_path)) if before != columns => {
                    return Err(AnalyzerError::ColumnsDiffer {
                        path: file.clone(),
                        other_path: other_path.to_owned(),
                    });
                }
                _ => found = Some((columns, file)),
            }
        }
        let columns = found.map_or_else(Self::all, |(columns, _)| columns);
        Ok((columns, first_epochs.into_iter().flatten().min(), drops))
    }

    fn of_file(reader: &EpochReader, source: MarginSource) -> Self {
        let has = |column| reader.has(column);
        Self {
            run: has(Column::Run),
            pass: has(Column::Pass),
            given_label: has(Column::GivenLabel),
            true_label: has(Column::TrueLabel),
            is_threshold_sample: has(Column::IsThresholdSample),
            margin: has(Column::Margin) && (source == MarginSource::Log || !has(Column::Logits)),
        }
    }
}
