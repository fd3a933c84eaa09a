//! What a program says of itself to shells and readers: completions, man pages, and the features that it was
//! built with.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// For which shell.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsArgs {
    /// Prints the script that completes the words of the command line.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub fn print<C: CommandFactory>(&self) -> anyhow::Result<()> {
        let mut command = C::command();
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        Ok(io::stdout().lock().write_all(&script)?)
    }
}

/// Where man pages go.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// A folder for the pages of all commands, which is made where it is missing [default: the page of the
    /// program alone, on stdout]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl ManArgs {
    /// Prints the page of the program, or writes those of all commands.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn write<C: CommandFactory>(&self) -> anyhow::Result<()> {
        let Some(folder) = &self.folder else {
            let mut page = Vec::new();
            clap_mangen::Man::new(C::command()).render(&mut page)?;
            return Ok(io::stdout().lock().write_all(&page)?);
        };
        write_pages(C::command(), folder)
            .with_context(|| format!("{}: man pages cannot be written there", folder.display()))
    }
}

fn write_pages(command: clap::Command, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command, folder)
}

/// The version with the optional features that were built in, of which the program has these.
pub fn version(number: &'static str, features: &[(&str, bool)]) -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let built_in = features.iter().filter(|(_, is_built_in)| *is_built_in);
        let built_in: Vec<&str> = built_in.map(|(name, _)| *name).collect();
        match built_in.as_slice() {
            [] => format!("{number} (no optional features)"),
            some => format!("{number} (features: {})", some.join(", ")),
        }
    })
}
