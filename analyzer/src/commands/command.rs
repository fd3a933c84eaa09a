//! What a command says of itself, beside its words: what it does, what it needs of logs, and where its
//! results go.

use std::path::PathBuf;

use analyzer::{BesideNeeds, LogNeeds, TableNeeds};

use crate::commands::options::output::OutputArgs;
use crate::commands::options::verdict::VerdictArgs;

/// One of the commands.
pub(crate) trait Command {
    /// Does what was asked for.
    fn run(&self) -> anyhow::Result<()>;

    /// What it needs of logs; `None` where it reads none.
    #[cfg_attr(
        not(feature = "object-storage"),
        allow(dead_code, reason = "nothing is copied")
    )]
    fn needs(&mut self) -> Option<Needs<'_>>;

    /// Where its table goes, which is checked before anything is copied; `None` for results of another kind.
    #[cfg_attr(
        not(feature = "object-storage"),
        allow(dead_code, reason = "nothing is copied")
    )]
    fn output(&self) -> Option<&OutputArgs> {
        None
    }
}

/// What a command needs of logs, so that no more is copied where they lie in object storage.
#[cfg_attr(
    not(feature = "object-storage"),
    expect(dead_code, reason = "nothing is copied")
)]
pub(crate) struct Needs<'a> {
    /// The files, folders, globs and addresses, which give way to those of the copies.
    pub(crate) logs: &'a mut Vec<PathBuf>,
    pub(crate) of_logs: LogNeeds,
    pub(crate) beside: BesideNeeds,
}

impl Needs<'_> {
    /// With what verdicts by these options need, too.
    pub(crate) fn judged_by(mut self, verdict: &VerdictArgs) -> Self {
        self.beside.held_out |= verdict.needs_held_out();
        self
    }

    /// With the pictures of the samples, too.
    pub(crate) fn with_pictures(mut self) -> Self {
        self.beside.sample_table = TableNeeds::Everything;
        self
    }
}
