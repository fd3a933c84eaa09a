//! The `experiment` program: does removing the flagged samples help? The protocol of Pleiss et al. 2020 from its
//! file to its table, or the same question for data without any known truth.

mod forecast;
mod own;
mod paired;
mod pieces;
mod plan;
mod protocol;
mod spelling;
mod table;
mod work;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use analyzer::plots::Theme;
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use logformat::set_file_memory;
use program::{CommandLine, FileMemoryArgs, Ignored, Telling};
use recorder::allocator::{Allocator, keep_pages};
use recorder::cli::with_way_out;
use recorder::engine::join_pool;

use crate::forecast::forecast;
use crate::own::{OwnArguments, own};
use crate::plan::Plan;
use crate::protocol::Protocol;
use crate::table::{csv, figure, groups, markdown};

#[global_allocator]
static ALLOCATOR: Telling<Allocator> = Telling(Allocator);

/// Does removing the flagged samples help? Passes, verdicts and final trainings over noise, networks and seeds
#[derive(Debug, Parser)]
#[command(
    name = "experiment",
    version,
    max_term_width = 100,
    after_help = EXAMPLES,
    arg_required_else_help = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Arguments {
    #[command(subcommand)]
    question: Option<Question>,

    /// The experiment, such as experiments/plans/digits.toml
    #[arg(value_name = "FILE", required = true)]
    file: Option<PathBuf>,

    /// Folder of logs, networks, pieces and tables [default: results/NAME]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// Read the file alone, and say what would be done
    #[arg(long)]
    check: bool,

    /// Train a few steps of each network and say how long the experiment takes here
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    file_memory: FileMemoryArgs,
}

impl CommandLine for Arguments {
    const IGNORED: &'static [Ignored] = &[];
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Should the flagged samples of your own data be removed? Without any truth: is a network that is trained
    /// without them better on given labels that were held out?
    Own(OwnArguments),
}

const EXAMPLES: &str = "\
Examples:
  How long would it take here?
    experiment experiments/plans/mnist.toml --dry-run

  All of it; the same command goes on where it was stopped:
    experiment experiments/plans/digits.toml

  Should what was flagged in your own data be removed?
    experiment own --like logs/pets";

fn main() -> ExitCode {
    program::main(|arguments: Arguments| {
        set_file_memory(arguments.file_memory.bytes());
        keep_pages();
        join_pool();
        match (&arguments.question, &arguments.file) {
            (Some(Question::Own(own_data)), _) => {
                let text = own(own_data, &mut program::note)?;
                Ok(program::print(text.as_bytes())?)
            }
            (None, Some(file)) => experiment(file, &arguments),
            (None, None) => Ok(()),
        }
        .map_err(with_way_out)
    })
}

fn experiment(file: &Path, arguments: &Arguments) -> Result<()> {
    let plan = Plan::read(file)?;
    let out = arguments.out.clone();
    let out = out.unwrap_or_else(|| Path::new("results").join(&plan.name));
    let protocol = Protocol {
        plan: &plan,
        out: &out,
    };
    protocol
        .check()
        .with_context(|| file.display().to_string())?;
    if arguments.check {
        let text = format!("{}: {} pieces\n", plan.name, protocol.count());
        return Ok(program::print(text.as_bytes())?);
    }
    if arguments.dry_run {
        let text = forecast(&plan, &protocol)?;
        return Ok(program::print(text.as_bytes())?);
    }
    let finished = protocol.run(&mut program::note)?;
    let groups = groups(&plan, &finished);
    let text = markdown(&plan, &groups);
    let figure = figure(&plan, &groups).map(|figure| figure.svg(Theme::Light));
    for (name, content) in [
        ("table.md", Some(text.clone())),
        ("table.csv", Some(csv(&groups))),
        ("test-error.svg", figure),
    ] {
        let path = out.join(name);
        let written = content.map_or(Ok(()), |content| fs::write(&path, content));
        written.with_context(|| format!("{}: it cannot be written", path.display()))?;
    }
    Ok(program::print(text.as_bytes())?)
}
