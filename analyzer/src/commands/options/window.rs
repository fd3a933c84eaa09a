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
    /// second recorded one to the last before the learning rate first drops, as the log says
    #[arg(
        long,
        value_name = "A..B|auto",
        default_value = "auto",
        allow_hyphen_values = true
    )]
    epochs: EpochsWord,
}

impl WindowArgs {
    /// What was asked for; `None` for the default rule.
    pub(crate) fn epochs(&self) -> Option<EpochRange> {
        self.epochs.0
    }

    /// Each run with its analysis by the other rules as they are by default, for questions that do not
    /// hang on them.
    pub(crate) fn analyzed<'a>(
        &self,
        logs: &'a Logs,
    ) -> Result<Vec<(&'a RunLog, RunAnalysis)>, AnalyzerError> {
        let settings = AumSettings {
            epochs: self.epochs(),
            ..AumSettings::default()
        };
        let runs = logs.runs.iter();
        runs.map(|log| Ok((log, analyze(log, &settings)?)))
            .collect()
    }
}

#[derive(Debug, Clone, Copy)]
struct EpochsWord(Option<EpochRange>);

impl FromStr for EpochsWord {
    type Err = EpochRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self(None)),
            range => range.parse().map(Some).map(Self),
        }
    }
}
