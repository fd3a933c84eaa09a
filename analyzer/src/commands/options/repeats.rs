//! What counts of a sample that is there several times in an epoch.

use analyzer::Repeats;
use clap::Args;
use program::{Word, words};

const RULES: &[Word<Repeats>] = &[
    ("refuse", Repeats::Refuse, "Refuse the log"),
    (
        "first",
        Repeats::First,
        "The first row, in the order of the files and their rows",
    ),
    (
        "mean",
        Repeats::Mean,
        "The mean of the margins, and of the logits where these are read",
    ),
];

/// What counts of samples with several rows.
#[derive(Debug, Args)]
pub(crate) struct RepeatsArgs {
    /// What counts of a sample that is there several times in an epoch of a pass, as where a data-parallel
    /// sampler pads its last batch
    #[arg(long, value_parser = words(RULES), value_name = "RULE", default_value = "refuse")]
    repeats: Repeats,
}

impl RepeatsArgs {
    pub(crate) fn rule(&self) -> Repeats {
        self.repeats
    }
}
