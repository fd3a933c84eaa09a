//! How much memory reading takes.

use analyzer::{EpochRange, Keep};
use clap::Args;

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
    /// What AUMs over these epochs need.
    pub(crate) fn keep(&self, epochs: Option<EpochRange>) -> Keep {
        if self.low_memory {
            Keep::OnlySums(epochs)
        } else {
            Keep::Sums(epochs)
        }
    }
}
