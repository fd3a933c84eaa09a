//! `analyzer import`: tell the format, read it, write a log or an AUM table.

use std::path::PathBuf;

use analyzer::{
    ArrayLayout, IMPORT_FORMATS, ImportFormat, ImportSettings, Imported, format_of, import,
};
use anyhow::{anyhow, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::commands::command::{Command, Needs};
use crate::commands::way_out::with_options;

const EXAMPLES: &str = "\
Examples:
  Make a log of what the Python package aum has recorded; its threshold samples had the label 3:
    analyzer import full_aum_records.csv --threshold-label 3 -o imported

  Make an AUM table of its AUMs alone:
    analyzer import aum_values.csv -o imported.csv";

/// Make a log, or an AUM table, of what another tool has logged.
///
/// What has every epoch becomes a log in the folder of -o, with margins and, where the source has them,
/// logits; it is written out of sight and there once it is whole. What has one AUM a sample becomes an AUM
/// table in the file of -o, .csv or .parquet. The format is told from the file where it is certain.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{}\n\n{EXAMPLES}", formats()))]
pub(crate) struct ImportArgs {
    /// What to import; several are the passes 1, 2, … of one run, each with other threshold samples
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<PathBuf>,

    /// The format, where it cannot be told [possible values are described below]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true, value_parser = PossibleValuesParser::new(IMPORT_FORMATS.iter().map(|format| format.name)))]
    from: Option<String>,

    /// The folder of logs to write into, or the file of an AUM table, .csv or .parquet
    #[arg(short, long, value_name = "OUT", help_heading = "Output")]
    output: PathBuf,

    /// Replace the run, or the file, where it is there already
    #[arg(long, help_heading = "Output")]
    overwrite: bool,

    /// Leave out what is said beside the results
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,

    /// The name of the run
    #[arg(long, value_name = "NAME", default_value = "imported")]
    run: String,

    /// The label that threshold samples were trained on, the extra class; without it, the log has none
    #[arg(long, value_name = "LABEL")]
    threshold_label: Option<u32>,

    /// The labels of an .npy, an .npy of class indices or one-hot rows
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,

    /// An array holds probabilities, samples × classes × epochs, in place of logits, epochs × samples ×
    /// classes
    #[arg(long)]
    probabilities: bool,

    /// What a column of a table, or an array of an .npz (logits, labels, sample_id), is called there, such as
    /// epoch=step; give it again for others
    #[arg(long = "column", value_name = "NAME=THEIRS", value_parser = column)]
    columns: Vec<(String, String)>,
}

fn column(words: &str) -> Result<(String, String), &'static str> {
    match words.split_once('=') {
        Some((name, theirs)) if !name.is_empty() && !theirs.is_empty() => {
            Ok((name.to_owned(), theirs.to_owned()))
        }
        _ => Err("give our name and theirs, such as epoch=step"),
    }
}

impl Command for ImportArgs {
    fn run(&self) -> anyhow::Result<()> {
        let format = self.format()?;
        self.refuse_ignored(format)?;
        let settings = ImportSettings {
            run: self.run.clone(),
            threshold_label: self.threshold_label,
            labels: self.labels.clone(),
            layout: match self.probabilities {
                true => ArrayLayout::Probabilities,
                false => ArrayLayout::Logits,
            },
            columns: self.columns.iter().cloned().collect(),
            overwrite: self.overwrite,
        };
        let imported = import(&self.sources, format, &self.output, &settings)?;
        if !self.quiet {
            self.tell(format, &imported);
        }
        Ok(())
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        None
    }
}

impl ImportArgs {
    fn format(&self) -> anyhow::Result<&'static ImportFormat> {
        if let Some(name) = &self.from {
            let mut formats = IMPORT_FORMATS.iter().copied();
            let known = formats.find(|format| format.name == name);
            return Ok(known.expect("clap has checked the name"));
        }
        let mut all: Option<&ImportFormat> = None;
        for source in &self.sources {
            let path = source.display();
            if !source.exists() {
                bail!("{path}: there is no such file or folder");
            }
            let names: Vec<&str> = IMPORT_FORMATS.iter().map(|format| format.name).collect();
            let Some(format) = format_of(source) else {
                bail!(
                    "{path}: nothing tells certainly which of the formats it is of: {}; name it with --from, which for a table of your own is table (analyzer import --help describes them)",
                    names.join(", ")
                );
            };
            match all {
                Some(known) if known.name != format.name => bail!(
                    "{path}: is {}, but the source before it {}; the passes of a run are of one format, so import them apart",
                    format.name,
                    known.name
                ),
                _ => all = Some(format),
            }
        }
        all.ok_or_else(|| anyhow!("nothing to import was named"))
    }

    /// What says nothing of a format is asked of it by mistake.
    fn refuse_ignored(&self, format: &ImportFormat) -> anyhow::Result<()> {
        let is = |names: &[&str]| names.contains(&format.name);
        for (flag, is_given, is_heeded) in [
            ("--labels", self.labels.is_some(), is(&["numpy"])),
            ("--probabilities", self.probabilities, is(&["numpy"])),
            (
                "--column",
                !self.columns.is_empty(),
                is(&["numpy", "table"]),
            ),
            (
                "--threshold-label",
                self.threshold_label.is_some(),
                format.gives_log(),
            ),
        ] {
            if is_given && !is_heeded {
                bail!("{flag} says nothing of {}; leave it out", format.name);
            }
        }
        Ok(())
    }

    fn tell(&self, format: &ImportFormat, imported: &Imported) {
        if self.from.is_none() {
            program::note(&with_options(&format!(
                "took it for {}: {}",
                format.name, format.about
            )));
        }
        for note in &imported.notes {
            program::note(&with_options(note));
        }
        let output = self.output.display();
        match imported.table_rows {
            Some(rows) => program::note(&format!("wrote {output} ({rows} rows)")),
            None => program::note(&format!(
                "wrote the run {} to {output} ({} epochs); of these, other commands leave out the first unless told --epochs 1..",
                self.run,
                imported.files.len()
            )),
        }
        if format.gives_log() && self.threshold_label.is_none() {
            program::note(
                "it has no threshold samples, so there is no threshold: --threshold-label marks them by their label",
            );
        }
    }
}

/// The formats, as the help has them.
fn formats() -> String {
    let width = IMPORT_FORMATS.iter().map(|format| format.name.len()).max();
    let width = width.unwrap_or_default();
    let lines = IMPORT_FORMATS.iter().map(|format| {
        let gives = if format.gives_log() {
            "log"
        } else {
            "AUM table"
        };
        format!("  {:width$}  {} ({gives})", format.name, format.about)
    });
    let lines: Vec<String> = lines.collect();
    with_options(&format!("Formats:\n{}", lines.join("\n")))
}
