//! Where a command's results go: the text, JSON or CSV on stdout, the table of `-o` to its file, and
//! what is said beside them to stderr.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use analyzer::{AnalyzerError, Report, ResultTable, TableFile, TableFileError, log_files};
use clap::{ArgGroup, Args, ValueEnum};
use serde::Serialize;

use crate::commands::options::addresses::with_addresses;
use crate::commands::way_out::with_options;

/// Where the results go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
#[command(group(ArgGroup::new("written").args(["output"]).multiple(true)))]
pub(crate) struct OutputArgs {
    /// Write the table of results to this file; its suffix chooses .csv, .parquet or .json. - prints it as CSV in
    /// place of the text
    #[arg(short, long, value_name = "FILE")]
    output: Option<TablePlace>,

    /// Replace the file to write where it is there already
    #[arg(long, requires = "written")]
    pub(crate) overwrite: bool,

    /// How to print the results
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(crate) format: OutputFormat,

    /// Leave out warnings, and what is said beside the results
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// For a caller within this process, who takes the results instead of having them printed.
    #[arg(skip)]
    kept: RefCell<Option<Results>>,
}

/// The results of a command, each in the form that a caller may want.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// The table that `-o` writes.
    pub table: ResultTable,
    /// What is printed for people.
    pub text: String,
    /// What `--format json` prints.
    pub json: String,
}

impl OutputArgs {
    /// From here on, results are kept instead of printed.
    pub(crate) fn keep_results(&self) {
        self.kept.replace(Some(Results::default()));
    }

    /// The results that were kept.
    pub(crate) fn kept_results(&self) -> Option<Results> {
        self.kept.take()
    }

    /// Checks that the file of `-o` can be written, and is none of `read`.
    pub(crate) fn check(&self, read: &[PathBuf]) -> Result<(), AnalyzerError> {
        match self.file() {
            Some(table) => table.check(read, self.overwrite),
            None => Ok(()),
        }
    }

    /// The file of `-o`.
    pub(crate) fn file(&self) -> Option<&TableFile> {
        match &self.output {
            Some(TablePlace::File(file)) => Some(file),
            Some(TablePlace::Stdout) | None => None,
        }
    }

    /// Whether the table is printed, and nothing else.
    fn prints_csv(&self) -> bool {
        self.format == OutputFormat::Csv || matches!(self.output, Some(TablePlace::Stdout))
    }

    /// For a command whose results are files of another kind.
    pub(crate) fn none(quiet: bool) -> Self {
        Self {
            output: None,
            overwrite: false,
            format: OutputFormat::Table,
            quiet,
            kept: RefCell::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    Table,
    /// For programs: an array with an object per run
    Json,
    /// For spreadsheets: the table of results alone, as -o writes it
    Csv,
}

/// Where a table goes.
#[derive(Debug, Clone)]
enum TablePlace {
    Stdout,
    File(TableFile),
}

impl FromStr for TablePlace {
    type Err = TableFileError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        match is_stdout(Path::new(path)) {
            true => Ok(Self::Stdout),
            false => path.parse().map(Self::File),
        }
    }
}

/// Whether a file to write is the usual word for stdout.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Writes a result to stdout.
pub(crate) fn print(result: &[u8]) -> anyhow::Result<()> {
    Ok(program::print(result)?)
}

/// The results' way out.
pub(crate) struct Sink<'a> {
    args: &'a OutputArgs,
    /// The files that are read.
    pub(crate) files: Vec<PathBuf>,
}

impl<'a> Sink<'a> {
    /// Finds the files that `logs` mean, and checks, before any work is done, that the file of `-o` can
    /// be written.
    pub(crate) fn open(args: &'a OutputArgs, logs: &[PathBuf]) -> anyhow::Result<Self> {
        let files = log_files(logs)?;
        args.check(&files)?;
        Ok(Self { args, files })
    }

    /// Refuses to write the file of `-o` over one that is read beside the logs, such as labels of experts.
    pub(crate) fn refuse_to_replace(&self, file: &Path) -> Result<(), AnalyzerError> {
        self.args.check(&[file.to_owned()])
    }

    /// Whether the table is printed, without the notes beside it.
    pub(crate) fn prints_csv(&self) -> bool {
        self.args.prints_csv()
    }

    /// Says what makes a result doubtful, unless asked to be quiet.
    pub(crate) fn warn(&self, warnings: impl IntoIterator<Item = String>) {
        if !self.args.quiet {
            for warning in warnings {
                program::warning(&with_addresses(&with_options(&warning)));
            }
        }
    }

    /// Prints reports in the format that was asked for, and writes their main table.
    pub(crate) fn reports(&self, reports: &[Report]) -> anyhow::Result<()> {
        self.reports_beside(reports, || Report::main_table(reports))
    }

    /// Prints reports likewise, and writes a table that is too long for them.
    pub(crate) fn reports_beside(
        &self,
        reports: &[Report],
        table: impl FnOnce() -> ResultTable,
    ) -> anyhow::Result<()> {
        let reports = reports.iter().map(|report| Report {
            notes: report.notes.iter().map(|note| with_options(note)).collect(),
            ..report.clone()
        });
        let reports: Vec<Report> = reports.collect();
        let text = || {
            let texts: Vec<String> = reports.iter().map(Report::render).collect();
            texts.join("\n")
        };
        self.results(text, &reports, table)
    }

    /// Prints results in the format that was asked for, and writes the table.
    pub(crate) fn results(
        &self,
        text: impl FnOnce() -> String,
        json: impl Serialize,
        table: impl FnOnce() -> ResultTable,
    ) -> anyhow::Result<()> {
        if let Some(kept) = &mut *self.args.kept.borrow_mut() {
            *kept = Results {
                table: table(),
                text: text(),
                json: serde_json::to_string(&json)?,
            };
            return Ok(());
        }
        let (file, prints_csv) = (self.args.file(), self.args.prints_csv());
        let table = (prints_csv || file.is_some()).then(table);
        if let (Some(file), Some(table)) = (file, &table) {
            self.write_to(file, table)?;
        }
        let mut printed = match (self.args.format, &table) {
            (_, Some(table)) if prints_csv => table.to_csv()?,
            (OutputFormat::Json, _) => serde_json::to_string_pretty(&json)?.into_bytes(),
            _ => text().into_bytes(),
        };
        if !printed.ends_with(b"\n") {
            printed.push(b'\n');
        }
        print(&printed)
    }

    /// Writes a table to a file of its own, and says so.
    pub(crate) fn write_to(&self, file: &TableFile, table: &ResultTable) -> anyhow::Result<()> {
        file.write(table, self.args.overwrite)?;
        let path = file.path().display();
        if file.lies_among(&self.files) {
            self.warn([format!(
                "{path}: lies among the logs, where the next look at the whole folder will refuse it; keep tables elsewhere"
            )]);
        }
        if !self.args.quiet {
            program::note(&format!("wrote {path} ({} rows)", table.len()));
        }
        Ok(())
    }
}
