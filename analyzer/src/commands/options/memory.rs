//! How much memory reading takes.

use analyzer::{AumSettings, Keep};
use clap::Args;
use program::WrongUse;

/// What is kept of the margins.
#[derive(Debug, Args)]
pub(crate) struct MemoryArgs {
    /// Never keep margins, only their sums, so that the memory does not grow with the epochs. Without
    /// it, margins are kept where rows do not come in the order of their epochs, which is refused
    /// here; the results are the same
    #[arg(long)]
    low_memory: bool,
}

impl MemoryArgs {
    /// What AUMs by these settings need.
    pub(crate) fn keep(&self, settings: &AumSettings) -> anyhow::Result<Keep> {
        match (self.low_memory, settings.until_best) {
            (true, true) => Err(WrongUse(
                "--low-memory must know beforehand which epochs count, and --epochs best finds them; leave one of the two out".to_owned(),
            )
            .into()),
            (true, false) => Ok(Keep::OnlySums(settings.epochs)),
            (false, _) => Ok(settings.kept()),
        }
    }
}
