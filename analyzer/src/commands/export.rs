//! `analyzer export`: read, analyze, hand what was found to another tool.

use std::fs;
use std::path::PathBuf;

use analyzer::{
    EXPORT_FORMATS, ExportFormat, ExportSettings, Keep, RowParts, Which, Writes, export,
};
use anyhow::bail;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use program::WrongUse;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::output::{OutputArgs, Sink, is_stdout, print};
use crate::commands::options::verdict::{VerdictArgs, analyzed};
use crate::commands::way_out::with_options;

const EXAMPLES: &str = "\
Examples:
  A row for each sample, with its AUM, its verdict and what the network would rather call it:
    analyzer export logs --run my-run --to csv -o samples.csv

  The measurements as the Python package aum writes them, of all epochs:
    analyzer export logs --run my-run --to aum --epochs 1.. -o measurements";

/// Hand what was found to another tool: for annotation, for training without flagged samples, or as data.
///
/// Samples are named by their id in the log, and by their file, row and own id where the sample table of the
/// run has them. Nothing that is there already is replaced unless asked for.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{}\n\n{EXAMPLES}", formats()))]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    logs: LogArgs,

    /// The format, one of those described below
    #[arg(long, value_name = "FORMAT", hide_possible_values = true, value_parser = PossibleValuesParser::new(EXPORT_FORMATS.iter().map(|format| format.name)))]
    to: String,

    /// The file, or folder, to write; - writes a file to stdout
    #[arg(short, long, value_name = "OUT", help_heading = "Output")]
    output: PathBuf,

    /// Replace files that are there already
    #[arg(long, help_heading = "Output")]
    overwrite: bool,

    /// Leave out warnings, and what is said beside the results
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,

    /// Which samples [default: those that the format is for, as described below]
    #[arg(long, value_enum, value_name = "WHICH")]
    samples: Option<Samples>,

    /// What to put before the file of each sample, such as the address that a server has it at
    #[arg(long, value_name = "TEXT", default_value = "")]
    file_prefix: String,

    /// The folder that tables lie in whose names in the sample table lead nowhere from here
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,

    /// What the question for the label is called in the annotation tool
    #[arg(long, value_name = "NAME", default_value = "label")]
    label_name: String,

    /// What the image is called there
    #[arg(long, value_name = "NAME", default_value = "image")]
    object_name: String,

    #[command(flatten)]
    verdict: VerdictArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Samples {
    /// All of them
    All,
    /// Those that are flagged, the lowest AUM first
    Flagged,
    /// Those that are not
    Unflagged,
}

impl Command for ExportArgs {
    fn run(&self) -> anyhow::Result<()> {
        let mut formats = EXPORT_FORMATS.iter().copied();
        let format = formats.find(|format| format.name == self.to);
        let format = format.expect("clap has checked the name");
        let passing = match (is_stdout(&self.output), format.writes) {
            (false, _) => None,
            (true, Writes::File(suffix)) => Some(Passing::with(suffix)),
            (true, Writes::Folder) => bail!(WrongUse(format!(
                "{} is a folder of files, which does not go to stdout; give a folder by -o",
                self.to
            ))),
        };
        let place = passing.as_ref().map_or(&self.output, |passing| &passing.0);
        let output = OutputArgs::none(self.quiet);
        let sink = Sink::open(&output, &self.logs.logs)?;
        let logs = self
            .logs
            .read(Keep::Sums(self.verdict.settings().epochs), &sink)?;
        let settings = self.verdict.settings();
        let analyses = analyzed(&logs, &settings, &sink)?;
        let [(log, analysis)] = &analyses[..] else {
            bail!(
                "the logs hold {} runs, such as {}, and an export is of one; name it with --run",
                analyses.len(),
                analyses
                    .first()
                    .map_or_else(String::new, |(log, _)| log.title().to_owned())
            );
        };
        let settings = self.settings();
        let exported = export(&sink.files, (log, analysis), format, place, &settings)?;
        if let Some(passing) = &passing {
            print(&fs::read(&passing.0)?)?;
        }
        if !self.quiet {
            exported
                .notes
                .iter()
                .for_each(|note| program::note(&with_options(note)));
            if passing.is_some() {
                return Ok(());
            }
            let (output, samples) = (self.output.display(), exported.samples);
            program::note(&format!("wrote {output} ({samples} samples)"));
        }
        Ok(())
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        let parts = match self.to.as_str() {
            "aum" | "data-maps" => RowParts::Logits,
            _ => RowParts::RivalLabels,
        };
        let mut needs = self.logs.needing(parts).judged_by(&self.verdict);
        needs.beside.held_out |= self.to == "cleanlab";
        Some(needs)
    }
}

/// A file of this machine's on its way to stdout, gone with this.
struct Passing(PathBuf);

impl Passing {
    fn with(suffix: &str) -> Self {
        let name = format!("aum-export-{}.{suffix}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        // It was never made where the export failed.
        let _ = fs::remove_file(&self.0);
    }
}

impl ExportArgs {
    fn settings(&self) -> ExportSettings {
        ExportSettings {
            which: self.samples.map(|samples| match samples {
                Samples::All => Which::All,
                Samples::Flagged => Which::Flagged,
                Samples::Unflagged => Which::Unflagged,
            }),
            file_prefix: self.file_prefix.clone(),
            root: self.root.clone().unwrap_or_default(),
            label_name: self.label_name.clone(),
            object_name: self.object_name.clone(),
            overwrite: self.overwrite,
        }
    }
}

/// The formats, as the help has them.
fn formats() -> String {
    let width = EXPORT_FORMATS.iter().map(|format| format.name.len()).max();
    let width = width.unwrap_or_default();
    let lines = EXPORT_FORMATS.iter().map(|format: &&ExportFormat| {
        let which = match format.which {
            Which::All => "all samples",
            Which::Flagged => "flagged samples",
            Which::Unflagged => "samples that are not flagged",
        };
        let place = match format.writes {
            Writes::File(_) => "file",
            Writes::Folder => "folder",
        };
        format!(
            "  {:width$}  {} ({place}; {which})",
            format.name, format.about
        )
    });
    let lines: Vec<String> = lines.collect();
    format!("Formats:\n{}", lines.join("\n"))
}
