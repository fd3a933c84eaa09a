//! Which epochs count.

use std::str::FromStr;

use analyzer::{
    AnalyzerError, AumSettings, EpochRange, EpochRangeError, Logs, RunAnalysis, RunLog, analyze,
};
use clap::Args;

/// Which epochs count.
#[derive(Debug, Args)]
pub(crate) struct WindowArgs {
    /// The epochs that count, both included, such as 2..20, 5.. or ..20; auto takes those from the
    /// second recorded one to the last before the learning rate first drops, as the log says; best, where
    /// folds were held out, those of auto up to the one after which most held-out samples had their given labels
    #[arg(
        long,
        value_name = "A..B|auto|best",
        default_value = "auto",
        allow_hyphen_values = true
    )]
    epochs: EpochsWord,
}

impl WindowArgs {
    /// The epochs that were asked for; `None` for the default rule.
    pub(crate) fn epochs(&self) -> Option<EpochRange> {
        match self.epochs {
            EpochsWord::Auto | EpochsWord::Best => None,
            EpochsWord::Range(range) => Some(range),
        }
    }

    /// Whether they end with the best one.
    pub(crate) fn until_best(&self) -> bool {
        matches!(self.epochs, EpochsWord::Best)
    }

    /// These epochs, and all else as it is by default.
    pub(crate) fn settings(&self) -> AumSettings {
        AumSettings {
            epochs: self.epochs(),
            until_best: self.until_best(),
            ..AumSettings::default()
        }
    }

    /// Each run with its analysis by the other rules as they are by default, for questions that do not
    /// hang on them.
    pub(crate) fn analyzed<'a>(
        &self,
        logs: &'a Logs,
    ) -> Result<Vec<(&'a RunLog, RunAnalysis)>, AnalyzerError> {
        let settings = self.settings();
        let runs = logs.runs.iter();
        runs.map(|log| Ok((log, analyze(log, &settings)?)))
            .collect()
    }
}

#[derive(Debug, Clone, Copy)]
enum EpochsWord {
    Auto,
    Best,
    Range(EpochRange),
}

impl FromStr for EpochsWord {
    type Err = EpochRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "best" => Ok(Self::Best),
            range => range.parse().map(Self::Range),
        }
    }
}
