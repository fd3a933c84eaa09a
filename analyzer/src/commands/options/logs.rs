//! Which logs to read, which part of them, and the runs that they hold.

use std::path::{Path, PathBuf};

use analyzer::{
    AnalyzerError, BesideNeeds, DecidedLabels, Keep, LogNeeds, Logs, MarginSource, ReadSettings,
    Repeats, RowParts, RunLog, Selection, TableNeeds, TrueLabels, are_aum_tables, format_of,
    read_aum_tables, read_runs_as,
};
use anyhow::bail;
use clap::Args;
use logformat::MislabeledColumn;

use crate::commands::command::Needs;
use crate::commands::options::output::Sink;
use crate::commands::options::repeats::RepeatsArgs;

/// Which logs to read, and which part of them.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Log files, folders (their *.parquet files), or quoted globs such as 'logs/*.parquet'; where no
    /// curves are needed, also AUM tables (.csv, .parquet) of aum -o or of the query of sql. All of them
    /// at s3://, gs:// or az:// too, where the analyzer was built with --features object-storage
    #[arg(value_name = "LOGS", required = true)]
    pub(crate) logs: Vec<PathBuf>,

    /// Only the run of this name; give it again for several [default: all runs]
    #[arg(long = "run", value_name = "NAME")]
    runs: Vec<String>,

    /// Only the pass of this number; give it again for several [default: all passes]
    #[arg(long = "pass", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    passes: Vec<u32>,

    /// Compute the margins from the logits even where the log has a column of margins, as for a log
    /// whose margins are in doubt
    #[arg(long)]
    from_logits: bool,

    #[command(flatten)]
    repeats: RepeatsArgs,

    /// Take the true labels from this .csv, .tsv or .parquet file, with the column true_label (class indices or
    /// class names) and sample_id, or your own ids (id, or called as your column), or file and row, or the
    /// decisions that a report saved, in place of all that the logs have: those of samples that are not in it,
    /// or have none there, are then unknown
    #[arg(long, value_name = "FILE")]
    pub(crate) true_labels: Option<PathBuf>,

    /// This column of the table of --true-labels only says which labels are wrong; the value that says so is told by
    /// its words (yes, wrong, 1), or named, such as verification_label=0 [default: is_mislabeled, where there are no true
    /// labels]
    #[arg(long, value_name = "NAME[=VALUE]", requires = "true_labels")]
    mislabeled_column: Option<MislabeledColumn>,
}

impl LogArgs {
    /// The logs, for a command that needs this of them.
    pub(crate) fn needing(&mut self, parts: RowParts) -> Needs<'_> {
        Needs {
            of_logs: LogNeeds::Columns(parts.columns(self.from_logits)),
            logs: &mut self.logs,
            beside: BesideNeeds {
                sample_table: TableNeeds::Origins,
                // Held-out evidence stands among the scores.
                held_out: parts == RowParts::Logits,
            },
        }
    }

    fn margin_source(&self) -> MarginSource {
        if self.from_logits {
            MarginSource::Logits
        } else {
            MarginSource::Log
        }
    }

    fn selection(&self) -> Selection {
        Selection {
            runs: self.runs.clone(),
            passes: self.passes.clone(),
        }
    }

    /// The selected runs of the files, with the true labels that were asked for, and a warning for what
    /// is odd about the files.
    pub(crate) fn read(&self, keep: Keep, sink: &Sink<'_>) -> anyhow::Result<Logs> {
        let files = &sink.files;
        let mut logs = match files.first() {
            Some(first) if let Some(format) = format_of(first) => {
                let output = if format.gives_log() {
                    "imported"
                } else {
                    "aum.csv"
                };
                bail!(
                    "{0}: is {1} and no log; make one of it first: analyzer import {0} -o {output}",
                    first.display(),
                    format.about
                );
            }
            Some(first) if are_aum_tables(files) => {
                if self.repeats.rule() != Repeats::Refuse {
                    bail!(
                        "{}: is an AUM table, in which each epoch has been counted, so --repeats changes nothing; give it with the logs, or leave it out",
                        first.display()
                    );
                }
                self.tables(keep, files, first)?
            }
            _ => {
                let settings = ReadSettings {
                    source: self.margin_source(),
                    keep,
                    repeats: self.repeats.rule(),
                };
                read_runs_as(files, settings)?
            }
        };
        sink.warn(std::mem::take(&mut logs.warnings));
        logs.select(&self.selection())?;
        if let Some(path) = &self.true_labels {
            sink.refuse_to_replace(path)?;
            let decided = match self.mislabeled_column {
                None => DecidedLabels::read(path)?,
                Some(_) => None,
            };
            match decided {
                Some(decided) => each_run(&mut logs, |log| decided.replace_those_of(log))?,
                None => {
                    let labels = TrueLabels::read(path, self.mislabeled_column.as_ref())?;
                    each_run(&mut logs, |log| labels.replace_those_of(log))?;
                }
            }
        }
        Ok(logs)
    }

    /// AUM tables, for a command that needs no more.
    fn tables(&self, keep: Keep, files: &[PathBuf], first: &Path) -> Result<Logs, AnalyzerError> {
        let path = first.to_owned();
        match (keep, self.margin_source()) {
            (Keep::Margins, _) => Err(AnalyzerError::NoCurves { path }),
            (_, MarginSource::Logits) => Err(AnalyzerError::NoLogits { path }),
            _ => read_aum_tables(files),
        }
    }
}

fn each_run(
    logs: &mut Logs,
    replace: impl FnMut(&mut RunLog) -> Result<(), AnalyzerError>,
) -> Result<(), AnalyzerError> {
    logs.runs.iter_mut().try_for_each(replace)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::commands::{Cli, Commands};

    #[test]
    fn runs_and_passes_can_be_given_several_times() {
        let words = "analyzer aum logs --run a --run b --pass 2".split(' ');
        let Commands::Aum(args) = Cli::try_parse_from(words).unwrap().command else {
            panic!("the command is aum")
        };
        let selection = args.logs.selection();
        assert_eq!(selection.runs, ["a", "b"]);
        assert_eq!(selection.passes, [2]);
    }
}
