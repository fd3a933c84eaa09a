//! `analyzer completions` and `analyzer man`: the command line for shells and for readers. What they do stands
//! where the command line is known, in the parent.

use clap::Args;
use program::{CompletionsArgs, ManArgs};

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  For bash, from the next shell on:
    analyzer completions bash > ~/.local/share/bash-completion/completions/analyzer

  For fish:
    analyzer completions fish > ~/.config/fish/completions/analyzer.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  Read the page:
    analyzer man | man -l -

  Write those of all commands, to be read by man -l man/analyzer-aum.1:
    analyzer man man";

/// Print the script by which a shell completes the analyzer's words
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct Completions {
    #[command(flatten)]
    pub(crate) args: CompletionsArgs,
}

/// Print the analyzer's man page, or write those of all its commands to a folder
#[derive(Debug, Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(crate) struct Man {
    #[command(flatten)]
    pub(crate) args: ManArgs,
}
