//! The pieces of an experiment: passes with their verdicts, and final trainings, each with a JSON of its own that
//! is written when it begins and when it is done, so that an experiment goes on wherever it was stopped.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use logformat::{WholeFile, from_sealed_json, read_regular, to_sealed_json};
use serde::{Deserialize, Serialize};

/// What is kept of a piece.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Piece {
    /// The commands that give it, and those that it stands on; another is another piece.
    pub(crate) commands: Vec<Vec<String>>,
    /// What came of it; `None` while it goes on.
    pub(crate) outcome: Option<Outcome>,
}

/// What came of a piece.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Trained samples and tests, without reading the data.
    pub(crate) seconds: f64,
    /// Of passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) verdict: Option<Verdict>,
    /// Of a final training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trained: Option<Trained>,
}

/// How good the flags of a run are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) flagged: usize,
    /// Where the truth is known, and any is flagged or mislabeled.
    pub(crate) precision: Option<f64>,
    pub(crate) recall: Option<f64>,
    pub(crate) f1: Option<f64>,
}

/// What came of a final training; errors are shares of samples, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trained {
    pub(crate) left_out: usize,
    /// After the last epoch.
    pub(crate) test_error: f64,
    /// After the epoch that was best on samples held out.
    pub(crate) best_test_error: Option<f64>,
    pub(crate) test_top5_error: Option<f64>,
}

/// How a piece stands.
pub(crate) enum Stand {
    Done(Outcome),
    /// It was begun by the same commands.
    Begun,
    /// Nothing is there, or of other commands.
    New,
}

/// What a piece may take where nothing else is set.
const USUAL_BYTES: u64 = 256 << 20;

/// The folder of all of them.
pub(crate) struct Pieces {
    folder: PathBuf,
}

impl Pieces {
    pub(crate) fn in_folder(out: &Path) -> Self {
        Self {
            folder: out.join("pieces"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// How the piece stands that these commands give. One that cannot be read, or is damaged, is done anew.
    pub(crate) fn stand(&self, name: &str, commands: &[Vec<String>]) -> Stand {
        let read = read_regular(&self.path(name), USUAL_BYTES).ok();
        let piece: Option<Piece> = read.and_then(|bytes| from_sealed_json(&bytes).ok());
        match piece.filter(|piece| piece.commands == commands) {
            None => Stand::New,
            Some(piece) => piece.outcome.map_or(Stand::Begun, Stand::Done),
        }
    }

    /// The outcome of a piece that these commands give: the one that is there, or that of doing it. `work` gets the
    /// last of the commands, and how it goes on: by --resume where it was begun, or by --overwrite.
    pub(crate) fn finish(
        &self,
        name: &str,
        commands: Vec<Vec<String>>,
        work: impl FnOnce(&[String], &str) -> Result<Outcome>,
    ) -> Result<Outcome> {
        let goes_on = match self.stand(name, &commands) {
            Stand::Done(outcome) => return Ok(outcome),
            Stand::Begun => "--resume",
            Stand::New => "--overwrite",
        };
        let mut piece = Piece {
            commands,
            outcome: None,
        };
        self.keep(name, &piece)?;
        let words = piece.commands.last().map_or(&[][..], Vec::as_slice);
        let outcome = work(words, goes_on);
        let outcome = outcome.with_context(|| format!("{name}: {}", words.join(" ")))?;
        piece.outcome = Some(outcome.clone());
        self.keep(name, &piece)?;
        // As it is read later: the last bit of a number in a text may differ, and no table depends on when its
        // experiment was stopped.
        match self.stand(name, &piece.commands) {
            Stand::Done(kept) => Ok(kept),
            Stand::New | Stand::Begun => Ok(outcome),
        }
    }

    /// Keeps a piece, whole or not at all.
    fn keep(&self, name: &str, piece: &Piece) -> Result<()> {
        let path = self.path(name);
        let keep = || -> std::io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let mut file = WholeFile::create(&path)?;
            file.write_all(to_sealed_json(piece)?.as_bytes())?;
            file.replace()
        };
        keep().with_context(|| format!("{}: it cannot be written", path.display()))
    }
}
