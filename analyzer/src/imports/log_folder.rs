//! A run that is written out of sight, in a hidden folder beside its place, and shown once it is whole: an
//! import that is stopped leaves nothing that looks like a log.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use logformat::{
    EpochRows, ExistingRun, LogError, LogitsColumn, RunDescription, RunRecord, RunWriter,
    existing_run,
};
use serde_json::json;

use crate::error::AnalyzerError;
use crate::imports::settings::ImportSettings;

/// The log that an import writes.
#[derive(Debug)]
pub(crate) struct LogFolder {
    folder: PathBuf,
    run: String,
    existing: ExistingRun,
    description: RunDescription,
    hidden: PathBuf,
    writer: Option<RunWriter>,
}

impl LogFolder {
    /// Begins a run in `folder`, which is made where it is not there.
    pub(crate) fn begin(
        folder: &Path,
        format: &str,
        settings: &ImportSettings,
    ) -> Result<Self, AnalyzerError> {
        let run = &settings.run;
        let existing = match settings.overwrite {
            true => ExistingRun::Replace,
            false => ExistingRun::Refuse,
        };
        if let (Some(files), ExistingRun::Refuse) = (existing_run(folder, run)?, existing) {
            return Err(AnalyzerError::Log(LogError::RunExists {
                folder: folder.to_owned(),
                run: run.clone(),
                epoch_files: files.len(),
            }));
        }
        let description = RunDescription {
            configuration: json!({ "imported_from": format }),
            ..RunDescription::default()
        };
        let hidden = folder.join(format!(".{run}.partial"));
        let writer = RunWriter::create(
            &hidden,
            run,
            description.clone(),
            LogitsColumn::Float32,
            // What an import left that was killed.
            ExistingRun::Replace,
        )?;
        Ok(Self {
            folder: folder.to_owned(),
            run: run.clone(),
            existing,
            description,
            hidden,
            writer: Some(writer),
        })
    }

    /// Writes an epoch of the 1-based `pass`.
    pub(crate) fn write(&mut self, pass: u32, epoch: impl Into<EpochRows>) -> Result<(), LogError> {
        match &mut self.writer {
            Some(writer) => writer.write(pass, epoch, BTreeMap::new()),
            None => Err(LogError::WriterStopped),
        }
    }

    /// Shows the run, and returns its files.
    pub(crate) fn finish(mut self) -> Result<Vec<PathBuf>, AnalyzerError> {
        let written = self.writer.take().map(RunWriter::finish);
        let written = written.unwrap_or(Err(LogError::WriterStopped))?;
        // Takes the name of the run, and deletes the run that is to be replaced.
        let named = RunWriter::create(
            &self.folder,
            &self.run,
            self.description.clone(),
            LogitsColumn::Float32,
            self.existing,
        )?;
        let mut shown = Vec::new();
        for file in written {
            let place = self.folder.join(file.file_name().unwrap_or_default());
            moved(&file, &place)?;
            shown.push(place);
        }
        moved(
            &RunRecord::path(&self.hidden, &self.run),
            &RunRecord::path(&self.folder, &self.run),
        )?;
        named.finish()?;
        Ok(shown)
    }
}

impl Drop for LogFolder {
    fn drop(&mut self) {
        drop(self.writer.take());
        // Nothing can be done about what cannot be deleted, and nobody takes it for a log.
        let _ = fs::remove_dir_all(&self.hidden);
        let _ = fs::remove_dir(&self.folder);
    }
}

fn moved(from: &Path, to: &Path) -> Result<(), AnalyzerError> {
    let failed = |source| AnalyzerError::WriteTable {
        path: to.to_owned(),
        source,
    };
    fs::rename(from, to).map_err(failed)?;
    #[cfg(unix)]
    if let Some(folder) = to.parent() {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(failed)?;
    }
    Ok(())
}
